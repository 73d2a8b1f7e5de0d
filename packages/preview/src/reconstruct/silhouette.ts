/** The mask on a regular grid that its box fills: how much of the mask lies around each grid corner. */

import type { Mask } from '@gen3d/image/types'

export interface PixelBox {
  /** Edges in pixels; x1 and y1 are exclusive. */
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}

export interface Silhouette {
  /** Cells across and down; there are one more corners each way. The outermost corners are outside. */
  readonly columns: number
  readonly rows: number
  /** Side of a cell, pixels. */
  readonly cell: number
  /** Pixel position of corner (0, 0). */
  readonly x0: number
  readonly y0: number
  /** Per corner, row by row: coverage minus the level of the outline; inside where >= 0. */
  readonly field: Float32Array
  readonly box: PixelBox
  /** Pixels of the mask. */
  readonly area: number
}

/** The tight box of the mask and the number of its pixels, or null where no pixel is set. */
function maskBox(mask: Mask): { box: PixelBox; area: number } | null {
  const { width, height, data } = mask
  let x0 = width
  let x1 = -1
  let y0 = height
  let y1 = -1
  let area = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0, i = y * width; x < width; x++, i++) {
      if (data[i] === 0) continue
      area++
      if (x < x0) x0 = x
      if (x > x1) x1 = x
      if (y < y0) y0 = y
      if (y > y1) y1 = y
    }
  }
  return area === 0 ? null : { box: { x0, y0, x1: x1 + 1, y1: y1 + 1 }, area }
}

/** Sum of the mask's pixels in [x0, x) x [y0, y) of the box, for fractional x and y. */
function integral(mask: Mask, box: PixelBox): (x: number, y: number) => number {
  const w = box.x1 - box.x0
  const h = box.y1 - box.y0
  const stride = w + 1
  const sums = new Uint32Array(stride * (h + 1))
  for (let y = 0; y < h; y++) {
    let row = 0
    for (let x = 0; x < w; x++) {
      if (mask.data[(y + box.y0) * mask.width + x + box.x0] !== 0) row++
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row
    }
  }
  return (px, py) => {
    const x = px <= box.x0 ? 0 : px >= box.x1 ? w : px - box.x0
    const y = py <= box.y0 ? 0 : py >= box.y1 ? h : py - box.y0
    const i = x >= w ? w - 1 : Math.floor(x)
    const j = y >= h ? h - 1 : Math.floor(y)
    const u = x - i
    const v = y - j
    const o = j * stride + i
    const top = sums[o] + u * (sums[o + 1] - sums[o])
    const bottom = sums[o + stride] + u * (sums[o + stride + 1] - sums[o + stride])
    return top + v * (bottom - top)
  }
}

/** Finest grid: more corners than this along the longer side cost time and show nothing. */
const MAX_CELLS = 720
/** Cells of one pixel's side are as fine as a large mask needs; a tiny mask gets this many cells at least. */
const MIN_CELLS = 24

/**
 * Lays a grid over the mask whose cells inside number about `targetCells`. Returns null for an empty mask.
 */
export function traceSilhouette(mask: Mask, targetCells: number): Silhouette | null {
  const found = maskBox(mask)
  if (!found) return null
  const { box, area } = found
  const side = Math.max(box.x1 - box.x0, box.y1 - box.y0)
  const wanted = Math.sqrt(area / targetCells)
  const cell = Math.min(side / MIN_CELLS, Math.max(wanted, side / MAX_CELLS, 0.5))
  const columns = Math.ceil((box.x1 - box.x0) / cell) + 3
  const rows = Math.ceil((box.y1 - box.y0) / cell) + 3
  const x0 = (box.x0 + box.x1 - columns * cell) / 2
  const y0 = (box.y0 + box.y1 - rows * cell) / 2
  // Averaging over less than a pixel shows the pixels' stairs; a small mask needs them, or its corners are lost.
  const reach = (side < 16 ? cell : Math.max(cell, 1)) / 2
  const sum = integral(mask, box)
  const field = new Float32Array((columns + 1) * (rows + 1))
  let most = 0
  for (let j = 0, o = 0; j <= rows; j++) {
    const y = y0 + j * cell
    for (let i = 0; i <= columns; i++, o++) {
      if (i === 0 || j === 0 || i === columns || j === rows) continue
      const x = x0 + i * cell
      const inside =
        sum(x + reach, y + reach) -
        sum(x - reach, y + reach) -
        sum(x + reach, y - reach) +
        sum(x - reach, y - reach)
      field[o] = inside / (4 * reach * reach)
      if (field[o] > most) most = field[o]
    }
  }
  // A scatter of pixels finer than the grid never covers half a cell: its densest parts stand for it.
  const level = most > 0.5 ? 0.5 : most * 0.5
  for (let o = 0; o < field.length; o++) field[o] -= level
  return { columns, rows, cell, x0, y0, field, box, area }
}
