import type { ResultFile } from '@gen3d/shared/api'
import { describe, expect, it } from 'vitest'
import { fileName, posterOf, shownFile } from './files.ts'

const file = (format: ResultFile['format']): ResultFile => ({
  format,
  kind: 'splat',
  size_bytes: 1,
  frame: 'y_down',
  unit: 'metre',
  url: 'http://x/',
})

describe('result files', () => {
  it('shows the smallest splat that the viewer reads', () => {
    expect(shownFile([file('ply'), file('spz'), file('compressed_ply')], 'splat')?.format).toBe(
      'compressed_ply',
    )
    expect(shownFile([file('spz')], 'splat')).toBeNull()
  })

  it('has a poster: the scene’s, or the first object’s that has one', () => {
    const png = (url: string) => ({ ...file('png'), url })
    const object = (...files: ResultFile[]) => ({
      name: 'x',
      bounds: { min: [0, 0, 0], max: [1, 1, 1] },
      files,
    })
    const objects = [object(file('glb')), object(file('ply'), png('second'))]
    expect(posterOf({ objects, scene: null })).toBe('second')
    expect(posterOf({ objects, scene: { files: [png('scene')] } })).toBe('scene')
    expect(posterOf({ objects: [object(file('glb'))], scene: null })).toBeNull()
  })

  it.each([
    ['Red chair', 'glb', 'Red-chair.glb'],
    ['../../etc/passwd', 'ply', 'etcpasswd.ply'],
    ['Stühlchen №1', 'obj', 'Stühlchen-No1.obj.zip'],
    ['***', 'stl', 'object.stl'],
  ] as const)('names the download of %s', (object, format, name) => {
    expect(fileName(object, format)).toBe(name)
  })
})
