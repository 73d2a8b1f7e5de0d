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
  /** Stretches of cells of one region: first cell of each in raster order, and which region; one end more. */
  private readonly begin: Int32Array
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
    const begin: number[] = []
    const region: number[] = []
    for (let y = 0, at = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++, at++) {
        const label = topology.labels[y * STEP * topology.width + x * STEP]
        if (x > 0 && label === region[region.length - 1]) continue
        begin.push(at)
        region.push(label)
      }
    }
    this.begin = Int32Array.from([...begin, this.width * this.height])
    this.region = Int32Array.from(region)
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
    const { begin, region, width } = this
    const last = region.length
    for (let k = 0, from = 0; k < last; k++) {
      // Stretches of one side in one row are swept in one go.
      const end = begin[k + 1]
      const s = side[region[k]]
      if (k + 1 < last && side[region[k + 1]] === s && end % width !== 0) continue
      this.sweepDown(s, from, end)
      from = end
    }
    for (let k = last - 1, end = width * height; k >= 0; k--) {
      const from = begin[k]
      const s = side[region[k]]
      if (k > 0 && side[region[k - 1]] === s && from % width !== 0) continue
      this.sweepUp(s, from, end)
      end = from
    }
  }

  /**
   * Distances by way of the cells to the left and above, for a stretch of cells of one side in one row: a cell of the
   * other side, or beyond the frame, has depth 0.
   */
  private sweepDown(side: number, from: number, end: number): void {
    const { width, stride, planes } = this
    const plane = planes[side]
    const y = Math.floor(from / width)
    // The grid's numbers, then the planes': a row longer by one, and one row more above.
    let p = from + y + stride
    const stop = end + y + stride
    // Only the frame on the right is left to the way back.
    const lastColumn = (y + 1) * stride + width - 1
    planes[1 - side].fill(0, p, stop)
    let left = 0
    let aboveLeft = plane[p - stride - 1]
    let above = plane[p - stride]
    for (; p < stop; p++) {
      const aboveRight = p === lastColumn ? above + 1 : plane[p - stride + 1]
      let d = (left < above ? left : above) + 1
      if (d > 1) {
        const slant = (aboveLeft < aboveRight ? aboveLeft : aboveRight) + SLANT
        if (slant < d) d = slant
      }
      left = Math.fround(d)
      plane[p] = left
      aboveLeft = above
      above = aboveRight
    }
  }

  /** The same by way of the cells to the right and below. */
  private sweepUp(side: number, from: number, end: number): void {
    const { width, stride, planes } = this
    const plane = planes[side]
    const y = Math.floor(from / width)
    const stop = from + y + stride
    let p = end + y + stride - 1
    const firstColumn = (y + 1) * stride
    let right = 0
    let belowRight = plane[p + stride + 1]
    let below = plane[p + stride]
    for (; p >= stop; p--) {
      const belowLeft = p === firstColumn ? below + 1 : plane[p + stride - 1]
      const known = plane[p]
      let d = (right < below ? right : below) + 1
      if (d > 1) {
        const slant = (belowRight < belowLeft ? belowRight : belowLeft) + SLANT
        if (slant < d) d = slant
      }
      right = known
      if (d < known) {
        right = Math.fround(d)
        plane[p] = right
      }
      belowRight = below
      below = belowLeft
    }
  }
}
