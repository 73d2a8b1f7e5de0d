import { BoxTreeFeatures } from './box-tree.ts'
import { WORDS } from './colour-words.ts'
import { BOX, BOX_COLUMNS, BOX_TREE, FEATURES } from './feature-columns.ts'
import { log } from './numeric.ts'
import type { RegionGraph } from './region-graph.ts'
import type { Seeds } from './seeds.ts'
import type { Factor } from './solver.ts'
import { BEYOND_BOX, PIN } from './walk-features.ts'

/** What each region has to do with the box: its share inside, place, colours, and what shuts it in. */
export class BoxFeatures {
  /** Share of each region inside the box; all 1 without one. */
  readonly share: Float32Array
  private readonly graph: RegionGraph
  /** The box that the columns stand for; undefined before the first. */
  private box: Seeds['box'] | undefined
  private readonly around: Float32Array
  private readonly sources: Int32Array
  private readonly extra: Float64Array
  private readonly right: Float64Array
  private readonly heat: Float64Array
  private readonly factor: Factor
  private readonly tree: BoxTreeFeatures

  constructor(graph: RegionGraph) {
    const n = graph.topology.count
    this.graph = graph
    this.share = new Float32Array(n)
    this.around = new Float32Array(n)
    this.sources = new Int32Array(n)
    this.extra = new Float64Array(n)
    this.right = new Float64Array(n)
    this.heat = new Float64Array(n)
    this.factor = graph.solver.createFactor()
    this.tree = new BoxTreeFeatures(graph)
  }

  /** Fills the box's columns of a table that nobody else writes them of; says whether the box is another one. */
  compute(box: Seeds['box'], values: Float32Array): boolean {
    if (this.box !== undefined && sameBox(this.box, box)) return false
    this.box = box
    if (box === null) {
      this.share.fill(1)
      for (let i = 0; i < this.share.length; i++) {
        const at = i * FEATURES + BOX
        values.fill(-1, at, at + BOX_COLUMNS)
      }
      return true
    }
    this.measureShare(box)
    this.write(box, values)
    this.tree.compute(box, this.share, values, FEATURES, BOX_TREE)
    return true
  }

  private measureShare([x0, y0, x1, y1]: NonNullable<Seeds['box']>): void {
    const { topology } = this.graph
    const { share } = this
    share.fill(0)
    const right = Math.min(topology.width, Math.ceil(x1))
    const bottom = Math.min(topology.height, Math.ceil(y1))
    for (let y = Math.max(0, Math.floor(y0)); y < bottom; y++) {
      const row = y * topology.width
      const high = Math.min(y + 1, y1) - Math.max(y, y0)
      for (let x = Math.max(0, Math.floor(x0)); x < right; x++) {
        share[topology.labels[row + x]] += high * (Math.min(x + 1, x1) - Math.max(x, x0))
      }
    }
    for (let i = 0; i < share.length; i++) {
      const area = topology.area[i]
      share[i] = share[i] > area ? 1 : share[i] / area
    }
  }

  private write([x0, y0, x1, y1]: NonNullable<Seeds['box']>, values: Float32Array): void {
    const { topology, histogram, words, paths } = this.graph
    const { share, around, heat } = this
    const ratio = this.colourRatio()
    let count = 0
    for (let i = 0; i < share.length; i++) if (share[i] < BEYOND_BOX) this.sources[count++] = i
    paths.from(this.sources, count, around)
    this.warm()
    const halfWidth = (x1 - x0) / 2
    const halfHeight = (y1 - y0) / 2
    const size = ((x1 - x0) * (y1 - y0)) / (topology.width * topology.height)
    const aspect = halfWidth / (halfWidth + halfHeight)
    let deepest = 1e-6
    let warmest = 1e-6
    for (let i = 0; i < share.length; i++) {
      if (around[i] > deepest) deepest = around[i]
      if (heat[i] > warmest) warmest = heat[i]
    }
    for (let i = 0; i < share.length; i++) {
      const at = i * FEATURES + BOX
      const u = (topology.centreX[i] + 0.5 - (x0 + x1) / 2) / halfWidth
      const v = (topology.centreY[i] + 0.5 - (y0 + y1) / 2) / halfHeight
      let likelihood = 0
      for (let q = words.first[i]; q < words.first[i + 1]; q++) {
        likelihood += histogram[i * WORDS + words.word[q]] * ratio[words.word[q]]
      }
      values[at] = share[i]
      values[at + 1] = Math.min(4, u < 0 ? -u : u)
      values[at + 2] = Math.min(4, Math.max(-4, v))
      values[at + 3] = Math.min(4, Math.max(u < 0 ? -u : u, v < 0 ? -v : v))
      values[at + 4] = likelihood
      values[at + 5] = around[i]
      values[at + 6] = around[i] / deepest
      values[at + 7] = heat[i] / warmest
      values[at + 8] = size
      values[at + 9] = aspect
    }
  }

  /** Log of how much more often each colour word stands inside the box than outside. */
  private colourRatio(): Float64Array {
    const { topology, histogram, words } = this.graph
    const within = new Float64Array(WORDS)
    const beyond = new Float64Array(WORDS)
    let withinTotal = 1e-6
    let beyondTotal = 1e-6
    for (let i = 0; i < topology.count; i++) {
      const w = topology.area[i] * this.share[i]
      const v = topology.area[i] - w
      withinTotal += w
      beyondTotal += v
      for (let q = words.first[i]; q < words.first[i + 1]; q++) {
        const k = words.word[q]
        within[k] += histogram[i * WORDS + k] * w
        beyond[k] += histogram[i * WORDS + k] * v
      }
    }
    return within.map((w, k) => log((w / withinTotal + 2e-3) / (beyond[k] / beyondTotal + 2e-3)))
  }

  /** Heat of a plate that is warmed evenly inside the box and cooled outside: high where boundaries shut it in. */
  private warm(): void {
    const { topology, solver } = this.graph
    const { share, extra, right, factor } = this
    const meanArea = (topology.width * topology.height) / topology.count
    for (let i = 0; i < topology.count; i++) {
      const beyond = 1 - share[i]
      extra[i] = beyond > 1 - BEYOND_BOX ? PIN : 0.3 * beyond + 1e-3
      right[i] = (share[i] * topology.area[i]) / meanArea
    }
    solver.factorise(extra, factor)
    solver.solve(factor, right, this.heat)
  }
}

function sameBox(a: Seeds['box'], b: Seeds['box']): boolean {
  return a === null || b === null ? a === b : a.every((side, k) => side === b[k])
}
