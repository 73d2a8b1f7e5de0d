import { describe, expect, it } from 'vitest'
import { exp, log, root, seededRandom } from './numeric.ts'

describe('numeric', () => {
  it('agrees with the built-in functions to the precision that it states', () => {
    for (let x = -30; x <= 30; x += 0.37) expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-7)
    for (let x = 1e-6; x < 1e6; x *= 1.7) expect(Math.abs(log(x) - Math.log(x))).toBeLessThan(2e-6)
    for (let x = 0.001; x <= 1; x += 0.013) {
      expect(root(x, 3)).toBeCloseTo(Math.cbrt(x), 12)
      expect(root(x, 5)).toBeCloseTo(x ** 0.2, 12)
    }
  })

  it('stays finite at the ends', () => {
    expect([exp(-1e9), exp(Number.NaN), exp(-79) > 0, Number.isFinite(exp(1e9))]).toEqual([0, 0, true, true])
    expect(Number.isFinite(log(0))).toBe(true)
    expect(root(0, 3)).toBe(0)
  })

  it('draws the same numbers everywhere', () => {
    const random = seededRandom(1)
    expect([random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478])
  })
})
