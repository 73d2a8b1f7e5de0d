import { decodeImage } from '@gen3d/image/decode'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { encodePng } from '@gen3d/image/encode-png'
import { MAX_PIXELS, MAX_SIDE } from '@gen3d/shared/limits'
import { describe, expect, it } from 'vitest'
import { convertPhoto, sizeWithin } from './convert.ts'
import { whyConvert } from './prepare-photo.ts'

/** Red above, transparent below. */
function picture(width: number, height: number) {
  const data = new Uint8ClampedArray(4 * width * height)
  for (let at = 0; at < data.length / 2; at += 4) data.set([200, 30, 30, 255], at)
  return { width, height, data }
}

describe('a photo that is too large', () => {
  it.each([
    [10_000, 7500],
    [9000, 100],
    [100, 65_000],
    [8192, 8192],
  ])('%i x %i becomes as large as the contract takes, with its proportions', (width, height) => {
    const small = sizeWithin(width, height)
    expect(Math.max(small.width, small.height)).toBeLessThanOrEqual(MAX_SIDE)
    expect(small.width * small.height).toBeLessThanOrEqual(MAX_PIXELS)
    // To the pixel: a thin picture has few of them.
    expect(Math.abs((small.width * height) / width - small.height)).toBeLessThanOrEqual(height / width + 1)
  })

  it('becomes a JPEG of the same scene, on white where it was transparent', async () => {
    const small = await decodeImage((await convertPhoto(encodePng(picture(9000, 40)))).bytes)
    expect(small.width).toBe(MAX_SIDE)
    expect([...small.data.subarray(0, 3)].map((v) => Math.round(v / 20))).toEqual([10, 2, 2])
    expect(small.data.at(-2)).toBeGreaterThan(250)
  })

  it('is known before it is decoded; what fits is left alone, what is no picture is not touched', () => {
    expect(whyConvert(encodeJpeg(picture(9000, 16), 80))).toBe('large')
    expect(whyConvert(encodeJpeg(picture(64, 64), 80))).toBeNull()
    expect(whyConvert(new TextEncoder().encode('no picture'))).toBeNull()
  })
})
