import { MAX_PIXELS, MAX_SIDE } from '@gen3d/shared/limits'
import type { PhotoContentType } from '@gen3d/shared/photos'
import { ImageError } from './errors.ts'
import type { Orientation } from './exif.ts'
import { HeadBytes, type StoredHead } from './head-bytes.ts'
import { readJpegHead } from './head-jpeg.ts'
import { readPngHead } from './head-png.ts'
import { readWebpHead } from './head-webp.ts'
import { nameOtherFormat } from './other-formats.ts'
import { swapsSides } from './turn.ts'

export interface ImageHead {
  readonly format: 'jpeg' | 'png' | 'webp'
  readonly contentType: PhotoContentType
  /** Pixels as stored. */
  readonly width: number
  readonly height: number
  readonly orientation: Orientation
  /** Pixels of the upright picture: what clicks, masks and decoded images are measured in. */
  readonly turnedWidth: number
  readonly turnedHeight: number
  readonly animated: boolean
  /** Bits a channel, as stored. */
  readonly bitDepth: number
}

interface HeadOptions {
  /** The bytes are the whole file: what is missing then is damage. */
  readonly complete?: boolean
}

/**
 * Reads format, size and orientation from the first bytes of a file, by content, never by name.
 *
 * Throws ImageError `needs_more_bytes` while the answer lies further on: fetch at least `neededBytes` and call again.
 * 64 kB are enough for nearly every JPEG and PNG. A WebP keeps its EXIF behind the pixels; where its header says
 * that there is some, the whole file is needed, since a guess would turn the photo (and every mask) wrongly.
 * JPEG and PNG are read up to their pixels: an EXIF block behind them is ignored, here and when decoding.
 */
export function readHead(bytes: Uint8Array, options: HeadOptions = {}): ImageHead {
  if (bytes.length === 0) throw new ImageError('empty_file', 'The file is empty. Choose the photo again.')
  const head = new HeadBytes(bytes, options.complete ?? false)
  const format = detectFormat(head)
  const stored = READERS[format](head)
  const turned = swapsSides(stored.orientation)
  return {
    format,
    contentType: `image/${format}`,
    ...stored,
    turnedWidth: turned ? stored.height : stored.width,
    turnedHeight: turned ? stored.width : stored.height,
  }
}

/** Throws ImageError `animated` or `too_large` (8192 px a side, 40 megapixels) for what Gen3D does not take. */
export function checkLimits(head: ImageHead): void {
  const { width, height } = head
  if (Math.max(width, height) > MAX_SIDE) {
    throw new ImageError(
      'too_large',
      `The picture has ${width} x ${height} pixels; a side may have at most ${MAX_SIDE}. Make it smaller.`,
    )
  }
  if (width * height > MAX_PIXELS) {
    throw new ImageError(
      'too_large',
      `The picture has ${width} x ${height} pixels; at most ${MAX_PIXELS / 1e6} megapixels are taken. Make it smaller.`,
    )
  }
  if (head.animated) {
    throw new ImageError('animated', 'The picture is animated. Save one frame of it as JPEG, PNG or WebP.')
  }
}

const READERS: Record<ImageHead['format'], (head: HeadBytes) => StoredHead> = {
  jpeg: readJpegHead,
  png: readPngHead,
  webp: readWebpHead,
}

function detectFormat(head: HeadBytes): ImageHead['format'] {
  if (head.startsWith([0xff, 0xd8, 0xff])) return 'jpeg'
  if (head.startsWith([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png'
  if (head.text(0, 4) === 'RIFF' && head.text(8, 4) === 'WEBP') return 'webp'
  const other = nameOtherFormat(head.bytes)
  if (other) {
    throw new ImageError(
      'unsupported_format',
      `This is ${other}. Save it as JPEG, PNG or WebP and try again.`,
    )
  }
  if (head.bytes.length < 16) head.need(16)
  throw new ImageError('not_an_image', 'This is not a picture. Choose a JPEG, PNG or WebP photo.')
}
