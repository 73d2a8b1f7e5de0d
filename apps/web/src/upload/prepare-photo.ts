/** From a file to bytes that can be sent: untouched where the contract takes them, else made smaller once. */
import { ImageError } from '@gen3d/image/errors'
import { checkLimits, readHead } from '@gen3d/image/head'
import { MAX_UPLOAD_BYTES } from '@gen3d/shared/limits'
import { strings } from '../strings.ts'
import { type CheckedPhoto, checkPhoto } from './check-photo.ts'
import { PhotoRefused } from './photo-refused.ts'
import type { ShrinkAnswer } from './shrink-worker.ts'

/** Four bytes a pixel, several times over while it is made smaller: more than that a phone does not have. */
const MAX_SHRINKABLE_PIXELS = 120_000_000
const MAX_SHRINKABLE_BYTES = 100 * 1024 * 1024

/** Whether a picture is one that the contract would take if it were smaller. */
export function isShrinkable(bytes: Uint8Array): boolean {
  try {
    const head = readHead(bytes, { complete: true })
    if (head.animated || head.width * head.height > MAX_SHRINKABLE_PIXELS) return false
    if (bytes.length > MAX_UPLOAD_BYTES) return bytes.length <= MAX_SHRINKABLE_BYTES
    checkLimits(head)
    return false
  } catch (error) {
    return error instanceof ImageError && error.code === 'too_large'
  }
}

function shrink(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const worker = new Worker(new URL('./shrink-worker.ts', import.meta.url), { type: 'module' })
  return new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ShrinkAnswer>) =>
      'bytes' in data ? resolve(data.bytes) : reject(new PhotoRefused(data.fault))
    worker.onerror = (event) => {
      event.preventDefault()
      reject(new PhotoRefused(strings.photo.notShrunk))
    }
    worker.postMessage(bytes)
  }).finally(() => worker.terminate())
}

/** Throws PhotoRefused for what is no photo or far too large; `onShrink` is called before the long part begins. */
export async function preparePhoto(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  onShrink: () => void,
): Promise<CheckedPhoto> {
  if (!isShrinkable(bytes)) return checkPhoto(name, bytes)
  onShrink()
  const { turnedWidth, turnedHeight } = readHead(bytes, { complete: true })
  const photo = checkPhoto(name, await shrink(bytes))
  return {
    ...photo,
    shrunkFrom: { width: turnedWidth, height: turnedHeight, bytes: bytes.length },
  }
}
