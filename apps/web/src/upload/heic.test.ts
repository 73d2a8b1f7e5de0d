import { decodeImage } from '@gen3d/image/decode'
import { describe, expect, it } from 'vitest'
import { QUARTERS_HEIC } from '../../../../tests/fixtures/heic.ts'
import { convertPhoto } from './convert.ts'
import { isHeic } from './heic.ts'
import { whyConvert } from './prepare-photo.ts'

describe('a HEIC photo', () => {
  it('is known by its content and converted', () => {
    expect(isHeic(QUARTERS_HEIC)).toBe(true)
    expect(whyConvert(QUARTERS_HEIC)).toBe('heic')
    expect(isHeic(new TextEncoder().encode('not one'))).toBe(false)
  })

  it('becomes a JPEG with its size and colours', async () => {
    const { bytes, width, height } = await convertPhoto(QUARTERS_HEIC)
    expect([width, height]).toEqual([96, 64])
    const { data } = await decodeImage(bytes)
    const at = (x: number, y: number) => [...data.subarray(4 * (y * 96 + x), 4 * (y * 96 + x) + 3)]
    const near = (wanted: number[]) => wanted.map((value) => expect.closeTo(value, -1.3))
    expect(at(24, 16)).toEqual(near([220, 40, 40]))
    expect(at(24, 48)).toEqual(near([40, 40, 220]))
    expect(at(72, 16)).toEqual(near([40, 200, 40]))
    expect(at(72, 48)).toEqual(near([230, 230, 230]))
  })

  it('that is damaged is refused with a sentence', async () => {
    await expect(convertPhoto(QUARTERS_HEIC.slice(0, 300))).rejects.toThrow(/damaged/)
  })
})
