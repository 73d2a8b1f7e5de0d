import { damaged } from './errors.ts'
import { type Orientation, readOrientation, skipExifName } from './exif.ts'
import type { HeadBytes, StoredHead } from './head-bytes.ts'

const FLAG_ANIMATION = 0x02
const FLAG_EXIF = 0x08

/**
 * Reads the head of a WebP.
 *
 * Layout: "RIFF", u32le size of the rest, "WEBP", then chunks: 4 bytes type, u32le length, body, padding to an even
 * length. The first chunk is VP8 (lossy), VP8L (lossless) or VP8X (flags and size of the canvas; pixels, EXIF follow).
 */
export function readWebpHead(head: HeadBytes): StoredHead {
  head.need(30)
  const fileEnd = 8 + head.u32le(4)
  if (head.complete) head.need(fileEnd)
  switch (head.text(12, 4)) {
    case 'VP8 ':
      return still(readLossySize(head, 20), 1)
    case 'VP8L':
      return still(readLosslessSize(head, 20), 1)
    case 'VP8X': {
      const flags = head.u8(20)
      const size = { width: head.u24le(24) + 1, height: head.u24le(27) + 1 }
      if (flags & FLAG_ANIMATION) return { ...still(size, 1), animated: true }
      const start = 20 + head.u32le(16)
      return still(size, flags & FLAG_EXIF ? findOrientation(head, start, fileEnd) : 1)
    }
    default:
      throw damaged('its first chunk is unknown')
  }
}

function still(size: { width: number; height: number }, orientation: Orientation): StoredHead {
  if (size.width === 0 || size.height === 0) throw damaged('a side has 0 pixels')
  return { ...size, orientation, animated: false, bitDepth: 8 }
}

/** u24 frame tag (bit 0: 0 = key frame), 9D 01 2A, u16le width and height, 14 bits each. */
function readLossySize(head: HeadBytes, at: number) {
  if (head.u8(at) & 1 || head.u8(at + 3) !== 0x9d || head.u16(at + 4) !== 0x012a)
    throw damaged('its frame is broken')
  const size = head.u32le(at + 6)
  return { width: size & 0x3fff, height: (size >>> 16) & 0x3fff }
}

/** 2F, then 14 bits width - 1, 14 bits height - 1, from the lowest bit. */
function readLosslessSize(head: HeadBytes, at: number) {
  if (head.u8(at) !== 0x2f) throw damaged('its frame is broken')
  const size = head.u32le(at + 1)
  return { width: (size & 0x3fff) + 1, height: ((size >>> 14) & 0x3fff) + 1 }
}

function findOrientation(head: HeadBytes, start: number, fileEnd: number): Orientation {
  for (let at = start; at + 8 <= fileEnd; ) {
    head.need(at + 8)
    const length = head.u32le(at + 4)
    if (head.text(at, 4) === 'EXIF') {
      const body = head.slice(at + 8, at + 8 + length)
      return readOrientation(skipExifName(body) ?? body)
    }
    at += 8 + length + (length & 1)
  }
  return 1
}
