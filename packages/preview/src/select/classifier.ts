import { ContextFeatures, STAGE_TWO } from './context.ts'
import { CutChooser, recentre } from './cut-chooser.ts'
import { evaluateRows } from './evaluate-rows.ts'
import { COLUMN, FEATURES } from './feature-columns.ts'
import { PromptFeatures } from './features.ts'
import type { Memory } from './memory.ts'
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

/** What the prompts are: each kind has forests of its own, for they say very different things. */
export type Situation = 'one' | 'box' | 'more'

export interface Learned {
  /** The stages of each situation; null before anything is learned. */
  readonly stages: Readonly<Record<Situation, Stages | null>>
  /** Promise of each cut of the probabilities (cut-features.ts); null: always cut at one half. */
  readonly cut: Forest | null
}

/** One click inside and nothing else, a box and nothing else, or anything more. */
function situationOf(seeds: Seeds): Situation {
  const clicks = seeds.inside.length + seeds.outside.length
  if (seeds.box !== null) return clicks === 0 ? 'box' : 'more'
  return clicks === 1 && seeds.inside.length === 1 ? 'one' : 'more'
}

/** Says for each region how likely it belongs to the object; buffers are made once a photo. */
export class Classifier {
  readonly features: PromptFeatures
  readonly context: ContextFeatures
  readonly probability: Float32Array
  private readonly graph: RegionGraph
  learned: Learned
  readonly chooser: CutChooser
  /** Of the last likelihood. */
  situation: Situation = 'more'
  private readonly odds: Float32Array
  private readonly secondOdds: Float64Array
  private readonly everywhere: Int32Array
  /** The regions that get a second look. */
  private readonly open: Int32Array

  constructor(graph: RegionGraph, learned: Learned) {
    this.graph = graph
    this.learned = learned
    this.chooser = new CutChooser(graph)
    this.features = new PromptFeatures(graph)
    this.context = new ContextFeatures(graph)
    this.probability = new Float32Array(graph.topology.count)
    this.odds = new Float32Array(graph.topology.count)
    this.secondOdds = new Float64Array(graph.topology.count)
    this.everywhere = Int32Array.from({ length: graph.topology.count }, (_, i) => i)
    this.open = new Int32Array(graph.topology.count)
  }

  /** The answer, above one half inside; `memory` says what was shown before the last click. Overwritten by the next call. */
  classify(seeds: Seeds, memory: Memory): Float32Array {
    this.likelihood(seeds, memory)
    return this.settle(seeds, memory)
  }

  /** Moves the cut of the last likelihood that promises the best mask to one half. */
  settle(seeds: Seeds, memory: Memory): Float32Array {
    const cut = this.chooser.choose(this.probability, seeds, memory.previous, this.learned.cut)
    recentre(this.probability, cut)
    return this.probability
  }

  /** How likely each region belongs to the object, for itself. */
  likelihood(seeds: Seeds, memory: Memory): Float32Array {
    const { probability, odds } = this
    this.situation = situationOf(seeds)
    const stages = this.learned.stages[this.situation]
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
