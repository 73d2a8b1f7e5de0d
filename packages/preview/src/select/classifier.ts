import { ContextFeatures, STAGE_TWO } from './context.ts'
import { COLUMN, FEATURES } from './feature-columns.ts'
import { PromptFeatures } from './features.ts'
import type { Memory } from './memory.ts'
import { evaluateRows } from './narrow-forest.ts'
import { sigmoid } from './numeric.ts'
import type { RegionGraph } from './region-graph.ts'
import type { Seed, Seeds } from './seeds.ts'
import type { Forest } from './trees.ts'

/** Log-odds below which the first look is final. */
const CLEARLY_OUTSIDE = -5

export interface Stages {
  readonly first: Forest
  readonly second: Forest | null
}

/** Says for each region how likely it belongs to the object; buffers are made once a photo. */
export class Classifier {
  readonly features: PromptFeatures
  readonly context: ContextFeatures
  readonly probability: Float32Array
  private readonly graph: RegionGraph
  /** Null before anything is learned. */
  stages: Stages | null
  private readonly odds: Float32Array
  private readonly secondOdds: Float64Array
  private readonly everywhere: Int32Array
  /** The regions that get a second look. */
  private readonly open: Int32Array

  constructor(graph: RegionGraph, stages: Stages | null) {
    this.graph = graph
    this.stages = stages
    this.features = new PromptFeatures(graph)
    this.context = new ContextFeatures(graph)
    this.probability = new Float32Array(graph.topology.count)
    this.odds = new Float32Array(graph.topology.count)
    this.secondOdds = new Float64Array(graph.topology.count)
    this.everywhere = Int32Array.from({ length: graph.topology.count }, (_, i) => i)
    this.open = new Int32Array(graph.topology.count)
  }

  /** `memory` says what was shown before the last click; the result is overwritten by the next call. */
  classify(seeds: Seeds, memory: Memory): Float32Array {
    const { probability, odds, stages } = this
    const n = this.graph.topology.count
    const values = this.features.compute(seeds)
    if (stages === null) return this.guess(values, seeds)
    evaluateRows(stages.first, values, FEATURES, this.everywhere, n, odds)
    for (let i = 0; i < n; i++) probability[i] = sigmoid(odds[i])
    if (stages.second !== null) {
      const { open, secondOdds } = this
      const { previous } = memory
      let count = 0
      for (let i = 0; i < n; i++) {
        // Most of a photo is clearly something else: there the second look is spared.
        if (odds[i] >= CLEARLY_OUTSIDE || (previous !== null && previous[i] >= 0.01)) open[count++] = i
      }
      const wide = this.context.compute(values, odds, probability, seeds, memory, open.subarray(0, count))
      evaluateRows(stages.second, wide, STAGE_TWO, open, count, secondOdds)
      for (let k = 0; k < count; k++) probability[open[k]] = sigmoid(secondOdds[open[k]])
    }
    this.insist(seeds.outside, 0)
    this.insist(seeds.inside, 1)
    return probability
  }

  /** A clicked region follows its click, unless it is clear that the click lies in a sliver that it holds by mistake. */
  private insist(seeds: readonly Seed[], label: 0 | 1): void {
    for (const { region } of seeds) {
      const agrees = label === 1 ? this.probability[region] : 1 - this.probability[region]
      if (agrees > 0.25) this.probability[region] = label
    }
  }

  /** Without anything learned: for the first round of training. */
  private guess(values: Float32Array, seeds: Seeds): Float32Array {
    const { probability } = this
    const against = seeds.outside.length > 0
    for (let i = 0; i < probability.length; i++) {
      const at = i * FEATURES
      const geodesic = against
        ? values[at + COLUMN.ratioOutside] - 0.45
        : values[at + COLUMN.ratioFrame] - 0.35
      const walk = values[at + COLUMN.walk]
      probability[i] = sigmoid(-6 * geodesic + 4 * (walk - 0.4))
    }
    return probability
  }
}
