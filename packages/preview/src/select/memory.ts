import type { RegionGraph } from './region-graph.ts'
import type { Seed } from './seeds.ts'
import { SideDepth, STEP } from './side-depth.ts'

export const MEMORY = 8

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
  private readonly depth: SideDepth
  private readonly distance: Float32Array
  private readonly centreCell: Int32Array

  constructor(graph: RegionGraph) {
    const { topology } = graph
    this.graph = graph
    this.depth = new SideDepth(topology)
    this.distance = new Float32Array(topology.count)
    this.centreCell = Int32Array.from({ length: topology.count }, (_, i) =>
      this.depth.cell(topology.centreX[i] + 0.5, topology.centreY[i] + 0.5),
    )
  }

  /** Writes MEMORY columns of the rows of `regions`, from `column` on. */
  compute(memory: Memory, out: Float32Array, columns: number, column: number, regions: Int32Array): void {
    const { topology, paths } = this.graph
    const { previous, last } = memory
    if (previous === null || last === null) {
      for (const i of regions) {
        const at = i * columns + column
        out.fill(-1, at, at + MEMORY)
        if (previous !== null) out[at] = previous[i]
      }
      return
    }
    const { depth } = this
    depth.measure(previous)
    const { seed } = last
    const reach = depth.at(depth.cell(seed.x, seed.y)) * STEP
    const longest = Math.max(topology.width, topology.height)
    paths.from([seed.region], 1, this.distance)
    for (const i of regions) {
      const at = i * columns + column
      const dx = topology.centreX[i] + 0.5 - seed.x
      const dy = topology.centreY[i] + 0.5 - seed.y
      out[at] = previous[i]
      out[at + 1] = last.label
      out[at + 2] = previous[seed.region]
      out[at + 3] = reach / longest
      out[at + 4] = (depth.at(this.centreCell[i]) * STEP) / (reach + 2)
      out[at + 5] = this.distance[i]
      out[at + 6] = Math.sqrt(dx * dx + dy * dy) / (reach + 4)
      out[at + 7] =
        last.label === 1 ? previous[i] - previous[seed.region] : previous[seed.region] - previous[i]
    }
  }
}
