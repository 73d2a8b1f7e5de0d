import { writePng } from './png-write.ts'
import type { Image } from './types.ts'

/** Writes a PNG, RGB when every pixel is opaque, else RGBA; the same pixels give the same bytes everywhere. */
export function encodePng({ width, height, data }: Image): Uint8Array<ArrayBuffer> {
  if (!isOpaque(data)) return writePng({ width, height, colorType: 6, data })
  const colors = new Uint8Array(3 * width * height)
  for (let from = 0, to = 0; to < colors.length; from += 4, to += 3) {
    colors[to] = data[from]
    colors[to + 1] = data[from + 1]
    colors[to + 2] = data[from + 2]
  }
  return writePng({ width, height, colorType: 2, data: colors })
}

function isOpaque(data: Uint8ClampedArray): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false
  return true
}
