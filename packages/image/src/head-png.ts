import { damaged } from './errors.ts'
import { type Orientation, readOrientation } from './exif.ts'
import type { HeadBytes, StoredHead } from './head-bytes.ts'

/** Bit depths that each colour type may have. */
const DEPTHS: Record<number, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}

/**
 * Reads a PNG up to its pixels (IDAT), for acTL (animated) and eXIf may stand anywhere before them.
 *
 * Layout: 8 bytes signature, then chunks: u32 length, 4 bytes type, body, u32 CRC (checked when decoding). The first
 * is IHDR: u32 width, u32 height, u8 depth, u8 colour type, u8 compression, u8 filter, u8 interlace.
 */
export function readPngHead(head: HeadBytes): StoredHead {
  head.need(33)
  if (head.u32(8) !== 13 || head.text(12, 4) !== 'IHDR') throw damaged('its header is missing')
  const width = head.u32(16)
  const height = head.u32(20)
  const bitDepth = head.u8(24)
  if (width === 0 || height === 0) throw damaged('a side has 0 pixels')
  if (!DEPTHS[head.u8(25)]?.includes(bitDepth)) throw damaged('its colour type is unknown')
  if (head.u8(26) !== 0 || head.u8(27) !== 0 || head.u8(28) > 1) throw damaged('its coding is unknown')
  let orientation: Orientation = 1
  let animated = false
  for (let at = 33; ; ) {
    const length = head.u32(at)
    head.need(at + 8)
    const type = head.text(at + 4, 4)
    if (type === 'IDAT') return { width, height, orientation, animated, bitDepth }
    if (type === 'IEND') throw damaged('it has no pixels')
    if (length > 0x7fffffff) throw damaged('a chunk has no valid length')
    if (type === 'acTL') animated = true
    if (type === 'eXIf') orientation = readOrientation(head.slice(at + 8, at + 8 + length))
    at += 12 + length
  }
}
