import type { Topology } from './topology.ts'

/** x0, y0, x1, y1 in working pixels, the far corner excluded. */
export type Bounds = readonly [number, number, number, number]

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
    const slant = 4 / 3
    this.span = [left, top, right, bottom]
    let most = 0
    let where = 0
    for (let y = top; y < bottom; y++) {
      for (let x = left, p = y * width + left; x < right; x++, p++) {
        if (member[region[p]] === 0) continue
        let d = 1
        if (x > 0 && y > 0 && x + 1 < width) {
          d = (depth[p - 1] < depth[p - width] ? depth[p - 1] : depth[p - width]) + 1
          if (d > 1) {
            const a = depth[p - width - 1] + slant
            const b = depth[p - width + 1] + slant
            if (a < d) d = a
            if (b < d) d = b
          }
        }
        depth[p] = d
      }
    }
    for (let y = bottom - 1; y >= top; y--) {
      for (let x = right - 1, p = y * width + right - 1; x >= left; x--, p--) {
        let d = depth[p]
        if (d === 0) continue
        if (x > 0 && y + 1 < height && x + 1 < width) {
          const a = depth[p + 1] + 1
          const b = depth[p + width] + 1
          const e = depth[p + width + 1] + slant
          const f = depth[p + width - 1] + slant
          if (a < d) d = a
          if (b < d) d = b
          if (e < d) d = e
          if (f < d) d = f
        } else d = 1
        depth[p] = d
        if (depth[p] > most) {
          most = depth[p]
          where = p
        }
      }
    }
    this.most = most
    this.where = where
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
