import { type PngParts, readPngParts } from './png-chunks.ts'
import { unfilterRow } from './png-filters.ts'
import { inflate } from './png-inflate.ts'
import { CHANNELS, rowWriter } from './png-samples.ts'
import type { Image } from './types.ts'

/** A sub-picture: the pixels (x + i * dx, y + j * dy). */
interface Pass {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
}

const WHOLE: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1 }]

/** Adam7: a picture in seven passes, from coarse to fine. */
const INTERLACED: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
]

/**
 * The pixels of a PNG as stored, every colour type and depth; its head must have been read and its limits checked
 * before. Rows are unpacked as they are inflated: memory is the picture, one window and two rows.
 */
export function decodePng(bytes: Uint8Array): Image {
  const png = readPngParts(bytes)
  const { width, height } = png
  const data = new Uint8ClampedArray(4 * width * height)
  inflate(png.pixels, rowTaker(png, data))
  return { width, height, data }
}

/** Takes inflated bytes in any portions; returns true once every row is written to `data`. */
function rowTaker(png: PngParts, data: Uint8ClampedArray): (bytes: Uint8Array) => boolean {
  const { width, height } = png
  const bitsPerPixel = CHANNELS[png.colorType] * png.bitDepth
  const step = Math.max(1, bitsPerPixel >> 3)
  const write = rowWriter(png)
  const passes = (png.interlaced ? INTERLACED : WHOLE).filter((pass) => pass.x < width && pass.y < height)
  let index = 0
  let pass = passes[0]
  let y = pass.y
  let columns = 0
  // Row buffers hold the filter byte first.
  let row = new Uint8Array(0)
  let above = row
  let filled = 0

  const startPass = () => {
    pass = passes[index]
    y = pass.y
    columns = Math.ceil((width - pass.x) / pass.dx)
    row = new Uint8Array(1 + Math.ceil((columns * bitsPerPixel) / 8))
    above = new Uint8Array(row.length)
  }
  startPass()

  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      const portion = bytes.subarray(at, at + row.length - filled)
      row.set(portion, filled)
      filled += portion.length
      at += portion.length
      if (filled < row.length) return false
      filled = 0
      unfilterRow(row[0], row.subarray(1), above.subarray(1), step)
      write(row.subarray(1), columns, data, 4 * (y * width + pass.x), 4 * pass.dx)
      ;[row, above] = [above, row]
      y += pass.dy
      if (y < height) continue
      if (++index === passes.length) return true
      startPass()
    }
    return false
  }
}
