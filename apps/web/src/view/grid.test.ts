import { describe, expect, it } from 'vitest'
import { gridUnder, niceStep } from './grid.ts'

describe('the grid under the object', () => {
  it.each([
    [0.1, 0.1],
    [0.11, 0.2],
    [0.3, 0.5],
    [0.6, 1],
    [1.4, 2],
    [0.0041, 0.005],
  ])('counts in steps that people count in: %d becomes %d', (length, step) => {
    expect(niceStep(length)).toBe(step)
  })

  it('lies on the ground, reaches beyond the footprint on all sides, and stands on whole squares', () => {
    const { step, lines } = gridUnder({ min: [-0.2, 0.05, -0.1], max: [0.21, 0.6, 0.3] })
    expect(step).toBe(0.1)
    const axis = (index: number) => lines.filter((_, i) => i % 3 === index)
    expect(new Set(axis(1))).toEqual(new Set([0.05]))
    expect(Math.min(...axis(0))).toBeLessThan(-0.2)
    expect(Math.max(...axis(2))).toBeGreaterThan(0.3)
    expect(axis(0).every((x) => Math.abs(x / step - Math.round(x / step)) < 1e-6)).toBe(true)
  })
})
