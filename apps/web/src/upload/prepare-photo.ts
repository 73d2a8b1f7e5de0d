/** From a file to bytes that can be sent: untouched where the contract takes them, else converted once. */
import { ImageError } from '@gen3d/image/errors'
import { checkLimits, readHead } from '@gen3d/image/head'
import { MAX_UPLOAD_BYTES } from '@gen3d/shared/limits'
import { strings } from '../strings.ts'
import { type CheckedPhoto, checkPhoto } from './check-photo.ts'
import type { Converted } from './convert.ts'
import type { ConvertAnswer } from './convert-worker.ts'
import { isHeic } from './heic.ts'
import { PhotoRefused } from './photo-refused.ts'

/** Four bytes a pixel, several times over while it is converted: more than that a phone does not have. */
const MAX_CONVERTIBLE_PIXELS = 120_000_000
const MAX_CONVERTIBLE_BYTES = 100 * 1024 * 1024

/** Why a photo cannot be sent as it is, though it can be made into one that can; null: it can, or it cannot at all. */
export function whyConvert(bytes: Uint8Array): 'large' | 'heic' | null {
  if (bytes.length > MAX_CONVERTIBLE_BYTES) return null
  if (isHeic(bytes)) return 'heic'
  try {
    const head = readHead(bytes, { complete: true })
    if (head.animated || head.width * head.height > MAX_CONVERTIBLE_PIXELS) return null
    checkLimits(head)
    return bytes.length > MAX_UPLOAD_BYTES ? 'large' : null
  } catch (error) {
    return error instanceof ImageError && error.code === 'too_large' ? 'large' : null
  }
}

function convert(bytes: Uint8Array<ArrayBuffer>): Promise<Converted> {
  const worker = new Worker(new URL('./convert-worker.ts', import.meta.url), { type: 'module' })
  return new Promise<Converted>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ConvertAnswer>) =>
      'bytes' in data ? resolve(data) : reject(new PhotoRefused(data.fault))
    worker.onerror = (event) => {
      event.preventDefault()
      reject(new PhotoRefused(strings.photo.notConverted))
    }
    worker.postMessage(bytes)
  }).finally(() => worker.terminate())
}

/** Throws PhotoRefused for what is no photo or far too large; `onConvert` is called before the long part begins. */
export async function preparePhoto(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  onConvert: () => void,
): Promise<CheckedPhoto> {
  const why = whyConvert(bytes)
  if (!why) return checkPhoto(name, bytes)
  onConvert()
  const { bytes: made, width, height } = await convert(bytes)
  return { ...checkPhoto(name, made), convertedFrom: { why, width, height, bytes: bytes.length } }
}
