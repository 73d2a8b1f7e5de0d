/** HEIC, which most browsers cannot read: libheif (LGPL-3.0), a file of its own that comes only with such a photo. */
import { damaged } from '@gen3d/image/errors'
import { nameOtherFormat } from '@gen3d/image/other-formats'
import type { Image } from '@gen3d/image/types'

/** By content, never by name. */
export function isHeic(bytes: Uint8Array): boolean {
  return nameOtherFormat(bytes) === 'a HEIC photo'
}

/** The upright picture: libheif turns it as the file says. Throws ImageError when it cannot be read. */
export async function decodeHeic(bytes: Uint8Array): Promise<Image> {
  const { default: load } = await import('libheif-js/libheif-wasm/libheif-bundle.mjs')
  const [photo] = new (load().HeifDecoder)().decode(bytes)
  if (!photo) throw damaged('there is no photo in it')
  const width = photo.get_width()
  const height = photo.get_height()
  const data = new Uint8ClampedArray(4 * width * height)
  const filled = await new Promise<object | null>((resolve) =>
    photo.display({ data, width, height }, resolve),
  )
  photo.free()
  if (!filled) throw damaged('its pixels cannot be read')
  return { width, height, data }
}
