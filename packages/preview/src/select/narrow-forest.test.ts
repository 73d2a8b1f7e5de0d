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

  it('come to an end even where there is no number', () => {
    const out = new Float64Array(2)
    const table = Float32Array.from({ length: 2 * columns }, (_, k) =>
      k % 3 === 0 ? Number.NaN : Number.NEGATIVE_INFINITY,
    )
    evaluateRows(forest, table, columns, Int32Array.from([0, 1]), 2, out)
    expect(Number.isFinite(out[0] + out[1])).toBe(true)
  })

  it('get that for numbers of either sign, on a threshold, out of every range', () => {
    const numbers = [0, -0, 1e9, -1e9, ...forest.threshold.subarray(0, 200)]
    for (const count of [1, 2, 3, 4, 41]) {
      const table = Float32Array.from({ length: count * columns }, () => {
        const number = numbers[Math.floor(random() * numbers.length)]
        return random() > 0.5 ? number : -number
      })
      const out = new Float64Array(count)
      const rows = Int32Array.from({ length: count }, (_, row) => row)
      evaluateRows(forest, table, columns, rows, count, out)
      for (const row of rows) expect(out[row]).toBe(evaluate(forest, table, columns, row))
    }
  })
})
