import { evaluateLanes } from './forest-lanes.ts'
import { evaluateNarrow } from './narrow-forest.ts'

/** Log-odds of the first `count` rows named in `rows`, into `out` by row; the same as `evaluate` gives, to the bit. */
export function evaluateRows(...input: Parameters<typeof evaluateNarrow>): void {
  if (!evaluateLanes(...input)) evaluateNarrow(...input)
}
