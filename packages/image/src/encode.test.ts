import { describe, expect, test } from 'vitest'
import { readFixture } from '../test-fixtures/fixtures.ts'
import { decodeImage } from './decode.ts'
import { encodeJpeg } from './encode-jpeg.ts'
import { encodePng } from './encode-png.ts'
import { crc32 } from './png-chunks.ts'
import type { Image } from './types.ts'

describe('encodePng', () => {
  test.each(['interlaced.png', 'rgba16.png', 'lossless-alpha.webp'])(
    'writes the pixels of %s without loss',
    async (name) => {
      const image = await decodeImage(readFixture(name))

      expect(await decodeImage(encodePng(image))).toEqual(image)
    },
  )

  test('writes these very bytes, on every machine', async () => {
    const bytes = encodePng(await decodeImage(readFixture('rgba16.png')))

    expect({ length: bytes.length, crc32: crc32(bytes, 0, bytes.length) }).toMatchInlineSnapshot(`
      {
        "crc32": 877715847,
        "length": 460,
      }
    `)
  })
})

describe('encodeJpeg', () => {
  test.each([
    [30, 26],
    [75, 29],
    [89, 30],
    [90, 36],
    [100, 45],
  ])('at quality %i stays within a PSNR of %i dB', async (quality, decibels) => {
    const image = await decodeImage(readFixture('lossy.webp'))
    const back = await decodeImage(encodeJpeg(image, quality))

    expect([back.width, back.height]).toEqual([image.width, image.height])
    expect(psnr(image, back)).toBeGreaterThan(decibels)
  })

  test('writes these very bytes, on every machine', async () => {
    const bytes = encodeJpeg(await decodeImage(readFixture('interlaced.png')), 80)

    expect({ length: bytes.length, crc32: crc32(bytes, 0, bytes.length) }).toMatchInlineSnapshot(`
      {
        "crc32": 1573792627,
        "length": 941,
      }
    `)
  })

  test('writes a picture of one pixel', async () => {
    const image = { width: 1, height: 1, data: Uint8ClampedArray.of(200, 30, 30, 255) }
    const [red, green, blue] = (await decodeImage(encodeJpeg(image, 95))).data

    expect(Math.abs(red - 200) + Math.abs(green - 30) + Math.abs(blue - 30)).toBeLessThan(12)
  })

  test.each([0, 101, Number.NaN])('refuses quality %d', (quality) => {
    const image = { width: 1, height: 1, data: new Uint8ClampedArray(4) }

    expect(() => encodeJpeg(image, quality)).toThrow(RangeError)
  })
})

function psnr(a: Image, b: Image): number {
  let sum = 0
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i] - b.data[i]) ** 2
  return 10 * Math.log10(255 ** 2 / (sum / (3 * a.width * a.height)))
}
