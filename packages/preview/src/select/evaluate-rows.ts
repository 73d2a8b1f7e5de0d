import { evaluateLanes } from './forest-lanes.ts'
import { evaluateNarrow } from './narrow-forest.ts'
import type { Forest } from './trees.ts'

/** Log-odds of the first `count` rows named in `rows`, into `out` by row; the same as `evaluate` gives, to the bit. */
export function evaluateRows(
  forest: Forest,
  table: Float32Array,
  columns: number,
  rows: Int32Array,
  count: number,
  out: Float32Array | Float64Array,
): void {
  if (!evaluateLanes(forest, table, columns, rows, count, out))
    evaluateNarrow(forest, table, columns, rows, count, out)
}
