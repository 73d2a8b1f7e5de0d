import { expect, it } from 'vitest'
import { mixOrbits } from './glide.ts'

it('a glide starts and ends where it should and turns the shorter way', () => {
  const from = { target: [0, 0, 0], distance: 2, yaw: 6.2, pitch: 0 } as const
  const to = { target: [1, 2, 3], distance: 4, yaw: 0.1, pitch: 0.5 } as const
  expect(mixOrbits(from, to, 0)).toEqual(from)
  const half = mixOrbits(from, to, 0.5)
  expect(half.target).toEqual([0.5, 1, 1.5])
  expect(half.yaw).toBeCloseTo((6.2 + 0.1 + 2 * Math.PI) / 2)
  const end = mixOrbits(from, to, 1)
  expect(Math.cos(end.yaw)).toBeCloseTo(Math.cos(to.yaw))
  expect(end).toMatchObject({ target: [1, 2, 3], distance: 4, pitch: 0.5 })
})
