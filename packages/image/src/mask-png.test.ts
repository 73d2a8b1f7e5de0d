import { describe, expect, test } from 'vitest'
import { readFixture } from '../test-fixtures/fixtures.ts'
import { pngFile } from '../test-fixtures/png-file.ts'
import { readMaskPng, writeMaskPng } from './mask-png.ts'
import { crc32 } from './png-chunks.ts'
import type { Mask } from './types.ts'

describe('readMaskPng', () => {
  test.each([
    [
      '8-bit gray by its threshold',
      { width: 3, height: 1, colorType: 0, rows: [0, 127, 128, 255] },
      [0, 1, 1],
    ],
    ['1-bit gray', { width: 3, height: 1, colorType: 0, bitDepth: 1, rows: [0, 0b01100000] }, [0, 1, 1]],
    [
      'RGB by its lightness',
      { width: 2, height: 1, colorType: 2, rows: [0, 255, 0, 0, 250, 250, 250] },
      [0, 1],
    ],
    [
      'RGBA that is opaque',
      { width: 2, height: 1, colorType: 6, rows: [0, 0, 0, 0, 255, 255, 255, 255, 255] },
      [0, 1],
    ],
    ['a white stroke on nothing', { width: 2, height: 1, colorType: 4, rows: [0, 0, 0, 255, 255] }, [0, 1]],
    ['a black stroke on nothing', { width: 2, height: 1, colorType: 4, rows: [0, 0, 0, 0, 255] }, [0, 1]],
    [
      'one gray with alpha',
      { width: 3, height: 1, colorType: 4, rows: [0, 9, 0, 9, 127, 9, 128] },
      [0, 0, 1],
    ],
    [
      'black and white with transparent parts',
      { width: 3, height: 1, colorType: 4, rows: [0, 0, 255, 255, 255, 255, 0] },
      [0, 1, 0],
    ],
    ['nothing visible', { width: 2, height: 1, colorType: 4, rows: [0, 255, 0, 255, 0] }, [0, 0]],
  ])('reads %s', (_, png, expected) => {
    const mask = readMaskPng(pngFile({ ...png, rows: Uint8Array.from(png.rows) }))

    expect([...mask.data]).toEqual(expected)
  })

  test('reads a palette by the lightness of its colours', () => {
    const extra = [['PLTE', Uint8Array.of(255, 255, 255, 10, 10, 10)]] as const
    const mask = readMaskPng(
      pngFile({ width: 2, height: 1, colorType: 3, rows: Uint8Array.of(0, 0, 1), extra }),
    )

    expect([...mask.data]).toEqual([1, 0])
  })

  test.each([
    ['a JPEG', readFixture('gray.jpg'), 'unsupported_format'],
    ['nothing', new Uint8Array(0), 'empty_file'],
    ['a cut file', readFixture('gray16.png').subarray(0, 900), 'damaged'],
    ['a beginning', readFixture('gray16.png').subarray(0, 20), 'damaged'],
    [
      'a bomb',
      pngFile({ width: 20_000, height: 20_000, colorType: 0, rows: new Uint8Array(1) }),
      'too_large',
    ],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => readMaskPng(bytes)).toThrowError(expect.objectContaining({ name: 'ImageError', code }))
  })
})

describe('writeMaskPng', () => {
  test('is read back as it was', () => {
    const mask = disc(61, 40)

    expect(readMaskPng(writeMaskPng(mask))).toEqual(mask)
  })

  test('writes these very bytes, on every machine', () => {
    const bytes = writeMaskPng(disc(61, 40))

    expect({ length: bytes.length, crc32: crc32(bytes, 0, bytes.length) }).toMatchInlineSnapshot(`
      {
        "crc32": 1681309164,
        "length": 165,
      }
    `)
  })

  test('writes 0 and 255 in 8-bit gray', () => {
    const bytes = writeMaskPng({ width: 2, height: 1, data: Uint8Array.of(0, 1) })

    expect([...bytes.subarray(24, 26)]).toEqual([8, 0])
  })
})

function disc(width: number, height: number): Mask {
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) - width / 2, Math.floor(i / width) - height / 2]
    return x * x + y * y < 200 ? 1 : 0
  })
  return { width, height, data }
}
