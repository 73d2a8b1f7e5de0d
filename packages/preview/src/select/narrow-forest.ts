import type { Forest } from './trees.ts'

/**
 * Scales numbers of less than 2^21 in size so that the difference of the bits of any two is a 32-bit whole number.
 * Exact for 0 and sizes from 2^-106 on: columns hold nothing beyond either, and what lies beyond counts as the limit.
 */
const SCALE = 1 / 1048576
const MOST = 0x3fffffff
/** Less than every key. */
const LEAST = -MOST - 1

/**
 * A forest without the splits that all rows at hand answer alike: much of what describes a prompt is the same everywhere.
 * Nodes stand tree by tree from the root down, left first: the left child is the next one.
 */
interface Narrow {
  /** First node of each tree. */
  readonly root: Int32Array
  /** Of a split: (nodes between it and its right child) << 8 | slot of its column. Of a leaf: -1 << 8. */
  readonly node: Int32Array
  /** Key of the threshold; LEAST for a leaf. */
  readonly threshold: Int32Array
  /** Value of a leaf. */
  readonly leaf: Float32Array
  /** By column: where its keys stand in a row of keys; -1 where all rows hold the same value. */
  readonly slot: Int16Array
  readonly varying: Uint8Array
  /** Key of each split of the whole forest. */
  readonly keys: Int32Array
}

const buffers = new WeakMap<Forest, Narrow>()
/** Numbers that vary, row after row; read as whole numbers they become keys. */
let scaled = new Float32Array(0)

/**
 * Log-odds of the first `count` rows named in `rows`, into `out` by row; the same as `evaluate` gives. For engines without
 * vectors, and trees of more than 32 leaves; elsewhere forest-lanes.ts is faster.
 */
export function evaluateNarrow(
  forest: Forest,
  table: Float32Array,
  columns: number,
  rows: Int32Array,
  count: number,
  out: Float32Array | Float64Array,
): void {
  if (count === 0) return
  const narrow = buffers.get(forest) ?? makeBuffers(forest)
  const width = copyNarrow(forest, narrow, table, columns, rows, count)
  const keys = toKeys(narrow.varying, width, table, columns, rows, count)
  const { root, node, threshold, leaf } = narrow
  const { trees, base } = forest
  // Four rows at once and no branch a split: where a row goes is hard to guess, and a wrong guess costs more than both.
  for (let r = 0; r < count; r += 4) {
    const first = r * width
    const second = first + width
    const third = second + width
    const fourth = third + width
    let sum = base
    let sum2 = base
    let sum3 = base
    let sum4 = base
    for (let t = 0; t < trees; t++) {
      let a = root[t]
      let b = a
      let c = a
      let d = a
      for (;;) {
        const na = node[a]
        const nb = node[b]
        const nc = node[c]
        const nd = node[d]
        if ((na & nb & nc & nd) < 0) break
        a += 1 + (((threshold[a] - keys[first + (na & 255)]) >> 31) & (na >> 8))
        b += 1 + (((threshold[b] - keys[second + (nb & 255)]) >> 31) & (nb >> 8))
        c += 1 + (((threshold[c] - keys[third + (nc & 255)]) >> 31) & (nc >> 8))
        d += 1 + (((threshold[d] - keys[fourth + (nd & 255)]) >> 31) & (nd >> 8))
      }
      sum += leaf[a]
      sum2 += leaf[b]
      sum3 += leaf[c]
      sum4 += leaf[d]
    }
    out[rows[r]] = sum
    if (r + 1 < count) out[rows[r + 1]] = sum2
    if (r + 2 < count) out[rows[r + 2]] = sum3
    if (r + 3 < count) out[rows[r + 3]] = sum4
  }
}

function makeBuffers(forest: Forest): Narrow {
  const nodes = forest.feature.length + forest.leaf.length
  const thresholds = Float32Array.from(forest.threshold, (x) => (x === 0 ? 0 : x * SCALE))
  const narrow = {
    root: new Int32Array(forest.trees),
    node: new Int32Array(nodes),
    threshold: new Int32Array(nodes),
    leaf: new Float32Array(nodes),
    slot: new Int16Array(256),
    varying: new Uint8Array(256),
    keys: new Int32Array(thresholds.buffer).map(toKey),
  }
  buffers.set(forest, narrow)
  return narrow
}

/** Whole numbers in the order of the floats whose bits they were. */
function toKey(bits: number): number {
  const key = bits ^ ((bits >> 31) >>> 1)
  return key > MOST ? MOST : key < -MOST ? -MOST : key
}

/** Keys of the varying columns, `width` a row and three rows more than asked for. */
function toKeys(
  varying: Uint8Array,
  width: number,
  table: Float32Array,
  columns: number,
  rows: Int32Array,
  count: number,
): Int32Array {
  const size = (count + 3) * width
  if (scaled.length < size) scaled = new Float32Array(size)
  const numbers = scaled
  for (let r = 0, to = 0; r < count; r++) {
    const offset = rows[r] * columns
    for (let k = 0; k < width; k++) numbers[to++] = table[offset + varying[k]] * SCALE
  }
  const keys = new Int32Array(numbers.buffer)
  for (let k = 0; k < size; k++) keys[k] = toKey(keys[k])
  return keys
}

/** Copies what of the forest the rows disagree about; returns how many columns that are. */
function copyNarrow(
  forest: Forest,
  narrow: Narrow,
  table: Float32Array,
  columns: number,
  rows: Int32Array,
  count: number,
): number {
  const { slot, varying } = narrow
  const first = rows[0] * columns
  let width = 0
  for (let c = 0; c < columns; c++) {
    const value = table[first + c]
    let r = 1
    while (r < count && table[rows[r] * columns + c] === value) r++
    slot[c] = r === count ? -1 : width
    if (r < count) varying[width++] = c
  }
  let end = 0
  const copy = (start: number): void => {
    let from = start
    while (from >= 0 && slot[forest.feature[from]] < 0) {
      from = forest.child[2 * from + (table[first + forest.feature[from]] <= forest.threshold[from] ? 0 : 1)]
    }
    const own = end++
    if (from < 0) {
      narrow.node[own] = -1 << 8
      narrow.threshold[own] = LEAST
      narrow.leaf[own] = forest.leaf[-1 - from]
      return
    }
    copy(forest.child[2 * from])
    narrow.node[own] = ((end - own - 1) << 8) | slot[forest.feature[from]]
    narrow.threshold[own] = narrow.keys[from]
    copy(forest.child[2 * from + 1])
  }
  for (let t = 0; t < forest.trees; t++) {
    narrow.root[t] = end
    copy(forest.firstSplit[t])
  }
  return width
}
