/**
 * A forest for many rows at once, in vectors of WebAssembly: the same sums as `evaluate`, to the bit.
 *
 * Each split that a row answers with no (number > threshold) strikes out the leaves on its left; the first leaf that is
 * left of a tree is the row's. So splits need no order of the tree's: they stand column by column, lowest threshold
 * first, and the rest of a column is skipped where all eight rows say yes. No branch hangs on a single row.
 */
import { FOREST_LANES } from './generated/forest-lanes.ts'
import type { Forest } from './trees.ts'
import { align, reserve, type VectorProgram, vectorProgram } from './vectors.ts'

/** What forest-lanes.wat exports; its parameters are described there. */
interface Program extends VectorProgram {
  run(
    ...addresses: [
      blocks: number,
      rows: number,
      spans: number,
      spansEnd: number,
      known: number,
      trees: number,
      alive: number,
      leaves: number,
      base: number,
      out: number,
    ]
  ): void
}

/** Where a forest stands in the memory, and a copy of its splits for those columns that all rows share. */
interface Loaded {
  readonly leaves: number
  readonly splits: number
  /** By column, the number of its first split; one more at the end. */
  readonly first: Int32Array
  readonly threshold: Float32Array
  readonly tree: Int32Array
  /** The leaves that a no leaves over. */
  readonly stays: Int32Array
}

const LANES = 8
/** The leaves of a tree are the bits of a word. */
const MOST_LEAVES = 32
const MOST_COLUMNS = 256
/** Bytes of a split: threshold (f32), where its tree's words stand (i32), the leaves that a no leaves over (i32). */
const SPLIT = 12
/** Bytes of a column: where its splits begin and end, and where it stands in a row (i32 each). */
const SPAN = 12

const findProgram = vectorProgram<Program>(FOREST_LANES)
const forests = new WeakMap<Forest, Loaded | null>()
/** Bytes that forests take; what stands behind them is overwritten by each call. */
let taken = 0
/** Of the call at hand: the columns in which rows differ, and those in which they do not. */
const varying = new Int32Array(MOST_COLUMNS)
const alike = new Int32Array(MOST_COLUMNS)

/** Log-odds of the first `count` rows named in `rows`, into `out` by row; false, and nothing done, where it cannot. */
export function evaluateLanes(
  forest: Forest,
  table: Float32Array,
  columns: number,
  rows: Int32Array,
  count: number,
  out: Float32Array | Float64Array,
): boolean {
  const program = findProgram()
  if (!program || count === 0) return false
  const loaded = findLoaded(program, forest)
  if (!loaded) return false

  const { trees } = forest
  const blocks = Math.ceil(count / LANES)
  const known = taken
  const alive = align(known + 4 * trees)
  const sums = alive + 4 * LANES * trees
  const places = sums + 8 * LANES * blocks
  const spans = places + 4 * LANES * blocks
  const numbers = align(spans + SPAN * columns)
  reserve(program, numbers + 4 * table.length)
  const { buffer } = program.memory

  new Float32Array(buffer, numbers, table.length).set(table)
  const place = new Int32Array(buffer, places, LANES * blocks)
  // The last block is filled up with the last row.
  for (let r = 0; r < place.length; r++) place[r] = numbers + 4 * columns * rows[r < count ? r : count - 1]
  const width = findVarying(table, columns, rows, count)
  decide(loaded, table, rows[0] * columns, columns, width, new Int32Array(buffer, known, trees))
  const span = new Int32Array(buffer, spans, 3 * width)
  for (let k = 0; k < width; k++) {
    span[3 * k] = loaded.splits + SPLIT * loaded.first[varying[k]]
    span[3 * k + 1] = loaded.splits + SPLIT * loaded.first[varying[k] + 1]
    span[3 * k + 2] = 4 * varying[k]
  }
  program.run(
    blocks,
    places,
    spans,
    spans + SPAN * width,
    known,
    trees,
    alive,
    loaded.leaves,
    forest.base,
    sums,
  )
  const made = new Float64Array(buffer, sums, count)
  for (let r = 0; r < count; r++) out[rows[r]] = made[r]
  return true
}

/** Lists the columns in which not all rows are the same, in order; how many they are. */
function findVarying(table: Float32Array, columns: number, rows: Int32Array, count: number): number {
  const offset = rows[0] * columns
  let shared = columns
  for (let c = 0; c < columns; c++) alike[c] = c
  for (let r = 1; r < count; r++) {
    const from = rows[r] * columns
    let kept = 0
    for (let k = 0; k < shared; k++) {
      const c = alike[k]
      if (table[from + c] === table[offset + c]) alike[kept++] = c
    }
    shared = kept
  }
  let width = 0
  for (let c = 0, k = 0; c < columns; c++) {
    if (k < shared && alike[k] === c) k++
    else varying[width++] = c
  }
  return width
}

/** Answers the splits of all other columns, by the row that starts at `offset`. */
function decide(
  { first, threshold, tree, stays }: Loaded,
  table: Float32Array,
  offset: number,
  columns: number,
  width: number,
  known: Int32Array,
): void {
  known.fill(-1)
  for (let c = 0, k = 0; c < columns; c++) {
    if (k < width && varying[k] === c) {
      k++
      continue
    }
    const value = table[offset + c]
    for (let s = first[c]; s < first[c + 1]; s++) if (!(value <= threshold[s])) known[tree[s]] &= stays[s]
  }
}

function findLoaded(program: Program, forest: Forest): Loaded | null {
  let loaded = forests.get(forest)
  if (loaded === undefined) {
    loaded = load(program, forest)
    forests.set(forest, loaded)
  }
  return loaded
}

/** Null where a tree has too many leaves. */
function load(program: Program, forest: Forest): Loaded | null {
  const { trees, feature, threshold, child, leaf, firstSplit } = forest
  const values = new Float32Array(MOST_LEAVES * trees)
  const splits: { column: number; threshold: number; tree: number; stays: number }[] = []
  let most = 0
  for (let t = 0; t < trees; t++) {
    let seen = 0
    /** The leaves below a node, a bit each. */
    const walk = (node: number): number => {
      if (node < 0) {
        values[MOST_LEAVES * t + seen] = leaf[-1 - node]
        return 1 << seen++
      }
      const left = walk(child[2 * node])
      splits.push({ column: feature[node], threshold: threshold[node], tree: t, stays: ~left })
      return left | walk(child[2 * node + 1])
    }
    walk(firstSplit[t])
    most = Math.max(most, seen)
  }
  if (most > MOST_LEAVES) return null
  splits.sort((a, b) => a.column - b.column || a.threshold - b.threshold)

  const at = { leaves: taken, splits: taken + 4 * values.length }
  taken = align(at.splits + SPLIT * splits.length)
  reserve(program, taken)
  const { buffer } = program.memory
  new Float32Array(buffer, at.leaves).set(values)
  const words = new Int32Array(buffer, at.splits)
  const floats = new Float32Array(buffer, at.splits)
  const first = new Int32Array(MOST_COLUMNS + 1).fill(splits.length)
  splits.forEach((split, s) => {
    floats[3 * s] = split.threshold
    words[3 * s + 1] = 4 * LANES * split.tree
    words[3 * s + 2] = split.stays
  })
  for (let c = MOST_COLUMNS, s = splits.length; c >= 0; c--) {
    while (s > 0 && splits[s - 1].column >= c) s--
    first[c] = s
  }
  return {
    ...at,
    first,
    threshold: Float32Array.from(splits, (split) => split.threshold),
    tree: Int32Array.from(splits, (split) => split.tree),
    stays: Int32Array.from(splits, (split) => split.stays),
  }
}
