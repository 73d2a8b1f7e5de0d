import type { RegionGraph } from './region-graph.ts'
import type { Seed } from './seeds.ts'

export const MEMORY = 8
/** The answer is looked at on every second working pixel. */
const STEP = 2

/** What the answer before the last click was, and that click: people click where the answer is most wrong. */
export interface Memory {
  /** Probabilities shown before the last click; null before the first. */
  readonly previous: Float32Array | null
  /** The last click; null while there is none. */
  readonly last: { readonly seed: Seed; readonly label: 0 | 1 } | null
}

/**
 * Relates each region to the last click and the answer before it: how likely it was, how deep it lay in its side of
 * that answer, how far it is from the click, all against the depth at which the click lay. Errors elsewhere are as a
 * rule smaller than the one that was clicked, so a click close to the rim leaves the rest alone.
 */
export class MemoryFeatures {
  private readonly graph: RegionGraph
  private readonly width: number
  private readonly height: number
  private readonly side: Uint8Array
  private readonly depth: Float32Array
  private readonly distance: Float32Array
  private readonly centreCell: Int32Array

  constructor(graph: RegionGraph) {
    const { topology } = graph
    this.graph = graph
    this.width = Math.max(1, Math.floor((topology.width + 1) / STEP))
    this.height = Math.max(1, Math.floor((topology.height + 1) / STEP))
    this.side = new Uint8Array(this.width * this.height)
    this.depth = new Float32Array(this.width * this.height)
    this.distance = new Float32Array(topology.count)
    this.centreCell = Int32Array.from({ length: topology.count }, (_, i) =>
      this.cell(topology.centreX[i] + 0.5, topology.centreY[i] + 0.5),
    )
  }

  private cell(x: number, y: number): number {
    const column = Math.min(this.width - 1, Math.floor(x / STEP))
    return Math.min(this.height - 1, Math.floor(y / STEP)) * this.width + column
  }

  /** Writes MEMORY columns of each region from `column` on. */
  compute(memory: Memory, out: Float32Array, columns: number, column: number): void {
    const { topology, paths } = this.graph
    const { previous, last } = memory
    if (previous === null || last === null) {
      for (let i = 0; i < topology.count; i++) {
        const at = i * columns + column
        out.fill(-1, at, at + MEMORY)
        if (previous !== null) out[at] = previous[i]
      }
      return
    }
    this.measureDepth(previous)
    const { seed } = last
    const reach = this.depth[this.cell(seed.x, seed.y)] * STEP
    const longest = Math.max(topology.width, topology.height)
    paths.from([seed.region], 1, this.distance)
    for (let i = 0; i < topology.count; i++) {
      const at = i * columns + column
      const dx = topology.centreX[i] + 0.5 - seed.x
      const dy = topology.centreY[i] + 0.5 - seed.y
      out[at] = previous[i]
      out[at + 1] = last.label
      out[at + 2] = previous[seed.region]
      out[at + 3] = reach / longest
      out[at + 4] = (this.depth[this.centreCell[i]] * STEP) / (reach + 2)
      out[at + 5] = this.distance[i]
      out[at + 6] = Math.sqrt(dx * dx + dy * dy) / (reach + 4)
      out[at + 7] =
        last.label === 1 ? previous[i] - previous[seed.region] : previous[seed.region] - previous[i]
    }
  }

  /** Distance of each cell to the other side of the previous answer or the frame, by the 3-4 chamfer, in cells. */
  private measureDepth(previous: Float32Array): void {
    const { width, height, side, depth } = this
    const { topology } = this.graph
    for (let y = 0; y < height; y++) {
      const row = y * STEP * topology.width
      for (let x = 0; x < width; x++)
        side[y * width + x] = previous[topology.labels[row + x * STEP]] > 0.5 ? 1 : 0
    }
    const slant = 4 / 3
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const p = y * width + x
        const s = side[p]
        let d = 1
        if (x > 0 && y > 0 && side[p - 1] === s && side[p - width] === s) {
          d = Math.min(depth[p - 1], depth[p - width]) + 1
          d = side[p - width - 1] === s ? Math.min(d, depth[p - width - 1] + slant) : Math.min(d, slant)
          if (x + 1 < width) {
            d = side[p - width + 1] === s ? Math.min(d, depth[p - width + 1] + slant) : Math.min(d, slant)
          }
        }
        depth[p] = d
      }
    }
    for (let y = height - 1; y >= 0; y--) {
      for (let x = width - 1; x >= 0; x--) {
        const p = y * width + x
        const s = side[p]
        let d = 1
        if (x + 1 < width && y + 1 < height && side[p + 1] === s && side[p + width] === s) {
          d = Math.min(depth[p + 1], depth[p + width]) + 1
          d = side[p + width + 1] === s ? Math.min(d, depth[p + width + 1] + slant) : Math.min(d, slant)
          if (x > 0)
            d = side[p + width - 1] === s ? Math.min(d, depth[p + width - 1] + slant) : Math.min(d, slant)
        }
        if (d < depth[p]) depth[p] = d
      }
    }
  }
}
