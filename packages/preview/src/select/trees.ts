/**
 * Boosted regression trees whose sum is a log-odds. Binary layout, little-endian:
 *   u16 trees, u16 splits of all trees, f32 base, f32 step; then, tree after tree, each from its root down, left first:
 *   the shape, a bit a node, 1 for a split (bytes filled from the lowest bit); u8 feature of each split; the low, then
 *   the high byte of each threshold (IEEE half); i8 of each leaf, in steps.
 * A region goes left where its feature is <= the threshold.
 */
/** 2^-24: the smallest half. */
const HALF_STEP = 1 / 16777216

export interface Forest {
  readonly trees: number
  readonly base: number
  /** Index of the first split of each tree. */
  readonly firstSplit: Int32Array
  readonly feature: Uint8Array
  readonly threshold: Float32Array
  /** Children, two a split: >= 0 a split (index over all trees), < 0 the leaf with index -1 - child. */
  readonly child: Int32Array
  readonly leaf: Float32Array
}

export function readForest(bytes: Uint8Array): Forest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const trees = view.getUint16(0, true)
  const splits = view.getUint16(2, true)
  const base = view.getFloat32(4, true)
  const step = view.getFloat32(8, true)
  const shape = 12
  const features = shape + Math.ceil((2 * splits + trees) / 8)
  const leaves = features + 3 * splits
  const forest = {
    trees,
    base,
    firstSplit: new Int32Array(trees),
    feature: bytes.slice(features, features + splits),
    threshold: Float32Array.from({ length: splits }, (_, s) =>
      fromHalf(bytes[features + splits + s] | (bytes[features + 2 * splits + s] << 8)),
    ),
    child: new Int32Array(2 * splits),
    leaf: Float32Array.from({ length: splits + trees }, (_, k) => view.getInt8(leaves + k) * step),
  }
  let bit = 0
  let split = 0
  let leaf = 0
  const node = (): number => {
    const isSplit = (bytes[shape + (bit >> 3)] >> (bit & 7)) & 1
    bit++
    if (isSplit === 0) return -1 - leaf++
    const own = split++
    forest.child[2 * own] = node()
    forest.child[2 * own + 1] = node()
    return own
  }
  for (let t = 0; t < trees; t++) {
    forest.firstSplit[t] = split
    node()
  }
  return forest
}

/** The number that the 16 bits of an IEEE half stand for; infinities and NaN are not used. */
export function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size = exponent === 0 ? fraction * HALF_STEP : (1024 + fraction) * (1 << (exponent - 1)) * HALF_STEP
  return bits >= 32768 ? -size : size
}

/** The bits of the IEEE half nearest to a number; beyond its range the largest. */
export function toHalf(value: number): number {
  const sign = value < 0 ? 32768 : 0
  const size = value < 0 ? -value : value
  let scale = HALF_STEP
  let exponent = 0
  while (exponent < 29 && size >= 2048 * scale) {
    scale *= 2
    exponent++
  }
  const whole = Math.min(2047, Math.floor(size / scale + 0.5))
  return whole < 1024 ? sign | whole : sign | ((exponent + 1) << 10) | (whole - 1024)
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
