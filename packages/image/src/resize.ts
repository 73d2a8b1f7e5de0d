import type { Image } from './types.ts'

/** The source pixels that one target pixel is made of, and their shares (sum 1). */
interface Taps {
  readonly first: number
  readonly weights: readonly number[]
}

/** The size within a square of `maxSide` pixels, proportions kept, never larger than the picture, no side below 1. */
export function fitWithin(width: number, height: number, maxSide: number): { width: number; height: number } {
  const scale = Math.min(1, maxSide / Math.max(width, height))
  const fit = (side: number) => Math.max(1, Math.round(side * scale))
  return { width: fit(width), height: fit(height) }
}

/**
 * Scales a picture to width x height pixels: area average where it shrinks, bilinear where it grows, in sRGB values.
 * Colours count by their alpha, so no fringe comes from what was invisible. Same input, same pixels everywhere.
 * Throws RangeError on a size below 1 or not whole.
 */
export function resizeImage(image: Image, width: number, height: number): Image {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1)) {
    throw new RangeError(`a picture cannot have ${width} x ${height} pixels`)
  }
  if (width === image.width && height === image.height) return image
  const columns = makeTaps(image.width, width)
  const rows = makeTaps(image.height, height)
  const readRow = rowReader(image, columns)
  const data = new Uint8ClampedArray(4 * width * height)
  const sums = new Float64Array(4 * width)
  rows.forEach(({ first, weights }, y) => {
    sums.fill(0)
    weights.forEach((weight, i) => {
      const row = readRow(first + i)
      for (let c = 0; c < sums.length; c++) sums[c] += weight * row[c]
    })
    writeRow(sums, data, 4 * width * y)
  })
  return { width, height, data }
}

function makeTaps(from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, i) => (to < from ? areaTaps(from, to, i) : linearTaps(from, to, i)))
}

/** In units of 1 / to pixels everything is whole, so no rounding moves an edge. */
function areaTaps(from: number, to: number, i: number): Taps {
  const start = i * from
  const end = start + from
  const first = Math.floor(start / to)
  const weights: number[] = []
  for (let j = first; j * to < end; j++) {
    weights.push((Math.min(end, (j + 1) * to) - Math.max(start, j * to)) / from)
  }
  return { first, weights }
}

function linearTaps(from: number, to: number, i: number): Taps {
  const centre = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5))
  const first = Math.floor(centre)
  const share = centre - first
  return share === 0 ? { first, weights: [1] } : { first, weights: [1 - share, share] }
}

/**
 * Reads source rows scaled across, as colour * alpha and alpha. Neighbouring target rows share at most two source
 * rows, so the last two are kept.
 */
function rowReader({ width, data }: Image, columns: readonly Taps[]): (y: number) => Float64Array {
  const source = new Float64Array(4 * width)
  const kept = [0, 1].map(() => ({ y: -1, row: new Float64Array(4 * columns.length) }))
  return (y) => {
    const slot = kept[y % 2]
    if (slot.y === y) return slot.row
    slot.y = y
    for (let i = 0, at = 4 * width * y; i < source.length; i += 4, at += 4) {
      const alpha = data[at + 3]
      source[i] = data[at] * alpha
      source[i + 1] = data[at + 1] * alpha
      source[i + 2] = data[at + 2] * alpha
      source[i + 3] = alpha
    }
    columns.forEach(({ first, weights }, x) => {
      let red = 0
      let green = 0
      let blue = 0
      let alpha = 0
      for (let i = 0, at = 4 * first; i < weights.length; i++, at += 4) {
        const weight = weights[i]
        red += weight * source[at]
        green += weight * source[at + 1]
        blue += weight * source[at + 2]
        alpha += weight * source[at + 3]
      }
      slot.row[4 * x] = red
      slot.row[4 * x + 1] = green
      slot.row[4 * x + 2] = blue
      slot.row[4 * x + 3] = alpha
    })
    return slot.row
  }
}

/** Colour * alpha back to straight alpha; the clamped array rounds. */
function writeRow(sums: Float64Array, data: Uint8ClampedArray, start: number): void {
  for (let i = 0; i < sums.length; i += 4) {
    const alpha = sums[i + 3]
    const scale = alpha > 0 ? 1 / alpha : 0
    data[start + i] = sums[i] * scale
    data[start + i + 1] = sums[i + 1] * scale
    data[start + i + 2] = sums[i + 2] * scale
    data[start + i + 3] = alpha
  }
}
