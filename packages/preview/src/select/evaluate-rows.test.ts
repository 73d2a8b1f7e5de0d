import { describe, expect, it } from 'vitest'
import { evaluateRows } from './evaluate-rows.ts'
import { FEATURES } from './feature-columns.ts'
import { evaluateLanes } from './forest-lanes.ts'
import { learnedStages } from './learned.ts'
import { evaluateNarrow } from './narrow-forest.ts'
import { seededRandom } from './numeric.ts'
import { evaluate, type Forest } from './trees.ts'

const lanes: typeof evaluateNarrow = (...input) => {
  if (!evaluateLanes(...input)) throw new Error('there are no vectors here')
}

describe.each([
  ['in vectors', lanes],
  ['four at once', evaluateNarrow],
])('rows evaluated together %s', (_, evaluateTogether) => {
  const { one, more } = learnedStages().stages
  const [forest, second] = [more?.first as Forest, one?.first as Forest]
  const columns = FEATURES
  const random = seededRandom(3)

  const compare = (table: Float32Array, rows: Int32Array, of: Forest = forest) => {
    const out = new Float64Array(table.length / columns)
    evaluateTogether(of, table, columns, rows, rows.length, out)
    for (const row of rows) expect(out[row]).toBe(evaluate(of, table, columns, row))
  }

  it('get what each gets alone, whatever columns they have in common', () => {
    for (const shared of [0, 20, columns - 1, columns]) {
      const common = Float32Array.from({ length: columns }, () => 3 * random())
      const table = Float32Array.from({ length: 50 * columns }, (_, k) =>
        k % columns < shared ? common[k % columns] : 3 * random(),
      )
      compare(table, Int32Array.from([3, 4, 9, 27, 49]))
    }
  })

  it('come to an end even where there is no number', () => {
    const out = new Float64Array(2)
    const table = Float32Array.from({ length: 2 * columns }, (_, k) =>
      k % 3 === 0 ? Number.NaN : Number.NEGATIVE_INFINITY,
    )
    evaluateTogether(forest, table, columns, Int32Array.from([0, 1]), 2, out)
    expect(Number.isFinite(out[0] + out[1])).toBe(true)
  })

  it('get that for numbers of either sign, on a threshold, out of every range', () => {
    const numbers = [0, -0, 1e9, -1e9, ...forest.threshold.subarray(0, 200)]
    for (const count of [1, 2, 3, 4, 7, 8, 9, 41]) {
      const table = Float32Array.from({ length: count * columns }, () => {
        const number = numbers[Math.floor(random() * numbers.length)]
        return random() > 0.5 ? number : -number
      })
      compare(
        table,
        Int32Array.from({ length: count }, (_, row) => row),
      )
    }
  })

  it('keep forests and numbers of calls before apart', () => {
    const large = Float32Array.from({ length: 5000 * columns }, () => 3 * random())
    const small = large.subarray(0, 9 * columns)
    const all = (table: Float32Array) => Int32Array.from({ length: table.length / columns }, (_, row) => row)
    for (const [table, of] of [
      [small, forest],
      [large, second],
      [small, forest],
      [small, second],
    ] as const)
      compare(table, all(table), of)
  })
})

it('a tree of more leaves than a word has bits is evaluated all the same', () => {
  const splits = 40
  // A chain: every split has a leaf on its left.
  const forest: Forest = {
    trees: 1,
    base: 0.25,
    firstSplit: Int32Array.from([0]),
    feature: new Uint8Array(splits),
    threshold: Float32Array.from({ length: splits }, (_, s) => s),
    child: Int32Array.from({ length: 2 * splits }, (_, k) => {
      const s = k >> 1
      if (k % 2 === 0) return -1 - s
      return s + 1 < splits ? s + 1 : -1 - splits
    }),
    leaf: Float32Array.from({ length: splits + 1 }, (_, k) => k / 8),
  }
  const table = Float32Array.from([-1, 7, 33.5, 90])
  const rows = Int32Array.from([0, 1, 2, 3])
  const out = new Float64Array(4)
  expect(evaluateLanes(forest, table, 1, rows, 4, out)).toBe(false)
  evaluateRows(forest, table, 1, rows, 4, out)
  expect([...out]).toEqual([...rows].map((row) => evaluate(forest, table, 1, row)))
})
