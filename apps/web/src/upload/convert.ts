/** Makes a JPEG that the contract takes of a photo that is too large or HEIC; runs in a Worker. */
import { decodeJpeg } from '@gen3d/image/decode-jpeg'
import { decodePng } from '@gen3d/image/decode-png'
import { decodeWebp } from '@gen3d/image/decode-webp'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { type ImageHead, readHead } from '@gen3d/image/head'
import { fitWithin, resizeImage } from '@gen3d/image/resize'
import { turnImage } from '@gen3d/image/turn'
import type { Image } from '@gen3d/image/types'
import { MAX_PIXELS, MAX_SIDE, MAX_UPLOAD_BYTES } from '@gen3d/shared/limits'
import { decodeHeic, isHeic } from './heic.ts'

/** Of JPEG, 1-100: one step of loss that nobody sees. */
const QUALITY = 92
/** Per round, where the file is still too long. */
const SHRINK = 0.8

const DECODERS: Record<ImageHead['format'], (bytes: Uint8Array, head: ImageHead) => Image | Promise<Image>> =
  {
    jpeg: decodeJpeg,
    png: decodePng,
    webp: decodeWebp,
  }

/** The largest size with these proportions that the contract takes, pixels. */
export function sizeWithin(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, Math.sqrt(MAX_PIXELS / (width * height)), MAX_SIDE / Math.max(width, height))
  // Rounding both sides up could be one row too many.
  return scale === 1
    ? { width, height }
    : fitWithin(width, height, Math.floor(Math.max(width, height) * scale))
}

/** JPEG has no transparency: what is behind a picture on a page is white. */
function flatten({ width, height, data }: Image): Image {
  const flat = new Uint8ClampedArray(data.length)
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] / 255
    for (let c = 0; c < 3; c++) flat[at + c] = data[at + c] * alpha + 255 * (1 - alpha)
    flat[at + 3] = 255
  }
  return { width, height, data: flat }
}

async function decodeUpright(bytes: Uint8Array): Promise<Image> {
  if (isHeic(bytes)) return decodeHeic(bytes)
  const head = readHead(bytes, { complete: true })
  return turnImage(await DECODERS[head.format](bytes, head), head.orientation)
}

export interface Converted {
  /** Upright JPEG. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Of the upright photo before, pixels. */
  readonly width: number
  readonly height: number
}

/** Throws ImageError for what is no readable picture. */
export async function convertPhoto(bytes: Uint8Array): Promise<Converted> {
  const upright = await decodeUpright(bytes)
  let { width, height } = sizeWithin(upright.width, upright.height)
  const flat = flatten(upright)
  for (;;) {
    const small = encodeJpeg(resizeImage(flat, width, height), QUALITY)
    if (small.length <= MAX_UPLOAD_BYTES)
      return { bytes: small, width: upright.width, height: upright.height }
    width = Math.round(width * SHRINK)
    height = Math.round(height * SHRINK)
  }
}
