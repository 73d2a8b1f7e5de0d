/** Looks at a file before anything is sent: type by content, sizes by the contract. */
import { ImageError } from '@gen3d/image/errors'
import { checkLimits, readHead } from '@gen3d/image/head'
import { MAX_UPLOAD_BYTES } from '@gen3d/shared/limits'
import type { PhotoContentType } from '@gen3d/shared/photos'
import { strings } from '../strings.ts'
import { PhotoRefused } from './photo-refused.ts'

export interface ConvertedFrom {
  readonly why: 'large' | 'heic'
  readonly width: number
  readonly height: number
  readonly bytes: number
}

export interface CheckedPhoto {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly contentType: PhotoContentType
  readonly name: string
  /** Of the EXIF-turned photo, pixels. */
  readonly width: number
  readonly height: number
  /** What it was before this page converted it; absent where it is as it came. */
  readonly convertedFrom?: ConvertedFrom
}

/** Throws PhotoRefused for what the contract does not take. */
export function checkPhoto(name: string, bytes: Uint8Array<ArrayBuffer>): CheckedPhoto {
  if (bytes.length > MAX_UPLOAD_BYTES) throw new PhotoRefused(strings.photo.tooManyBytes(bytes.length))
  try {
    const head = readHead(bytes, { complete: true })
    checkLimits(head)
    return {
      bytes,
      contentType: head.contentType,
      name: name || strings.photo.unnamed,
      width: head.turnedWidth,
      height: head.turnedHeight,
    }
  } catch (error) {
    if (error instanceof ImageError) throw new PhotoRefused(error.message, { cause: error })
    throw error
  }
}
