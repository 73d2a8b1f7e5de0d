import type { Topology } from './topology.ts'

/** The answer is looked at on every second working pixel. */
export const STEP = 2
const SLANT = 4 / 3

/** How deep each cell lies in its side of an answer: a 3-4 chamfer over a grid of every second working pixel. */
export class SideDepth {
  readonly width: number
  readonly height: number
  /** Cells a row of the planes: one more than the grid, and one row more above and below. */
  private readonly stride: number
  /** Region of each cell. */
  private readonly region: Int32Array
  /** Depth of the cells of either side, 0 where the cell is of the other one. */
  private readonly planes: readonly [Float32Array, Float32Array]
  private readonly side: Uint8Array

  constructor(topology: Topology) {
    this.width = Math.max(1, (topology.width + 1) >> 1)
    this.height = Math.max(1, (topology.height + 1) >> 1)
    this.stride = this.width + 1
    const cells = this.stride * (this.height + 2)
    this.planes = [new Float32Array(cells), new Float32Array(cells)]
    this.side = new Uint8Array(topology.count)
    this.region = new Int32Array(this.width * this.height)
    for (let y = 0, at = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++, at++) {
        this.region[at] = topology.labels[y * STEP * topology.width + x * STEP]
      }
    }
  }

  /** The cell of a place in working pixels. */
  cell(x: number, y: number): number {
    const column = Math.min(this.width - 1, Math.floor(x / STEP))
    return (Math.min(this.height - 1, Math.floor(y / STEP)) + 1) * this.stride + column
  }

  /** Depth of a cell, in cells. */
  at(cell: number): number {
    const [outside, inside] = this.planes
    return inside[cell] > 0 ? inside[cell] : outside[cell]
  }

  /** Measures the distance of each cell to the other side of an answer (probabilities of regions) or the frame. */
  measure(probability: Float32Array): void {
    const { side, height } = this
    for (let i = 0; i < side.length; i++) side[i] = probability[i] > 0.5 ? 1 : 0
    for (let y = 0; y < height; y++) this.sweepDown(y)
    for (let y = height - 1; y >= 0; y--) this.sweepUp(y)
  }

  /** Distances by way of the cells to the left and above: a cell of the other side, or beyond the frame, has depth 0. */
  private sweepDown(y: number): void {
    const { width, stride, region, side, planes } = this
    const own = y * width
    let p = (y + 1) * stride
    let left = 0
    let before = -1
    for (let x = 0; x < width; x++, p++) {
      const s = side[region[own + x]]
      const plane = planes[s]
      if (s !== before) left = 0
      before = s
      const above = plane[p - stride]
      let d = (left < above ? left : above) + 1
      if (d > 1) {
        // Only the frame on the right is left to the way back.
        const slantLeft = plane[p - stride - 1] + SLANT
        const slantRight = x + 1 < width ? plane[p - stride + 1] + SLANT : d
        if (slantLeft < d) d = slantLeft
        if (slantRight < d) d = slantRight
      }
      left = Math.fround(d)
      plane[p] = d
      planes[1 - s][p] = 0
    }
  }

  private sweepUp(y: number): void {
    const { width, stride, region, side, planes } = this
    const own = y * width
    let p = (y + 1) * stride + width - 1
    let right = 0
    let before = -1
    for (let x = width - 1; x >= 0; x--, p--) {
      const s = side[region[own + x]]
      const plane = planes[s]
      if (s !== before) right = 0
      before = s
      const below = plane[p + stride]
      const known = plane[p]
      let d = (right < below ? right : below) + 1
      if (d > 1) {
        const slantRight = plane[p + stride + 1] + SLANT
        const slantLeft = x > 0 ? plane[p + stride - 1] + SLANT : d
        if (slantRight < d) d = slantRight
        if (slantLeft < d) d = slantLeft
      }
      right = known
      if (d < known) {
        plane[p] = d
        right = plane[p]
      }
    }
  }
}
