import { describe, expect, it } from 'vitest'
import { areaUnderCurve, boost } from '../../train/boost.ts'
import { seededRandom } from './numeric.ts'
import { evaluate, fromHalf, readForest, toHalf } from './trees.ts'

const OPTIONS = {
  trees: 30,
  leaves: 8,
  rate: 0.3,
  seed: 1,
  rowShare: 0.8,
  columnShare: 1,
  smallestLeaf: 1,
}

describe('boosted trees', () => {
  const random = seededRandom(4)
  const rows = 2000
  const values = Float32Array.from({ length: rows * 3 }, () => random())
  const target = Float32Array.from({ length: rows }, (_, r) =>
    values[r * 3] > 0.5 !== values[r * 3 + 1] > 0.3 ? 1 : 0,
  )
  const table = { rows, columns: 3, values, target, weight: new Float32Array(rows).fill(1) }

  it('learn what no single feature tells, and read back from their bytes', () => {
    const forest = readForest(boost(table, OPTIONS))
    const score = Float32Array.from({ length: rows }, (_, r) => evaluate(forest, values, 3, r))
    expect(areaUnderCurve(score, target)).toBeGreaterThan(0.99)
  })

  it('come out the same for the same seed', () => {
    expect(boost(table, OPTIONS)).toEqual(boost(table, OPTIONS))
  })

  it('keep thresholds to half precision, small whole numbers exactly', () => {
    for (const exact of [0, 1, -1, 0.5, 12, 80, 2048, -0.25]) expect(fromHalf(toHalf(exact))).toBe(exact)
    for (const value of [0.3, -7.77, 1234.5, 0.00071]) {
      expect(Math.abs(fromHalf(toHalf(value)) / value - 1)).toBeLessThan(1 / 2000)
    }
    expect(fromHalf(toHalf(1e6))).toBe(65504)
  })
})
