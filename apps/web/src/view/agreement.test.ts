import { describe, expect, it } from 'vitest'
import { agreementOf } from './agreement.ts'

const alpha = (...values: number[]) => Uint8ClampedArray.from(values.flatMap((value) => [9, 9, 9, value]))

describe('the agreement of two outlines', () => {
  it('is their intersection over their union', () => {
    expect(agreementOf(alpha(255, 255, 0, 0), alpha(255, 0, 255, 0))).toBeCloseTo(1 / 3)
  })

  it('takes half-covered pixels of an edge for what they mostly are', () => {
    expect(agreementOf(alpha(255, 200, 60), alpha(255, 255, 0))).toBe(1)
  })

  it('is whole when there is nothing on either side', () => {
    expect(agreementOf(alpha(0, 0), alpha(0, 0))).toBe(1)
  })
})
