import type { Forest } from './trees.ts'

/** A forest without the splits that all rows at hand answer alike: much of what describes a prompt is the same everywhere. */
interface Narrow {
  /** Where each tree begins: a split, or below 0 a leaf as in `Forest`. */
  readonly root: Int16Array
  readonly feature: Uint8Array
  readonly threshold: Float32Array
  readonly child: Int16Array
  /** By column: whether all rows hold the same value. */
  readonly same: Uint8Array
}

const buffers = new WeakMap<Forest, Narrow>()

/** Log-odds of the first `count` rows named in `rows`, into `out` by row; the same as `evaluate` gives. */
export function evaluateRows(
  forest: Forest,
  table: Float32Array,
  columns: number,
  rows: Int32Array,
  count: number,
  out: Float32Array | Float64Array,
): void {
  if (count === 0) return
  const { root, feature, threshold, child } = narrow(forest, table, columns, rows, count)
  const { trees, base, leaf } = forest
  for (let r = 0; r < count; r++) {
    const offset = rows[r] * columns
    let sum = base
    for (let t = 0; t < trees; t++) {
      let node = root[t]
      while (node >= 0) {
        node = child[2 * node + (table[offset + feature[node]] <= threshold[node] ? 0 : 1)]
      }
      sum += leaf[-1 - node]
    }
    out[rows[r]] = sum
  }
}

function narrow(
  forest: Forest,
  table: Float32Array,
  columns: number,
  rows: Int32Array,
  count: number,
): Narrow {
  let to = buffers.get(forest)
  if (to === undefined) {
    const splits = forest.feature.length
    to = {
      root: new Int16Array(forest.trees),
      feature: new Uint8Array(splits),
      threshold: new Float32Array(splits),
      child: new Int16Array(2 * splits),
      same: new Uint8Array(256),
    }
    buffers.set(forest, to)
  }
  const first = rows[0] * columns
  for (let c = 0; c < columns; c++) {
    const value = table[first + c]
    let r = 1
    while (r < count && table[rows[r] * columns + c] === value) r++
    to.same[c] = r === count ? 1 : 0
  }
  const { root, feature, threshold, child, same } = to
  let at = 0
  const copy = (start: number): number => {
    let node = start
    while (node >= 0 && same[forest.feature[node]] === 1) {
      node = forest.child[2 * node + (table[first + forest.feature[node]] <= forest.threshold[node] ? 0 : 1)]
    }
    if (node < 0) return node
    const own = at++
    feature[own] = forest.feature[node]
    threshold[own] = forest.threshold[node]
    child[2 * own] = copy(forest.child[2 * node])
    child[2 * own + 1] = copy(forest.child[2 * node + 1])
    return own
  }
  for (let t = 0; t < forest.trees; t++) root[t] = copy(forest.firstSplit[t])
  return to
}
