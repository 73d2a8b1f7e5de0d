import { decodePng } from './decode-png.ts'
import { ImageError } from './errors.ts'
import { checkLimits, readHead } from './head.ts'
import { writePng } from './png-write.ts'
import type { Mask } from './types.ts'

/** From this gray (and alpha) on a pixel lies inside. */
const THRESHOLD = 128

/**
 * Reads a mask from a PNG of any colour type and depth: inside is where gray >= 128. A PNG whose visible pixels all
 * have one gray and whose others are transparent is a cut-out or a brush stroke: there inside is what is visible.
 * EXIF is ignored, for a mask is in pixels of the upright photo. Throws ImageError on anything else.
 */
export function readMaskPng(bytes: Uint8Array): Mask {
  const head = readHead(bytes, { complete: true })
  if (head.format !== 'png') {
    throw new ImageError('unsupported_format', 'The mask is not a PNG. Save it as PNG, without loss.')
  }
  checkLimits(head)
  const { width, height, data } = decodePng(bytes)
  const grays = new Uint8Array(width * height)
  let lowest = 255
  let highest = 0
  let hidden = false
  for (let i = 0, at = 0; i < grays.length; i++, at += 4) {
    if (data[at + 3] < THRESHOLD) {
      hidden = true
      continue
    }
    // Rec. 601 weights of 256 parts: gray stays what it is.
    const gray = (77 * data[at] + 150 * data[at + 1] + 29 * data[at + 2]) >> 8
    grays[i] = gray
    if (gray < lowest) lowest = gray
    if (gray > highest) highest = gray
  }
  const inside = new Uint8Array(grays.length)
  const byAlpha = hidden && lowest === highest
  for (let i = 0; i < grays.length; i++) {
    inside[i] = (byAlpha ? data[4 * i + 3] >= THRESHOLD : grays[i] >= THRESHOLD) ? 1 : 0
  }
  return { width, height, data: inside }
}

/** Writes a mask as 8-bit gray PNG, 0 outside and 255 inside; the same mask gives the same bytes everywhere. */
export function writeMaskPng({ width, height, data }: Mask): Uint8Array<ArrayBuffer> {
  return writePng({ width, height, colorType: 0, data: data.map((inside) => (inside ? 255 : 0)) })
}
