import { EDGE_FEATURES, edgeFeatures } from './edge-features.ts'
import { evaluateRows } from './evaluate-rows.ts'
import { buildMergeTree } from './merge-tree.ts'
import { sigmoid } from './numeric.ts'
import type { Regions } from './regions.ts'
import type { Topology } from './topology.ts'
import type { Forest } from './trees.ts'

/** What the first answer tells about each edge, beyond its own features. */
const EDGE_CONTEXT = 11
export const WIDE_EDGE_FEATURES = EDGE_FEATURES + EDGE_CONTEXT

export interface EdgeForests {
  readonly first: Forest
  readonly second: Forest
}

/** Probability, for each edge of the region graph, that its two sides belong to one object: a first, a second look. */
export function edgeAffinity(regions: Regions, { first, second }: EdgeForests): Float32Array {
  const features = edgeFeatures(regions)
  const once = evaluateEdges(first, features, EDGE_FEATURES)
  return evaluateEdges(second, wideEdgeFeatures(regions.topology, features, once), WIDE_EDGE_FEATURES)
}

export function evaluateEdges(forest: Forest, features: Float32Array, columns: number): Float32Array {
  const edges = Int32Array.from({ length: features.length / columns }, (_, e) => e)
  const odds = new Float64Array(edges.length)
  evaluateRows(forest, features, columns, edges, edges.length, odds)
  return Float32Array.from(odds, sigmoid)
}

/**
 * Edge features and what the first answer adds: where the merge tree joins the two sides and how large they are then,
 * and how the edges about look. edges x WIDE_EDGE_FEATURES.
 */
export function wideEdgeFeatures(
  topology: Topology,
  features: Float32Array,
  once: Float32Array,
): Float32Array {
  const { edgeA, edgeB, start, neighbour, edgeOf, count, edgeLength } = topology
  const tree = buildMergeTree(topology, once)
  const strongest = new Float32Array(count)
  const mean = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    let total = 1e-6
    for (let k = start[i]; k < start[i + 1]; k++) {
      const p = once[edgeOf[k]]
      const w = edgeLength[edgeOf[k]]
      if (p > strongest[i]) strongest[i] = p
      mean[i] += w * p
      total += w
    }
    mean[i] /= total
  }
  const edgeTo = new Int32Array(count).fill(-1)
  const out = new Float32Array(once.length * WIDE_EDGE_FEATURES)
  for (let e = 0; e < once.length; e++) {
    const a = edgeA[e]
    const b = edgeB[e]
    let at = e * WIDE_EDGE_FEATURES
    for (let c = 0; c < EDGE_FEATURES; c++) out[at + c] = features[e * EDGE_FEATURES + c]
    at += EDGE_FEATURES
    let left = a
    let right = b
    while (tree.parent[left] !== tree.parent[right]) {
      if (left < right) left = tree.parent[left]
      else right = tree.parent[right]
    }
    const small = tree.area[left] < tree.area[right] ? left : right
    const large = small === left ? right : left
    const joined = tree.parent[left]
    out[at] = once[e]
    out[at + 1] = joined < 0 ? 1 : tree.height[joined]
    out[at + 2] = tree.area[small]
    out[at + 3] = tree.area[large]
    out[at + 4] = tree.height[small]
    out[at + 5] = tree.height[large]
    out[at + 6] = tree.frame[small]
    let around = 0
    let detour = 0
    let triangles = 0
    for (let k = start[a]; k < start[a + 1]; k++) edgeTo[neighbour[k]] = edgeOf[k]
    for (let k = start[b]; k < start[b + 1]; k++) {
      const other = edgeTo[neighbour[k]]
      if (other < 0) continue
      const p = once[other]
      const q = once[edgeOf[k]]
      const through = p < q ? p : q
      if (through > detour) detour = through
      around += through
      triangles++
    }
    for (let k = start[a]; k < start[a + 1]; k++) edgeTo[neighbour[k]] = -1
    out[at + 7] = triangles > 0 ? around / triangles : -1
    out[at + 8] = detour
    out[at + 9] = mean[a] < mean[b] ? mean[a] : mean[b]
    out[at + 10] = strongest[a] < strongest[b] ? strongest[a] : strongest[b]
  }
  return out
}
