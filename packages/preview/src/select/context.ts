import { WORDS } from './colour-words.ts'
import { FEATURES } from './feature-columns.ts'
import { MinHeap } from './heap.ts'
import { INSCRIBED, InscribedFeatures } from './inscribed.ts'
import { MEMORY, type Memory, MemoryFeatures } from './memory.ts'
import { log } from './numeric.ts'
import type { RegionGraph } from './region-graph.ts'
import type { Seeds } from './seeds.ts'
import type { Factor } from './solver.ts'

/** Sizes, share of the image, of the merge-tree nodes over which the first answer is averaged. */
const TREE_LIMITS = [0.003, 0.01, 0.03, 0.08, 0.2] as const
/** How strongly the smoothed answer holds on to the first one, against mean conductance. */
const HOLD = 0.15

const CONTEXT = 11 + TREE_LIMITS.length
export const STAGE_TWO = FEATURES + CONTEXT + MEMORY + INSCRIBED

/** Second look: what the first answer says about colours, neighbours and size; regions x STAGE_TWO. */
export class ContextFeatures {
  readonly values: Float32Array
  private readonly graph: RegionGraph
  private readonly memory: MemoryFeatures
  private readonly inscribed: InscribedFeatures
  private readonly smoother: Factor
  private readonly degree: Float64Array
  private readonly hold: number
  private readonly right: Float64Array
  private readonly smooth: Float64Array
  private readonly once: Float32Array
  private readonly twice: Float32Array
  private readonly linked: Float32Array
  private readonly heap: MinHeap
  private readonly nodeArea: Float64Array
  private readonly nodeSum: Float64Array
  /** For each limit and region the node over which to average. */
  private readonly above: readonly Int32Array[]

  constructor(graph: RegionGraph) {
    const { topology, conductance, tree } = graph
    const n = topology.count
    this.graph = graph
    this.memory = new MemoryFeatures(graph)
    this.inscribed = new InscribedFeatures(graph)
    this.values = new Float32Array(n * STAGE_TWO)
    this.degree = new Float64Array(n)
    for (let e = 0; e < conductance.length; e++) {
      this.degree[topology.edgeA[e]] += conductance[e]
      this.degree[topology.edgeB[e]] += conductance[e]
    }
    let mean = 1e-6
    for (let i = 0; i < n; i++) mean += this.degree[i] / n
    this.hold = HOLD * mean
    this.smoother = graph.solver.createFactor()
    graph.solver.factorise(new Float64Array(n).fill(this.hold), this.smoother)
    this.right = new Float64Array(n)
    this.smooth = new Float64Array(n)
    this.once = new Float32Array(n)
    this.twice = new Float32Array(n)
    this.linked = new Float32Array(n)
    this.heap = new MinHeap(topology.edgeA.length * 2 + n)
    this.nodeArea = Float64Array.from(tree.area)
    this.nodeSum = new Float64Array(tree.nodes)
    this.above = TREE_LIMITS.map((limit) => {
      const out = new Int32Array(tree.nodes)
      for (let node = tree.nodes - 1; node >= 0; node--) {
        const up = tree.parent[node]
        out[node] = up >= 0 && tree.area[up] <= limit ? out[up] : node
      }
      return out
    })
  }

  /** `odds` and `first` are the first stage's log-odds and probabilities; only the rows of `regions` are filled. */
  compute(
    features: Float32Array,
    odds: Float32Array,
    first: Float32Array,
    seeds: Seeds,
    memory: Memory,
    regions: Int32Array,
  ): Float32Array {
    const { topology, conductance, histogram, words, tree } = this.graph
    const { values, once, twice, nodeSum } = this
    const n = topology.count
    const pixels = topology.width * topology.height
    const within = new Float64Array(WORDS)
    const beyond = new Float64Array(WORDS)
    let withinTotal = 1e-6
    let beyondTotal = 1e-6
    let sumX = 0
    let sumY = 0
    for (let i = 0; i < n; i++) {
      const w = topology.area[i] * first[i]
      const v = topology.area[i] - w
      withinTotal += w
      beyondTotal += v
      sumX += w * topology.centreX[i]
      sumY += w * topology.centreY[i]
      for (let q = words.first[i]; q < words.first[i + 1]; q++) {
        const k = words.word[q]
        const share = histogram[i * WORDS + k]
        within[k] += share * w
        beyond[k] += share * v
      }
      this.right[i] = this.hold * first[i]
    }
    for (let k = 0; k < WORDS; k++) {
      within[k] = log((within[k] / withinTotal + 2e-3) / (beyond[k] / beyondTotal + 2e-3))
    }
    this.graph.solver.solve(this.smoother, this.right, this.smooth)
    this.average(first, once, conductance)
    this.average(once, twice, conductance)
    this.link(first, seeds)
    nodeSum.fill(0)
    for (let i = 0; i < n; i++) nodeSum[i] = (topology.area[i] / pixels) * first[i]
    for (let node = 0; node < tree.nodes; node++) {
      if (tree.parent[node] >= 0) nodeSum[tree.parent[node]] += nodeSum[node]
    }
    const total = withinTotal / pixels
    const centreX = sumX / withinTotal
    const centreY = sumY / withinTotal
    const radius = Math.sqrt(withinTotal)
    for (const i of regions) {
      const at = i * STAGE_TWO
      const from = i * FEATURES
      for (let f = 0; f < FEATURES; f++) values[at + f] = features[from + f]
      let ratio = 0
      for (let q = words.first[i]; q < words.first[i + 1]; q++) {
        const k = words.word[q]
        ratio += histogram[i * WORDS + k] * within[k]
      }
      const dx = topology.centreX[i] - centreX
      const dy = topology.centreY[i] - centreY
      const c = at + FEATURES
      values[c] = odds[i]
      values[c + 1] = ratio
      values[c + 2] = once[i]
      values[c + 3] = twice[i]
      values[c + 4] = this.smooth[i]
      values[c + 5] = total
      values[c + 6] = Math.sqrt(dx * dx + dy * dy) / radius
      values[c + 7] = this.linked[i]
      values[c + 8] = first[i] - this.linked[i]
      values[c + 9] = dx / radius
      values[c + 10] = dy / radius
      for (let l = 0; l < TREE_LIMITS.length; l++) {
        const node = this.above[l][i]
        values[c + 11 + l] = nodeSum[node] / this.nodeArea[node]
      }
    }
    this.memory.compute(memory, values, STAGE_TWO, FEATURES + CONTEXT, regions)
    this.inscribed.compute(first, seeds, values, STAGE_TWO, STAGE_TWO - INSCRIBED, regions)
    return values
  }

  private average(from: Float32Array, to: Float32Array, weight: Float32Array): void {
    const { start, neighbour, edgeOf, count } = this.graph.topology
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (let k = start[i]; k < start[i + 1]; k++) sum += weight[edgeOf[k]] * from[neighbour[k]]
      to[i] = sum / (this.degree[i] + 1e-6)
    }
  }

  /** The best way from an inside click, as good as its least likely region; without clicks, from the likeliest. */
  private link(first: Float32Array, seeds: Seeds): void {
    const { start, neighbour, count } = this.graph.topology
    const { heap, linked } = this
    linked.fill(0)
    heap.clear()
    if (seeds.inside.length === 0) {
      let best = 0
      for (let i = 1; i < count; i++) if (first[i] > first[best]) best = i
      linked[best] = first[best]
      heap.push(-linked[best], best)
    }
    for (const seed of seeds.inside) {
      linked[seed.region] = 1
      heap.push(-1, seed.region)
    }
    while (heap.size > 0) {
      const value = -heap.minimum
      const region = heap.pop()
      if (value < linked[region]) continue
      for (let k = start[region]; k < start[region + 1]; k++) {
        const to = neighbour[k]
        const through = value < first[to] ? value : first[to]
        if (through > linked[to]) {
          linked[to] = through
          heap.push(-through, to)
        }
      }
    }
  }
}
