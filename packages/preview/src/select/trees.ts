/**
 * Boosted regression trees whose sum is a log-odds. Binary layout, little-endian:
 *   u16 trees, f32 base; for each tree: u8 splits, then splits x (u8 feature, f32 threshold, u8 left, u8 right),
 *   then (splits + 1) x f32 leaf values. A child below 128 is a split of the same tree, 128 + k is leaf k.
 * A region goes left where its feature is <= the threshold.
 */
export interface Forest {
  readonly trees: number
  readonly base: number
  /** Index of the first split and of the first leaf of each tree. */
  readonly firstSplit: Int32Array
  readonly firstLeaf: Int32Array
  readonly feature: Uint8Array
  readonly threshold: Float32Array
  /** Children, two a split: >= 0 a split (index over all trees), < 0 the leaf with index -1 - child. */
  readonly child: Int32Array
  readonly leaf: Float32Array
}

export function readForest(bytes: Uint8Array): Forest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const trees = view.getUint16(0, true)
  const base = view.getFloat32(2, true)
  const firstSplit = new Int32Array(trees)
  const firstLeaf = new Int32Array(trees)
  const feature: number[] = []
  const threshold: number[] = []
  const child: number[] = []
  const leaf: number[] = []
  let at = 6
  for (let t = 0; t < trees; t++) {
    const splits = bytes[at++]
    const split0 = feature.length
    const leaf0 = leaf.length
    firstSplit[t] = split0
    firstLeaf[t] = leaf0
    const resolve = (c: number): number => (c < 128 ? split0 + c : -1 - (leaf0 + c - 128))
    for (let s = 0; s < splits; s++, at += 7) {
      feature.push(bytes[at])
      threshold.push(view.getFloat32(at + 1, true))
      child.push(resolve(bytes[at + 5]), resolve(bytes[at + 6]))
    }
    for (let k = 0; k <= splits; k++, at += 4) leaf.push(view.getFloat32(at, true))
  }
  return {
    trees,
    base,
    firstSplit,
    firstLeaf,
    feature: Uint8Array.from(feature),
    threshold: Float32Array.from(threshold),
    child: Int32Array.from(child),
    leaf: Float32Array.from(leaf),
  }
}

/** Log-odds of row `row` of a table with `columns` columns. */
export function evaluate(forest: Forest, table: Float32Array, columns: number, row: number): number {
  const { trees, feature, threshold, child, leaf, firstSplit } = forest
  const offset = row * columns
  let sum = forest.base
  for (let t = 0; t < trees; t++) {
    let node = firstSplit[t]
    do {
      node = child[2 * node + (table[offset + feature[node]] <= threshold[node] ? 0 : 1)]
    } while (node >= 0)
    sum += leaf[-1 - node]
  }
  return sum
}
