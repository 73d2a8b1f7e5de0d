import { describe, expect, it } from 'vitest'
import { isWatertight, sampleSurface, scoreShape, type TriangleSoup } from './shape-metric.ts'

/** A closed ball, box diagonal sqrt(3) * 2 * radius. */
function ball(radius: number, stretch = 1, n = 32): TriangleSoup {
  const positions: number[] = []
  const indices: number[] = []
  for (let i = 0; i <= n; i++)
    for (let j = 0; j < 2 * n; j++) {
      const [a, b] = [(Math.PI * i) / n, (Math.PI * j) / n]
      const ring = i === 0 || i === n ? 0 : Math.sin(a)
      positions.push(radius * ring * Math.cos(b), radius * Math.cos(a), stretch * radius * ring * Math.sin(b))
    }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < 2 * n; j++) {
      const a = i * 2 * n + j
      const b = i * 2 * n + ((j + 1) % (2 * n))
      if (i < n - 1) indices.push(a, b + 2 * n, a + 2 * n)
      if (i > 0) indices.push(a, b, b + 2 * n)
    }
  return { positions, indices }
}

function reference(mesh: TriangleSoup) {
  const { points, normals } = sampleSurface(mesh)
  const diagonal = Math.sqrt(3) * 2
  return { points: points.map((value) => value / diagonal), normals }
}

describe('scoreShape', () => {
  it('gives a surface against itself no more than the sampling floor, whatever its size', () => {
    const score = scoreShape(ball(7), reference(ball(1)))
    expect(score.chamferPercent).toBeLessThan(0.8)
    expect(score.f2).toBeGreaterThan(0.99)
    expect(score.normalConsistency).toBeGreaterThan(0.97)
  })

  it('sees that a lens is no ball', () => {
    const score = scoreShape(ball(1, 0.3), reference(ball(1)))
    expect(score.chamferPercent).toBeGreaterThan(5)
    expect(score.f5).toBeLessThan(0.6)
  })
})

describe('isWatertight', () => {
  it('tells a closed surface from one with a missing face', () => {
    const closed = ball(1)
    expect(isWatertight(closed)).toBe(true)
    expect(isWatertight({ ...closed, indices: Array.from(closed.indices).slice(3) })).toBe(false)
  })
})
