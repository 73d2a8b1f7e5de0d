import { EDGE_FEATURES, edgeFeatures } from './edge-features.ts'
import { sigmoid } from './numeric.ts'
import type { Regions } from './regions.ts'

/** Probability, for each edge of the region graph, that its two sides belong to one object. */
export function edgeAffinity(regions: Regions): Float32Array {
  const features = edgeFeatures(regions)
  const out = new Float32Array(regions.topology.edgeA.length)
  for (let e = 0; e < out.length; e++) {
    const at = e * EDGE_FEATURES
    out[e] = sigmoid(
      3.2 -
        2.6 * features[at + 4] -
        1.2 * features[at + 5] -
        2.2 * features[at + EDGE_FEATURES - 1] -
        2 * features[at + 30],
    )
  }
  return out
}
