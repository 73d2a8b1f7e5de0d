import { describe, expect, it } from 'vitest'
import { EDGE_FEATURES } from './edge-features.ts'
import { learnedAffinity } from './learned.ts'
import { evaluateRows } from './narrow-forest.ts'
import { seededRandom } from './numeric.ts'
import { evaluate } from './trees.ts'

describe('rows evaluated together', () => {
  const forest = learnedAffinity().first
  const columns = EDGE_FEATURES
  const random = seededRandom(3)

  it('get what each gets alone, whatever columns they have in common', () => {
    for (const shared of [0, 20, columns - 1, columns]) {
      const common = Float32Array.from({ length: columns }, () => 3 * random())
      const table = Float32Array.from({ length: 50 * columns }, (_, k) =>
        k % columns < shared ? common[k % columns] : 3 * random(),
      )
      const rows = Int32Array.from([3, 4, 9, 27, 49])
      const out = new Float64Array(50)
      evaluateRows(forest, table, columns, rows, rows.length, out)
      for (const row of rows) expect(out[row]).toBe(evaluate(forest, table, columns, row))
    }
  })
})
