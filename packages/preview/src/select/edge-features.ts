import { WORDS } from './colour-words.ts'
import { GRADIENTS } from './cues.ts'
import { DESCRIPTION, type Regions } from './regions.ts'
import type { Topology } from './topology.ts'

/** Columns: 4 gradients, their ranks, |difference| of 10 descriptions, 2 colour distances, 10 wide differences, ... */
export const EDGE_FEATURES = 2 * GRADIENTS + 2 * DESCRIPTION + 7

/** Means over a region and its neighbours, each weighted by contact, half and half. */
export function spread(values: Float32Array, columns: number, topology: Topology): Float32Array {
  const out = new Float32Array(values.length)
  const sum = new Float64Array(columns)
  for (let i = 0; i < topology.count; i++) {
    sum.fill(0)
    let total = 1e-6
    for (let k = topology.start[i]; k < topology.start[i + 1]; k++) {
      const w = topology.edgeLength[topology.edgeOf[k]]
      const at = topology.neighbour[k] * columns
      total += w
      for (let c = 0; c < columns; c++) sum[c] += w * values[at + c]
    }
    for (let c = 0; c < columns; c++) out[i * columns + c] = (values[i * columns + c] + sum[c] / total) / 2
  }
  return out
}

/** Half the chi-squared distance of two colour histograms, rows i and j of a table in parts of 255; 0-1. */
function chiSquared(table: Float32Array | Uint8Array, i: number, j: number): number {
  let sum = 0
  const a = i * WORDS
  const b = j * WORDS
  for (let k = 0; k < WORDS; k++) {
    const u = table[a + k]
    const v = table[b + k]
    const d = u - v
    if (d !== 0) sum += (d * d) / (u + v)
  }
  return sum / 510
}

/** Rank of each value among all, 0-1; equal values share the lowest. */
function ranks(values: Float32Array): Float32Array {
  const sorted = values.slice().sort()
  const out = new Float32Array(values.length)
  for (let i = 0; i < values.length; i++) {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle] < values[i]) low = middle + 1
      else high = middle
    }
    out[i] = low / values.length
  }
  return out
}

/** What is known about each edge of the region graph: edges x EDGE_FEATURES. */
export function edgeFeatures(regions: Regions): Float32Array {
  const { topology, description, histogram, edgeGradient } = regions
  const { edgeA, edgeB, edgeLength, area } = topology
  const edges = edgeA.length
  const wide = spread(spread(description, DESCRIPTION, topology), DESCRIPTION, topology)
  const wideHistogram = spread(Float32Array.from(histogram), WORDS, topology)
  const rim = new Float32Array(topology.count)
  for (let e = 0; e < edges; e++) {
    rim[edgeA[e]] += edgeLength[e]
    rim[edgeB[e]] += edgeLength[e]
  }
  const out = new Float32Array(edges * EDGE_FEATURES)
  const column = new Float32Array(edges)
  for (let g = 0; g < GRADIENTS; g++) {
    for (let e = 0; e < edges; e++) column[e] = edgeGradient[e * GRADIENTS + g]
    const rank = ranks(column)
    for (let e = 0; e < edges; e++) {
      out[e * EDGE_FEATURES + g] = column[e]
      out[e * EDGE_FEATURES + GRADIENTS + g] = rank[e]
    }
  }
  const meanArea = (topology.width * topology.height) / topology.count
  for (let e = 0; e < edges; e++) {
    const a = edgeA[e]
    const b = edgeB[e]
    let at = e * EDGE_FEATURES + 2 * GRADIENTS
    let near = 0
    let far = 0
    for (let c = 0; c < DESCRIPTION; c++) {
      const d = description[a * DESCRIPTION + c] - description[b * DESCRIPTION + c]
      const dw = wide[a * DESCRIPTION + c] - wide[b * DESCRIPTION + c]
      out[at + c] = d < 0 ? -d : d
      out[at + DESCRIPTION + c] = dw < 0 ? -dw : dw
      if (c < 3) {
        near += d * d
        far += dw * dw
      }
    }
    at += 2 * DESCRIPTION
    column[e] = Math.sqrt(near)
    out[at] = column[e]
    out[at + 1] = Math.sqrt(far)
    out[at + 2] = chiSquared(histogram, a, b)
    out[at + 3] = chiSquared(wideHistogram, a, b)
    out[at + 4] = edgeLength[e] / (rim[a] < rim[b] ? rim[a] : rim[b])
    out[at + 5] = (area[a] < area[b] ? area[a] : area[b]) / meanArea
  }
  const rank = ranks(column)
  for (let e = 0; e < edges; e++) out[e * EDGE_FEATURES + EDGE_FEATURES - 1] = rank[e]
  return out
}
