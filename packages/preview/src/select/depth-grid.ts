import type { Topology } from './topology.ts'

/** x0, y0, x1, y1 in working pixels, the far corner excluded. */
export type Bounds = readonly [number, number, number, number]

const SLANT = 4 / 3

/** Depth inside a set of regions, on a coarse grid: distance to the nearest cell outside it or the frame (3-4 chamfer). */
export class DepthGrid {
  readonly width: number
  readonly height: number
  /** Region at each cell. */
  readonly region: Int32Array
  /** Cells; 0 outside. */
  readonly depth: Float32Array
  /** Largest depth of the last measurement, and its last cell. */
  most = 0
  where = 0
  /** Cells that may hold a depth: left, top, right, bottom, the far corner excluded. */
  private span: Bounds = [0, 0, 0, 0]
  private readonly step: number

  /** One cell for `step` x `step` working pixels, which are seen at `offset` from their corner. */
  constructor(topology: Topology, step: number, offset: number) {
    const { width, height, labels } = topology
    this.step = step
    this.width = Math.max(1, Math.ceil(width / step))
    this.height = Math.max(1, Math.ceil(height / step))
    this.region = new Int32Array(this.width * this.height)
    this.depth = new Float32Array(this.region.length)
    for (let y = 0; y < this.height; y++) {
      const row = Math.min(height - 1, y * step + offset) * width
      for (let x = 0; x < this.width; x++)
        this.region[y * this.width + x] = labels[row + Math.min(width - 1, x * step + offset)]
    }
  }

  /** The cell of a working pixel. */
  cellAt(x: number, y: number): number {
    const column = Math.min(this.width - 1, Math.floor(x / this.step))
    return Math.min(this.height - 1, Math.floor(y / this.step)) * this.width + column
  }

  /** Measures `depth` in the regions whose `member` is 1; all of them lie within the bounds. */
  measure(member: Uint8Array, [x0, y0, x1, y1]: Bounds): void {
    const { width, height, depth, region, step } = this
    this.clear()
    const left = Math.floor(x0 / step)
    const top = Math.floor(y0 / step)
    const right = Math.min(width, Math.ceil(x1 / step))
    const bottom = Math.min(height, Math.ceil(y1 / step))
    this.span = [left, top, right, bottom]
    this.most = 0
    this.where = 0
    // Cells on the frame have depth 1: only the others look about them.
    const from = Math.max(1, left)
    const end = Math.min(width - 1, right)
    for (let y = top; y < bottom; y++) {
      const row = y * width
      if (y === 0 || y + 1 === height) {
        for (let p = row + left; p < row + right; p++) depth[p] = member[region[p]]
        continue
      }
      if (left === 0) depth[row] = member[region[row]]
      this.sweepRight(member, row + from, row + end)
      if (right === width) depth[row + width - 1] = member[region[row + width - 1]]
    }
    for (let y = bottom - 1; y >= top; y--) {
      const row = y * width
      if (y === 0 || y + 1 === height) {
        for (let p = row + right - 1; p >= row + left; p--) this.note(p)
        continue
      }
      if (right === width) this.note(row + width - 1)
      this.sweepLeft(row + from, row + end)
      if (left === 0) this.note(row)
    }
  }

  /** Distances by way of the cells to the left and above, for cells p to `end` of a row that has one above. */
  private sweepRight(member: Uint8Array, p: number, end: number): void {
    const { depth, region, width } = this
    let before = depth[p - 1]
    let aboveLeft = depth[p - width - 1]
    let above = depth[p - width]
    for (; p < end; p++) {
      const aboveRight = depth[p - width + 1]
      let d = 0
      if (member[region[p]] !== 0) {
        d = (before < above ? before : above) + 1
        if (d > 1) {
          const a = aboveLeft + SLANT
          const b = aboveRight + SLANT
          if (a < d) d = a
          if (b < d) d = b
          d = Math.fround(d)
        }
        depth[p] = d
      }
      before = d
      aboveLeft = above
      above = aboveRight
    }
  }

  /** Distances by way of the cells to the right and below, from the cell before `end` back to p. */
  private sweepLeft(p: number, end: number): void {
    const { depth, width } = this
    let { most, where } = this
    let q = end - 1
    let after = depth[q + 1]
    let belowRight = depth[q + width + 1]
    let below = depth[q + width]
    for (; q >= p; q--) {
      const belowLeft = depth[q + width - 1]
      let d = depth[q]
      if (d > 1) {
        const a = (after < below ? after : below) + 1
        const b = (belowLeft < belowRight ? belowLeft : belowRight) + SLANT
        if (a < d || b < d) {
          d = Math.fround(a < b ? a : b)
          depth[q] = d
        }
      }
      if (d > most) {
        most = d
        where = q
      }
      after = d
      belowRight = below
      below = belowLeft
    }
    this.most = most
    this.where = where
  }

  private note(p: number): void {
    if (this.depth[p] > this.most) {
      this.most = this.depth[p]
      this.where = p
    }
  }

  /** The largest depth in each region of the last measurement, into `out`. */
  deepest(out: Float32Array): void {
    const { width, depth, region } = this
    const [left, top, right, bottom] = this.span
    out.fill(0)
    for (let y = top; y < bottom; y++) {
      for (let p = y * width + left; p < y * width + right; p++) {
        if (depth[p] > out[region[p]]) out[region[p]] = depth[p]
      }
    }
  }

  private clear(): void {
    const [left, top, right, bottom] = this.span
    for (let y = top; y < bottom; y++) this.depth.fill(0, y * this.width + left, y * this.width + right)
  }
}

/** x0, y0, x1, y1 of each region, the far corner excluded. */
export function regionBounds(topology: Topology): Int32Array {
  const { width, height, labels, count } = topology
  const bounds = new Int32Array(count * 4)
  for (let i = 0; i < count; i++) {
    bounds[4 * i] = width
    bounds[4 * i + 1] = height
  }
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const b = labels[p] * 4
      if (x < bounds[b]) bounds[b] = x
      if (y < bounds[b + 1]) bounds[b + 1] = y
      if (x >= bounds[b + 2]) bounds[b + 2] = x + 1
      if (y >= bounds[b + 3]) bounds[b + 3] = y + 1
    }
  }
  return bounds
}
