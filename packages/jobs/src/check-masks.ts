import { createHash } from 'node:crypto'
import { ImageError } from '@gen3d/image/errors'
import { readHead } from '@gen3d/image/head'
import { readMaskPng, writeMaskPng } from '@gen3d/image/mask-png'
import type { ReconstructRequest } from '@gen3d/shared/api'
import { Gen3dError } from '@gen3d/shared/errors'
import { maskKey } from '@gen3d/shared/keys'
import { defaultObjectName } from '@gen3d/shared/reconstruct-defaults'
import type { SessionRow } from './records.ts'

interface CheckedMask {
  readonly name: string
  readonly key: string
  readonly png: Uint8Array
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Decodes and checks every mask; throws `invalid_mask` with the field `masks.N.png_base64`. */
export function checkMasks(
  session: SessionRow,
  photo: { width: number; height: number },
  masks: ReconstructRequest['masks'],
): CheckedMask[] {
  return masks.map((mask, i) => {
    const png = checkMask(mask.png_base64, photo, `masks.${i}.png_base64`)
    const sha256 = createHash('sha256').update(png).digest('hex')
    return { name: mask.name ?? defaultObjectName(i), key: maskKey(session, sha256), png }
  })
}

function checkMask(base64: string, photo: { width: number; height: number }, field: string): Uint8Array {
  const refuse = (message: string, cause?: unknown) =>
    new Gen3dError('invalid_mask', message, { field, cause })
  if (!BASE64.test(base64)) {
    throw refuse('The mask is not base64. Send the bytes of a PNG, without a "data:" prefix or line breaks.')
  }
  const png = new Uint8Array(Buffer.from(base64, 'base64'))
  try {
    // The head first: a picture of another size is not worth its decoding.
    const { width, height } = readHead(png, { complete: true })
    if (width !== photo.width || height !== photo.height) {
      throw refuse(
        `The mask has ${width} x ${height} pixels, the upright photo ${photo.width} x ${photo.height}. Send a mask of the photo’s size.`,
      )
    }
    const mask = readMaskPng(png)
    if (!mask.data.includes(1)) throw refuse('The mask is empty. Select the object.')
    return isGray8(png) ? png : writeMaskPng(mask)
  } catch (error) {
    if (error instanceof ImageError) throw refuse(error.message, error)
    throw error
  }
}

/** IHDR: bit depth at byte 24, colour type at 25. Other kinds of PNG are rewritten, so that engines meet one kind. */
function isGray8(png: Uint8Array): boolean {
  return png[24] === 8 && png[25] === 0
}
