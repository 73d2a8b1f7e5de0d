import { describe, expect, test } from 'vitest'
import { EXPECTED, FIXTURE_NAMES, readFixture } from '../test-fixtures/fixtures.ts'
import { pngFile } from '../test-fixtures/png-file.ts'
import { ImageError } from './errors.ts'
import { checkLimits, type ImageHead, readHead } from './head.ts'

describe('readHead', () => {
  test('tells format, stored and upright size, and orientation', () => {
    expect(readHead(readFixture('exif-6.jpg'))).toEqual({
      format: 'jpeg',
      contentType: 'image/jpeg',
      width: 45,
      height: 29,
      orientation: 6,
      turnedWidth: 29,
      turnedHeight: 45,
      animated: false,
      bitDepth: 8,
    })
    expect(readHead(readFixture('rgba16.png'))).toMatchObject({
      format: 'png',
      bitDepth: 16,
      width: 45,
      height: 29,
    })
    expect(readHead(readFixture('lossless-alpha.webp'))).toMatchObject({
      format: 'webp',
      width: 45,
      height: 29,
    })
    expect(readHead(readFixture('exif-6.webp'))).toMatchObject({
      orientation: 6,
      turnedWidth: 29,
      turnedHeight: 45,
    })
  })

  test.each(EXPECTED)('gives $name its upright size', ({ name, width, height }) => {
    expect(readHead(readFixture(name), { complete: true })).toMatchObject({
      turnedWidth: width,
      turnedHeight: height,
    })
  })

  test('gives one answer for any beginning of a file, or asks for more', () => {
    for (const name of FIXTURE_NAMES.filter((name) => !name.endsWith('.gif'))) {
      const file = readFixture(name)
      const whole = readHead(file, { complete: true })
      for (let length = 1; length < file.length; length++) {
        const head = attempt(() => readHead(file.subarray(0, length)))
        if (!(head instanceof ImageError)) expect(head, `${name} of ${length} bytes`).toEqual(whole)
        else {
          expect(head.code, `${name} of ${length} bytes`).toBe('needs_more_bytes')
          expect(head.neededBytes).toBeGreaterThan(length)
          expect(head.neededBytes).toBeLessThanOrEqual(file.length)
        }
      }
    }
  })

  test('a loop that fetches what is asked for ends with the answer', () => {
    const file = readFixture('exif-6.webp')
    let length = 1
    for (let round = 0; round < 20; round++) {
      const head = attempt(() => readHead(file.subarray(0, length)))
      if (!(head instanceof ImageError)) return expect(head.orientation).toBe(6)
      length = head.neededBytes ?? 0
    }
    expect.unreachable()
  })

  test('calls a whole file damaged where a beginning would need more', () => {
    const cut = readFixture('exif-6.jpg').subarray(0, 60)

    expect(() => readHead(cut)).toThrowError(expect.objectContaining({ code: 'needs_more_bytes' }))
    expect(() => readHead(cut, { complete: true })).toThrowError(expect.objectContaining({ code: 'damaged' }))
  })

  test.each([
    ['GIF89a', 'GIF'],
    ['\0\0\0\x18ftypheic', 'HEIC'],
    ['\0\0\0\x18ftypavif', 'AVIF'],
    ['<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', 'SVG'],
    ['BM', 'BMP'],
    ['%PDF-1.7', 'PDF'],
  ])('names what it does not take: %j is a %s', (start, name) => {
    const bytes = Uint8Array.from([...start].map((char) => char.charCodeAt(0)))

    expect(() => readHead(bytes)).toThrowError(
      expect.objectContaining({ code: 'unsupported_format', message: expect.stringContaining(name) }),
    )
  })

  test('says that an animated picture is animated before its frames are there', () => {
    expect(readHead(readFixture('animated.webp').subarray(0, 40)).animated).toBe(true)
    expect(readHead(readFixture('animated.png')).animated).toBe(true)
  })

  test('reads an orientation that stands in a PNG, and takes a broken one as upright', () => {
    const png = (exif: number[]) =>
      pngFile({
        width: 1,
        height: 1,
        colorType: 0,
        rows: Uint8Array.of(0, 0),
        extra: [['eXIf', Uint8Array.from(exif)]],
      })
    const little = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]
    const big = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0]

    expect(readHead(png(little)).orientation).toBe(8)
    expect(readHead(png(big)).orientation).toBe(3)
    expect(readHead(png(little.with(18, 9))).orientation).toBe(1)
    expect(readHead(png(little.with(4, 200))).orientation).toBe(1)
    expect(readHead(png(little.slice(0, 12))).orientation).toBe(1)
    expect(readHead(png([])).orientation).toBe(1)
  })
})

describe('checkLimits', () => {
  const head: ImageHead = {
    ...readHead(readFixture('baseline-420.jpg')),
  }

  test('takes 8192 pixels a side and 40 megapixels', () => {
    expect(() => checkLimits({ ...head, width: 8192, height: 1 })).not.toThrow()
    expect(() => checkLimits({ ...head, width: 8000, height: 5000 })).not.toThrow()
  })

  test.each([
    [8193, 1, '8192'],
    [1, 12_000, '8192'],
    [8000, 5001, '40 megapixels'],
  ])('refuses %i x %i pixels and names the limit', (width, height, limit) => {
    expect(() => checkLimits({ ...head, width, height })).toThrowError(
      expect.objectContaining({ code: 'too_large', message: expect.stringContaining(limit) }),
    )
  })
})

function attempt(read: () => ImageHead): ImageHead | ImageError {
  try {
    return read()
  } catch (error) {
    if (error instanceof ImageError) return error
    throw error
  }
}
