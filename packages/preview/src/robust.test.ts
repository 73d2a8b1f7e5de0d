/** Photos and masks that nobody would choose: a valid result, read by others, or a typed error, in bounded time. */
import { encodePng } from '@gen3d/image/encode-png'
import { writeMaskPng } from '@gen3d/image/mask-png'
import type { FileFormat } from '@gen3d/shared/formats'
import { describe, expect, it } from 'vitest'
import { createPreviewEngine, PREVIEW_FORMATS } from './engine.ts'
import { MESH_READERS, SPLAT_READERS } from './write/foreign-readers.fixture.ts'

const BOUND_MS = 20_000
const SIZES = [
  [1, 1],
  [1, 8192],
  [8192, 24],
] as const
type Inside = (x: number, y: number, width: number, height: number) => boolean
const MASKS: Readonly<Record<string, Inside>> = {
  full: () => true,
  'one pixel': (x, y, width, height) => x === width >> 1 && y === height >> 1,
  checkerboard: (x, y) => ((x + y) & 1) === 0,
  'both ends': (x, y, width, height) => (x === 0 && y === 0) || (x === width - 1 && y === height - 1),
}

function reconstruct(width: number, height: number, inside: Inside) {
  const data = new Uint8ClampedArray(width * height * 4)
  const mask = new Uint8Array(width * height)
  for (let i = 0; i < mask.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    data.set([x & 255, y & 255, 128, 255], 4 * i)
    mask[i] = inside(x, y, width, height) ? 1 : 0
  }
  return createPreviewEngine().reconstruct(
    {
      photo: encodePng({ width, height, data }),
      masks: [{ name: 'thing', png: writeMaskPng({ width, height, data: mask }) }],
      options: {
        formats: PREVIEW_FORMATS,
        quality: 'draft',
        seed: 1,
        textureSize: 128,
        targetTriangles: 3000,
      },
    },
    { progress: async () => {} },
  )
}

const finite = (values: Float64Array): boolean => values.length > 0 && values.every(Number.isFinite)

describe('a reconstruction', () => {
  for (const [width, height] of SIZES) {
    for (const [name, inside] of Object.entries(MASKS)) {
      it(`is finite in every file: ${width} x ${height} pixels, mask ${name}`, async () => {
        const begin = performance.now()
        const { objects } = await reconstruct(width, height, inside)
        expect(performance.now() - begin).toBeLessThan(BOUND_MS)
        const bytesOf = (format: FileFormat): Uint8Array => {
          const file = objects[0].files.find((one) => one.format === format)
          if (!file) throw new Error(`no ${format}`)
          return file.bytes
        }
        for (const [format, read] of Object.entries(MESH_READERS))
          expect([format, finite((await read(bytesOf(format as FileFormat))).corners)]).toEqual([
            format,
            true,
          ])
        for (const [format, read] of Object.entries(SPLAT_READERS)) {
          const splat = read(bytesOf(format as FileFormat))
          expect([format, finite(splat.centres) && finite(splat.covariances)]).toEqual([format, true])
        }
      })
    }

    it(`says what is wrong with an empty mask of ${width} x ${height} pixels`, async () => {
      await expect(reconstruct(width, height, () => false)).rejects.toMatchObject({ code: 'mask_empty' })
    })
  }
})
