import { damaged, decoderUnavailable, ImageError } from './errors.ts'
import { checkLimits, type ImageHead, readHead } from './head.ts'
import { turnImage } from './turn.ts'
import type { Image } from './types.ts'

/**
 * Decodes a whole JPEG, PNG or WebP file into upright RGBA pixels (EXIF applied); the same bytes give the same
 * pixels in Node and in every browser.
 *
 * Asynchronous because the decoder of the format is loaded when first needed (WASM for JPEG and WebP); the decoding
 * itself blocks the thread: about 20 ms for 1 megapixel of JPEG, so run it in a Worker in a page. Colour profiles
 * are not applied: the numbers are taken as sRGB. Memory: about 9 bytes a pixel, up to 14 for a
 * progressive JPEG; the limits are checked before it is taken. Throws ImageError, and nothing else.
 */
export async function decodeImage(bytes: Uint8Array): Promise<Image> {
  const head = readHead(bytes, { complete: true })
  checkLimits(head)
  return turnImage(await decodeStored(bytes, head), head.orientation)
}

async function decodeStored(bytes: Uint8Array, head: ImageHead): Promise<Image> {
  const decode = await loadDecoder(head.format).catch((cause) => {
    throw decoderUnavailable(cause)
  })
  try {
    return await decode(bytes, head)
  } catch (cause) {
    if (cause instanceof ImageError) throw cause
    if (cause instanceof RangeError) {
      throw new ImageError('too_large', 'There is not enough memory for this picture. Make it smaller.', {
        cause,
      })
    }
    throw damaged('its pixels cannot be read', cause)
  }
}

async function loadDecoder(
  format: ImageHead['format'],
): Promise<(bytes: Uint8Array, head: ImageHead) => Image | Promise<Image>> {
  switch (format) {
    case 'jpeg':
      return (await import('./decode-jpeg.ts')).decodeJpeg
    case 'png':
      return (await import('./decode-png.ts')).decodePng
    case 'webp':
      return (await import('./decode-webp.ts')).decodeWebp
  }
}
