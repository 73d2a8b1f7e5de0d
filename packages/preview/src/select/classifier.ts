import { COLUMN, FEATURES, type PromptFeatures, type Seeds } from './features.ts'
import { sigmoid } from './numeric.ts'
import type { RegionGraph } from './region-graph.ts'

/** Fills `out` with the probability, for each region, that it belongs to the object. */
export function classify(
  graph: RegionGraph,
  features: PromptFeatures,
  seeds: Seeds,
  out: Float32Array,
): void {
  const values = features.compute(seeds)
  const against = seeds.outside.length > 0 || seeds.box !== null
  for (let i = 0; i < graph.topology.count; i++) {
    const at = i * FEATURES
    const geodesic = against ? values[at + COLUMN.ratioOutside] - 0.45 : values[at + COLUMN.ratioFrame] - 0.35
    const walk = values[at + COLUMN.walk]
    out[i] = sigmoid(-6 * geodesic + 4 * (walk - 0.4))
  }
}
