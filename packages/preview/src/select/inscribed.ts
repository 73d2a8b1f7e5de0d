import { DepthGrid } from './depth-grid.ts'
import { MinHeap } from './heap.ts'
import type { RegionGraph } from './region-graph.ts'
import type { Seeds } from './seeds.ts'

/** Cuts of the first answer in which depths are measured. */
const CUTS = [0.25, 0.55] as const
const PER_CUT = 4
export const INSCRIBED = 1 + CUTS.length * PER_CUT
/** The answer is looked at on every second working pixel. */
const STEP = 2

/**
 * People click in the middle: the first click lies near the centre of the largest disc that fits into the object, so
 * what is thicker than the object is at that click, or hangs on it by a thick neck elsewhere, is likely something else.
 */
export class InscribedFeatures {
  private readonly graph: RegionGraph
  private readonly grid: DepthGrid
  private readonly member: Uint8Array
  /** Largest depth in each region. */
  private readonly deepest: Float32Array
  private readonly neck: Float32Array
  private readonly heap: MinHeap

  constructor(graph: RegionGraph) {
    const { topology } = graph
    this.graph = graph
    this.grid = new DepthGrid(topology, STEP, 0)
    this.member = new Uint8Array(topology.count)
    this.deepest = new Float32Array(topology.count)
    this.neck = new Float32Array(topology.count)
    this.heap = new MinHeap(topology.edgeA.length * 2 + topology.count)
  }

  /** Writes INSCRIBED columns of some regions from `column` on; `first` is the first stage's probability of all. */
  compute(
    first: Float32Array,
    seeds: Seeds,
    out: Float32Array,
    columns: number,
    column: number,
    regions: Int32Array,
  ): void {
    const { topology } = this.graph
    const n = topology.count
    const click = seeds.inside[0]
    const longest = topology.width > topology.height ? topology.width : topology.height
    for (let c = 0; c < CUTS.length; c++) {
      this.measure(first, CUTS[c])
      let most = 0
      let widest = 0
      for (let i = 0; i < n; i++) {
        if (this.deepest[i] > most) {
          most = this.deepest[i]
          widest = i
        }
      }
      let here = most
      if (click) here = this.grid.depth[this.grid.cellAt(click.x, click.y)]
      this.necks(click ? click.region : widest)
      const scale = 1 / (here + 2)
      for (const i of regions) {
        const at = i * columns + column + 1 + c * PER_CUT
        out[at] = this.deepest[i] * scale
        out[at + 1] = this.neck[i] * scale
        out[at + 2] = most * scale
        out[at + 3] = (here * STEP) / longest
      }
      if (c > 0) continue
      for (const i of regions) {
        let reach = -1
        if (click) {
          const dx = topology.centreX[i] + 0.5 - click.x
          const dy = topology.centreY[i] + 0.5 - click.y
          reach = Math.sqrt(dx * dx + dy * dy) * scale
        }
        out[i * columns + column] = reach
      }
    }
  }

  /** Depth of each cell in the cut, and the most in each region. */
  private measure(first: Float32Array, cut: number): void {
    const { grid, member, deepest } = this
    const { bounds } = this.graph
    let [x0, y0, x1, y1] = [this.graph.topology.width, this.graph.topology.height, 0, 0]
    for (let i = 0; i < member.length; i++) {
      member[i] = first[i] > cut ? 1 : 0
      if (member[i] === 0) continue
      const b = 4 * i
      if (bounds[b] < x0) x0 = bounds[b]
      if (bounds[b + 1] < y0) y0 = bounds[b + 1]
      if (bounds[b + 2] > x1) x1 = bounds[b + 2]
      if (bounds[b + 3] > y1) y1 = bounds[b + 3]
    }
    grid.measure(member, [x0, y0, x1, y1])
    grid.deepest(deepest)
  }

  /** Width of the way from a region: the least depth on it, as large as can be. */
  private necks(from: number): void {
    const { start, neighbour } = this.graph.topology
    const { neck, deepest, heap } = this
    neck.fill(0)
    heap.clear()
    neck[from] = deepest[from]
    heap.push(-neck[from], from)
    while (heap.size > 0) {
      const value = -heap.minimum
      const region = heap.pop()
      if (value < neck[region]) continue
      for (let k = start[region]; k < start[region + 1]; k++) {
        const to = neighbour[k]
        const through = value < deepest[to] ? value : deepest[to]
        if (through > neck[to]) {
          neck[to] = through
          heap.push(-through, to)
        }
      }
    }
  }
}
