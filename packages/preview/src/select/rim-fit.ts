import type { Image } from '@gen3d/image/types'
import { BitRows } from './bit-rows.ts'
import { colourRange } from './colour-range.ts'
import { boxBlur } from './filters.ts'

/** Radius, cells, and regularisation (colours 0-1) of the guided filter at half the working size (He, Sun, Tang 2013). */
export const RIM_RADIUS = 2
const REGULARISATION = 2e-4
/** How far a fitted value must lie from one half to be sure in spite of rounding. */
const SURE = 1e-3

/**
 * The guided filter's fit: for each cell of a band the linear function of colour that comes closest to `soft` in the
 * windows about it. Planes have RIM_RADIUS cells of zeros on each side, so that windows need no clipping.
 */
export class RimFit {
  /** Cells a padded row; cell (x, y) stands at (y + RIM_RADIUS) * stride + x + RIM_RADIUS. */
  readonly stride: number
  /** What is fitted, 0-1, one number a cell: set by the caller. */
  readonly soft: Float32Array
  /** Slopes by red, green, blue (of 0-1) and offset: four numbers a cell, valid in the band and one cell about it. */
  readonly coefficients: Float32Array
  /** Cells by whose fit no pixel of theirs or of a cell next to them is surely inside, or surely outside. */
  readonly maybeOutside: BitRows
  readonly maybeInside: BitRows
  private readonly width: number
  private readonly height: number
  /** Least, then largest red, green and blue of 0-255 in the cells about a cell: six numbers a cell. */
  private readonly range: Uint8Array
  /** Three numbers a cell, 0-1. */
  private readonly colour: Float32Array
  /** Of the window about a cell: mean colour, then the inverse of its covariance rr, rg, rb, gg, gb, bb. */
  private readonly window: Float32Array
  /** Sums across, and the fit of each window: four numbers a cell. */
  private readonly across: Float32Array
  private readonly raw: Float32Array
  /** How many cells of a window lie in the grid, by column and by row. */
  private readonly columns: Int32Array
  private readonly rows: Int32Array
  private readonly near: BitRows
  private readonly wide: BitRows
  private readonly tall: BitRows
  private readonly stretches: Int32Array

  /** `columnOf` and `rowOf` give the working pixel of each photo pixel; `width` and `height` are cells. */
  constructor(photo: Image, columnOf: Int32Array, rowOf: Int32Array, width: number, height: number) {
    this.width = width
    this.height = height
    this.stride = width + 2 * RIM_RADIUS
    const cells = this.stride * (height + 2 * RIM_RADIUS)
    this.soft = new Float32Array(cells)
    this.coefficients = new Float32Array(cells * 4)
    this.across = new Float32Array(cells * 4)
    this.raw = new Float32Array(cells * 4)
    this.columns = windowSizes(width)
    this.rows = windowSizes(height)
    this.near = new BitRows(width, height)
    this.wide = new BitRows(width, height)
    this.tall = new BitRows(width, height)
    this.stretches = new Int32Array(width + 2)
    this.maybeOutside = new BitRows(width, height)
    this.maybeInside = new BitRows(width, height)
    this.range = colourRange(photo, columnOf, rowOf, width, height)
    this.colour = new Float32Array(cells * 3)
    this.window = new Float32Array(cells * 9)
    const planes = shrink(photo, columnOf, rowOf, width, height)
    this.describeWindows(planes)
    for (let y = 0, from = 0; y < height; y++) {
      let to = this.cell(0, y) * 3
      for (let x = 0; x < width; x++, from++, to += 3) {
        for (let c = 0; c < 3; c++) this.colour[to + c] = planes[c][from]
      }
    }
  }

  /** Fits `soft` for the cells of a band. */
  fit(band: BitRows): void {
    const { near, wide, tall, height } = this
    // Pixels are painted between the centres of cells, so that the cells next to the band count.
    near.widen(band, 1, 1)
    wide.widen(near, RIM_RADIUS, RIM_RADIUS)
    tall.widen(wide, 0, RIM_RADIUS)
    for (let y = 0; y < height; y++) this.eachStretch(tall, y, this.sumProducts)
    for (let y = 0; y < height; y++) this.eachStretch(wide, y, this.fitWindows)
    tall.widen(near, 0, RIM_RADIUS)
    for (let y = 0; y < height; y++) this.eachStretch(tall, y, this.sumRaw)
    this.maybeOutside.bits.fill(0)
    this.maybeInside.bits.fill(0)
    for (let y = 0; y < height; y++) this.eachStretch(near, y, this.average)
  }

  private cell(x: number, y: number): number {
    return (y + RIM_RADIUS) * this.stride + x + RIM_RADIUS
  }

  private eachStretch(of: BitRows, y: number, work: (x: number, end: number, y: number) => void): void {
    const { stretches } = this
    const count = of.stretches(y, stretches)
    for (let s = 0; s < count; s++) work.call(this, stretches[2 * s], stretches[2 * s + 1], y)
  }

  /** Means across of soft times each colour, and of soft. */
  private sumProducts(x: number, end: number, y: number): void {
    const { soft, colour, across, columns } = this
    const first = this.cell(x, y)
    const last = first + end - x
    for (let o = first, column = x; o < last; o++, column++) {
      let r = 0
      let g = 0
      let b = 0
      let s = 0
      for (let q = o - RIM_RADIUS; q <= o + RIM_RADIUS; q++) {
        const v = soft[q]
        r += Math.fround(colour[q * 3] * v)
        g += Math.fround(colour[q * 3 + 1] * v)
        b += Math.fround(colour[q * 3 + 2] * v)
        s += v
      }
      const n = columns[column]
      across[o * 4] = r / n
      across[o * 4 + 1] = g / n
      across[o * 4 + 2] = b / n
      across[o * 4 + 3] = s / n
    }
  }

  /** The linear function of colour that fits each window best. */
  private fitWindows(x: number, end: number, y: number): void {
    const { across, raw, window } = this
    const n = this.rows[y]
    const step = this.stride * 4
    const first = this.cell(x, y)
    const last = first + end - x
    for (let o = first; o < last; o++) {
      const c = o * 4
      const m = Math.fround(columnSum(across, c + 3, step) / n)
      const w = o * 9
      const meanR = window[w]
      const meanG = window[w + 1]
      const meanB = window[w + 2]
      const r = Math.fround(columnSum(across, c, step) / n) - meanR * m
      const g = Math.fround(columnSum(across, c + 1, step) / n) - meanG * m
      const b = Math.fround(columnSum(across, c + 2, step) / n) - meanB * m
      const s0 = window[w + 3] * r + window[w + 4] * g + window[w + 5] * b
      const s1 = window[w + 4] * r + window[w + 6] * g + window[w + 7] * b
      const s2 = window[w + 5] * r + window[w + 7] * g + window[w + 8] * b
      raw[c] = s0
      raw[c + 1] = s1
      raw[c + 2] = s2
      raw[c + 3] = m - s0 * meanR - s1 * meanG - s2 * meanB
    }
  }

  private sumRaw(x: number, end: number, y: number): void {
    const { raw, across, columns } = this
    const first = this.cell(x, y) * 4
    const last = first + (end - x) * 4
    for (let c = first, column = x; c < last; c += 4, column++) {
      const n = columns[column]
      for (let k = c; k < c + 4; k++) {
        across[k] = (raw[k - 8] + raw[k - 4] + raw[k] + raw[k + 4] + raw[k + 8]) / n
      }
    }
  }

  private average(x: number, end: number, y: number): void {
    const { across, coefficients, range, maybeInside, maybeOutside, width } = this
    const n = this.rows[y]
    const step = this.stride * 4
    const first = this.cell(x, y) * 4
    const last = first + (end - x) * 4
    for (let k = first; k < last; k++) coefficients[k] = columnSum(across, k, step) / n
    for (let column = x, c = first; column < end; column++, c += 4) {
      const at = (y * width + column) * 6
      let least = 0
      let most = 0
      for (let k = 0; k < 3; k++) {
        const slope = coefficients[c + k]
        const low = slope * range[at + k]
        const high = slope * range[at + 3 + k]
        least += slope > 0 ? low : high
        most += slope > 0 ? high : low
      }
      const bit = 1 << (column & 31)
      const word = y * maybeInside.words + (column >> 5)
      if (!(least / 255 + coefficients[c + 3] > 0.5 + SURE)) maybeOutside.bits[word] |= bit
      if (!(most / 255 + coefficients[c + 3] < 0.5 - SURE)) maybeInside.bits[word] |= bit
    }
  }

  /** Mean colour and inverse covariance of the window about each cell. */
  private describeWindows(colour: readonly Float32Array[]): void {
    const { width, height, window } = this
    const scratch = new Float32Array(width * height)
    const blurred = (plane: Float32Array): Float32Array => {
      boxBlur(plane, width, height, RIM_RADIUS, scratch)
      return plane
    }
    const mean = colour.map((plane) => blurred(plane.slice()))
    const covariance = (a: number, b: number): Float32Array => {
      const plane = new Float32Array(width * height)
      for (let o = 0; o < plane.length; o++) plane[o] = colour[a][o] * colour[b][o]
      blurred(plane)
      const extra = a === b ? REGULARISATION : 0
      for (let o = 0; o < plane.length; o++) plane[o] += extra - mean[a][o] * mean[b][o]
      return plane
    }
    const rr = covariance(0, 0)
    const rg = covariance(0, 1)
    const rb = covariance(0, 2)
    const gg = covariance(1, 1)
    const gb = covariance(1, 2)
    const bb = covariance(2, 2)
    for (let y = 0, o = 0; y < height; y++) {
      let w = this.cell(0, y) * 9
      for (let x = 0; x < width; x++, o++, w += 9) {
        const m0 = gg[o] * bb[o] - gb[o] * gb[o]
        const m1 = rb[o] * gb[o] - rg[o] * bb[o]
        const m2 = rg[o] * gb[o] - rb[o] * gg[o]
        const determinant = rr[o] * m0 + rg[o] * m1 + rb[o] * m2
        window[w] = mean[0][o]
        window[w + 1] = mean[1][o]
        window[w + 2] = mean[2][o]
        window[w + 3] = m0 / determinant
        window[w + 4] = m1 / determinant
        window[w + 5] = m2 / determinant
        window[w + 6] = (rr[o] * bb[o] - rb[o] * rb[o]) / determinant
        window[w + 7] = (rg[o] * rb[o] - rr[o] * gb[o]) / determinant
        window[w + 8] = (rr[o] * gg[o] - rg[o] * rg[o]) / determinant
      }
    }
  }
}

/** The five numbers of a window's column. */
function columnSum(plane: Float32Array, at: number, step: number): number {
  return plane[at - 2 * step] + plane[at - step] + plane[at] + plane[at + step] + plane[at + 2 * step]
}

function windowSizes(length: number): Int32Array {
  return Int32Array.from(
    { length },
    (_, i) => Math.min(length - 1, i + RIM_RADIUS) - Math.max(0, i - RIM_RADIUS) + 1,
  )
}

/** Mean red, green and blue (0-1) of each cell. */
function shrink(
  { width: photoWidth, height: photoHeight, data }: Image,
  columnOf: Int32Array,
  rowOf: Int32Array,
  width: number,
  height: number,
): readonly Float32Array[] {
  const [r, g, b, hits] = Array.from({ length: 4 }, () => new Float32Array(width * height))
  for (let y = 0, p = 0; y < photoHeight; y++) {
    const row = (rowOf[y] >> 1) * width
    for (let x = 0; x < photoWidth; ) {
      const cell = columnOf[x] >> 1
      const from = x
      let red = 0
      let green = 0
      let blue = 0
      for (; x < photoWidth && columnOf[x] >> 1 === cell; x++, p += 4) {
        red += data[p]
        green += data[p + 1]
        blue += data[p + 2]
      }
      const o = row + cell
      hits[o] += x - from
      r[o] += red
      g[o] += green
      b[o] += blue
    }
  }
  const planes = [r, g, b]
  for (const plane of planes) {
    for (let o = 0; o < plane.length; o++) plane[o] = hits[o] > 0 ? plane[o] / (255 * hits[o]) : 0
  }
  return planes
}
