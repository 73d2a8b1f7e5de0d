import type { ResultFile } from '@gen3d/shared/api'
import { describe, expect, it } from 'vitest'
import { fileName, shownFile } from './files.ts'

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

  it.each([
    ['Red chair', 'glb', 'Red-chair.glb'],
    ['../../etc/passwd', 'ply', 'etcpasswd.ply'],
    ['Stühlchen №1', 'obj', 'Stühlchen-No1.obj.zip'],
    ['***', 'stl', 'object.stl'],
  ] as const)('names the download of %s', (object, format, name) => {
    expect(fileName(object, format)).toBe(name)
  })
})
