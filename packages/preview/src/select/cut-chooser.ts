import { CUT_FEATURES, CutFeatures, LEVELS } from './cut-features.ts'
import type { RegionGraph } from './region-graph.ts'
import type { Seeds } from './seeds.ts'
import { evaluate, type Forest } from './trees.ts'

const PLAIN = LEVELS.indexOf(0.5)

/** Chooses where the regions' probabilities are cut, by how the mask as a whole looks. */
export class CutChooser {
  readonly features: CutFeatures

  constructor(graph: RegionGraph) {
    this.features = new CutFeatures(graph)
  }

  /** The cut that promises the best mask. */
  choose(
    probability: Float32Array,
    seeds: Seeds,
    previous: Float32Array | null,
    forest: Forest | null,
  ): number {
    if (forest === null) return LEVELS[PLAIN]
    const values = this.features.compute(probability, seeds, previous)
    let best = PLAIN
    let most = Number.NEGATIVE_INFINITY
    for (let l = 0; l < LEVELS.length; l++) {
      if (this.features.expected[l] === 0) continue
      const promise = evaluate(forest, values, CUT_FEATURES, l)
      if (promise > most) {
        most = promise
        best = l
      }
    }
    return LEVELS[best]
  }
}

/** Moves a cut to one half, in place; 0 and 1 stay where they are. */
export function recentre(probability: Float32Array, cut: number): void {
  if (cut === 0.5) return
  for (let i = 0; i < probability.length; i++) {
    const p = probability[i]
    probability[i] = p <= cut ? (0.5 * p) / cut : 0.5 + (0.5 * (p - cut)) / (1 - cut)
  }
}
