/** Photos at the edges of what an engine takes, and beyond, all made here. */
import { deflateSync } from 'node:zlib'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { crc32 } from '@gen3d/image/png-chunks'
import { MAX_PIXELS, MAX_SIDE, MAX_UPLOAD_BYTES } from '@gen3d/shared/limits'
import type { JobOptions } from './bucket.contract.ts'

/** 39.99 megapixels, of the 40 that are taken. */
export const HUGE = { width: 7744, height: 5164 }
const HUGE_QUALITY = 88
const GRAIN = 88
/** What is promised of it: nearly the longest upload, and not more. */
const NEARLY = 0.85
const HIDDEN_BYTES = 128 * 1024 * 1024

let huge: { readonly photo: Uint8Array; readonly mask: Uint8Array } | undefined

/** A grainy photo of nearly the most pixels and bytes that an upload may have, and a mask of its size. */
export function hugeJob(): JobOptions {
  huge ??= drawHuge()
  return { photo: huge.photo, masks: [{ name: 'huge', png: huge.mask }] }
}

function drawHuge(): NonNullable<typeof huge> {
  const { width, height } = HUGE
  const data = new Uint8ClampedArray(4 * width * height).fill(255)
  const mask = new Uint8Array(width * height)
  let noise = 1
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0
      const grain = ((noise >>> 24) * GRAIN) / 256
      const inside = Math.hypot(x - width / 2, y - height / 2) < height / 3
      mask[at] = inside ? 1 : 0
      data[4 * at] = grain + (inside ? 130 : 40)
      data[4 * at + 1] = grain + (y * 100) / height
      data[4 * at + 2] = grain + (x * 100) / width
    }
  }
  const photo = encodeJpeg({ width, height, data }, HUGE_QUALITY)
  const part = photo.length / MAX_UPLOAD_BYTES
  if (part > 1 || part < NEARLY) throw new Error(`the huge photo has ${photo.length} bytes`)
  if ((width * height) / MAX_PIXELS < 0.99) throw new Error('the huge photo has too few pixels')
  return { photo, mask: writeMaskPng({ ...HUGE, data: mask }) }
}

/** Photos that would break a reader which trusts them: what they claim, what they hide, what they lack. */
export const POISONED: Readonly<Record<string, () => Uint8Array>> = {
  'claims 10 gigapixels in 60 bytes': () => png(100_000, 100_000, new Uint8Array(0)),
  'has one row more than may be': () => png(8000, MAX_PIXELS / 8000 + 1, deflateSync(new Uint8Array(9))),
  'has one column more than may be': () =>
    png(MAX_SIDE + 1, 1, deflateSync(new Uint8Array(3 * (MAX_SIDE + 1) + 1))),
  'ends in the midst of its pixels': () => {
    const whole = png(64, 64, deflateSync(new Uint8Array(64 * (3 * 64 + 1)), { level: 0 }))
    return whole.subarray(0, whole.length / 2)
  },
  'has a head and nothing behind it': () => Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16),
}

/** 8 x 8 pixels, and 128 MB more behind them in 130 kB: a good photo to whoever reads only the pixels. */
export function photoThatHidesMore(): Uint8Array {
  return png(8, 8, deflateSync(new Uint8Array(HIDDEN_BYTES)))
}

/** An RGB PNG of 8 bits around whatever its pixels are said to be. */
function png(width: number, height: number, pixels: Uint8Array): Uint8Array {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  return new Uint8Array(
    Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', new Uint8Array(0))]),
  )
}

function chunk(type: string, body: Uint8Array): Buffer {
  const whole = Buffer.alloc(12 + body.length)
  whole.writeUInt32BE(body.length, 0)
  whole.write(type, 4, 'latin1')
  whole.set(body, 8)
  whole.writeUInt32BE(crc32(whole, 4, 8 + body.length), 8 + body.length)
  return whole
}
