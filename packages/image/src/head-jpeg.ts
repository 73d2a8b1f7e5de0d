import { damaged, unsupportedVariant } from './errors.ts'
import { type Orientation, readOrientation, skipExifName } from './exif.ts'
import type { HeadBytes, StoredHead } from './head-bytes.ts'

/** Reads a JPEG up to its frame header (SOF); EXIF stands before it in APP1. */
export function readJpegHead(head: HeadBytes): StoredHead {
  let orientation: Orientation | null = null
  let at = 2
  for (;;) {
    at = findMarker(head, at)
    const marker = head.u8(at - 1)
    if (isFrameHeader(marker)) return readFrameHeader(head, at, marker, orientation ?? 1)
    if (marker === 0xda || marker === 0xd9) throw damaged('its size is missing')
    if (hasNoBody(marker)) continue
    const end = at + head.u16(at)
    if (end < at + 2) throw damaged('a segment has no length')
    head.need(end)
    if (marker === 0xe1 && orientation === null) {
      const tiff = skipExifName(head.slice(at + 2, end))
      if (tiff) orientation = readOrientation(tiff)
    }
    at = end
  }
}

/** SOF0..SOF15 without DHT (C4), JPG (C8) and DAC (CC). */
export function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** TEM, RST0..7, SOI: markers without a length. */
export function hasNoBody(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)
}

/** The offset behind the next marker's second byte; stray bytes and fill bytes (FF) before it are skipped. */
function findMarker(head: HeadBytes, from: number): number {
  let at = from
  while (head.u8(at) !== 0xff || head.u8(at + 1) === 0x00 || head.u8(at + 1) === 0xff) at++
  return at + 2
}

/** Layout from `at`: u16 length, u8 bits a channel, u16 height, u16 width, u8 channels. */
function readFrameHeader(head: HeadBytes, at: number, marker: number, orientation: Orientation): StoredHead {
  const bitDepth = head.u8(at + 2)
  const height = head.u16(at + 3)
  const width = head.u16(at + 5)
  if (marker > 0xc2) throw unsupportedVariant('a JPEG with lossless or arithmetic coding')
  if (bitDepth !== 8) throw unsupportedVariant(`a JPEG with ${bitDepth} bits a channel`)
  if (width === 0) throw damaged('its width is 0')
  if (height === 0) throw unsupportedVariant('a JPEG whose height stands behind its pixels')
  return { width, height, orientation, animated: false, bitDepth }
}
