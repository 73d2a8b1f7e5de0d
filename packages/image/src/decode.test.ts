import { zlibSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { EXPECTED, FIXTURE_NAMES, readFixture } from '../test-fixtures/fixtures.ts'
import { pngFile } from '../test-fixtures/png-file.ts'
import { decodeImage } from './decode.ts'
import { ImageError } from './errors.ts'
import { crc32 } from './png-chunks.ts'
import { inflate } from './png-inflate.ts'
import type { Image } from './types.ts'

const ONE_PIXEL = { width: 1, height: 1, colorType: 0, rows: Uint8Array.of(0, 0) }

describe('decodeImage', () => {
  test.each(EXPECTED)('reads $name with the pixels that other decoders read', async (expected) => {
    const image = await decodeImage(readFixture(expected.name))

    expect([image.width, image.height]).toEqual([expected.width, expected.height])
    expect(image.data.length).toBe(4 * image.width * image.height)
    expect(crc32(Uint8Array.from(image.data), 0, image.data.length)).toBe(expected.crc32)
  })

  test('shows a red disc, a white notch and a dark corner where the fixture has them', async () => {
    const image = await decodeImage(readFixture('interlaced.png'))

    expect(pixel(image, 15, 14)).toEqual([205, 40, 30, 255])
    expect(pixel(image, 15, 4)).toEqual([250, 250, 250, 255])
    expect(pixel(image, 0, 0)).toEqual([0, 0, 0, 255])
  })

  test('keeps a 16-bit ramp a ramp', async () => {
    const { data } = await decodeImage(readFixture('gray16.png'))
    const grays = data.filter((_, i) => i % 4 === 0)

    expect(grays.every((gray, i) => i === 0 || gray >= grays[i - 1])).toBe(true)
    expect(new Set(grays).size).toBe(256)
  })

  test('reads a CMYK JPEG with about the right colours', async () => {
    const [red, green, blue] = pixel(await decodeImage(readFixture('cmyk.jpg')), 15, 14)

    expect(Math.abs(red - 205) + Math.abs(green - 40) + Math.abs(blue - 30)).toBeLessThan(30)
  })

  test('does not look at bytes beside its view', async () => {
    const file = readFixture('baseline-420.jpg')
    const padded = new Uint8Array(file.length + 14).fill(7)
    padded.set(file, 7)

    expect(await decodeImage(padded.subarray(7, 7 + file.length))).toEqual(await decodeImage(file))
  })

  test('takes a JPEG with stray bytes behind its only scan, as cameras write them', async () => {
    const file = readFixture('baseline-420.jpg')
    const stray = Uint8Array.from([...file.subarray(0, -2), 0, 0, 0, 0, 0xff, 0xd9])

    expect(await decodeImage(stray)).toEqual(await decodeImage(file))
  })

  test('takes a JPEG and a PNG with more data behind their end', async () => {
    for (const name of ['baseline-420.jpg', 'rgb16.png']) {
      const file = readFixture(name)
      expect(await decodeImage(Uint8Array.from([...file, 1, 2, 3]))).toEqual(await decodeImage(file))
    }
  })
})

describe('decodeImage refuses', () => {
  test.each([
    ['an empty file', new Uint8Array(0), 'empty_file'],
    ['text', new TextEncoder().encode('this is not a picture'), 'not_an_image'],
    ['a GIF', readFixture('animated.gif'), 'unsupported_format'],
    ['an animated WebP', readFixture('animated.webp'), 'animated'],
    ['an animated PNG', readFixture('animated.png'), 'animated'],
    ['a JPEG with lossless coding', jpegWithFrame(0xc3), 'unsupported_variant'],
    ['a JPEG with arithmetic coding', jpegWithFrame(0xc9), 'unsupported_variant'],
    ['a palette PNG without palette', pngFile({ ...ONE_PIXEL, colorType: 3 }), 'damaged'],
    ['a PNG with an unknown filter', pngFile({ ...ONE_PIXEL, rows: Uint8Array.of(9, 0) }), 'damaged'],
    ['a PNG with too few rows', pngFile({ ...ONE_PIXEL, height: 2 }), 'damaged'],
  ] as const)('%s', async (_, bytes, code) => {
    await expect(decodeImage(bytes)).rejects.toMatchObject({ name: 'ImageError', code })
  })

  test('a JPEG whose second half is missing, even when its end was put back', async () => {
    for (const name of ['baseline-420.jpg', 'progressive.jpg', 'baseline-444-restarts.jpg']) {
      const half = readFixture(name).subarray(0, -200)
      await expect(decodeImage(half)).rejects.toMatchObject({ code: 'damaged' })
      const closed = Uint8Array.from([...half, 0xff, 0xd9])
      await expect(decodeImage(closed)).rejects.toMatchObject({ code: 'damaged' })
    }
  })

  test('a PNG of 400 megapixels by its head', async () => {
    const bomb = pngFile({ ...ONE_PIXEL, width: 20_000, height: 20_000 })

    await expect(decodeImage(bomb)).rejects.toMatchObject({ code: 'too_large', message: /8192/ })
  })

  test('a file that is cut, wherever it is cut', { timeout: 60_000 }, async () => {
    for (const { name } of EXPECTED) {
      const file = readFixture(name)
      for (let length = 1; length < file.length - 1; length += 1 + (length >> 6)) {
        const cut = await decodeImage(file.subarray(0, length)).catch((error: unknown) => error)
        expect(cut, `${name} cut at ${length}`).toBeInstanceOf(ImageError)
      }
    }
  })
})

test('a damaged file gives a picture or an ImageError, never anything else', {
  timeout: 60_000,
}, async () => {
  const random = seededRandom(1)
  const names = FIXTURE_NAMES
  for (let i = 0; i < 600; i++) {
    const name = names[i % names.length]
    const bytes = readFixture(name)
    for (let n = 1 + random(8); n > 0; n--) bytes[random(bytes.length)] = random(256)
    const result = await decodeImage(bytes).catch((error: unknown) => error)
    if (!(result instanceof ImageError)) expect(result, name).toHaveProperty('data')
  }
})

test('inflating stops soon after a picture has its pixels, however much a bomb holds', () => {
  const bomb = zlibSync(new Uint8Array(30_000_000), { level: 1 })
  let inflated = 0

  inflate([bomb], (bytes) => {
    inflated += bytes.length
    return true
  })

  expect(inflated).toBeLessThan(17_000_000)
})

function pixel(image: Image, x: number, y: number): number[] {
  return [...image.data.subarray(4 * (y * image.width + x), 4 * (y * image.width + x) + 4)]
}

function jpegWithFrame(marker: number): Uint8Array {
  const bytes = readFixture('baseline-420.jpg')
  const frame = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0)
  bytes[frame + 1] = marker
  return bytes
}

function seededRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
