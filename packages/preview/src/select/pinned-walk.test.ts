import { describe, expect, it } from 'vitest'
import { seededRandom } from './numeric.ts'
import { PinnedWalk } from './pinned-walk.ts'
import { findRegions } from './regions.ts'
import { drawScene } from './scene.fixture.ts'
import type { Seed } from './seeds.ts'
import { LaplacianSolver } from './solver.ts'
import { toWorkingImage } from './working-image.ts'

const { topology } = findRegions(toWorkingImage(drawScene(160, 120)))
const n = topology.count
const weights = Float32Array.from(topology.edgeA, () => 1)
const solver = new LaplacianSolver(topology, weights)
const PIN = 1e4

function direct(ground: Float64Array, inside: readonly Seed[], outside: readonly Seed[]): Float64Array {
  const extra = ground.slice()
  const right = new Float64Array(n)
  const out = new Float64Array(n)
  for (const { region } of [...inside, ...outside]) extra[region] += PIN
  for (const { region } of inside) right[region] += PIN
  const factor = solver.createFactor()
  solver.factorise(extra, factor)
  solver.solve(factor, right, out)
  return out
}

describe('random walks from clicks', () => {
  const random = seededRandom(5)
  const draw = (count: number): Seed[] =>
    Array.from({ length: count }, () => ({ x: 0, y: 0, region: Math.floor(random() * n) }))

  it('give what the whole system gives, for few clicks and for many, on one region too', () => {
    const ground = new Float64Array(n).fill(1e-4)
    const pinned = new PinnedWalk(solver, n, PIN)
    pinned.ground(ground)
    const out = new Float64Array(n)
    const [a, b, c] = [draw(1), draw(12), draw(60)]
    for (const [inside, outside] of [
      [a, []] as const,
      [a, b] as const,
      [[...a, ...a], a] as const,
      [b, c] as const,
    ]) {
      pinned.walk({ inside, outside, box: null }, out)
      const expected = direct(ground, inside, outside)
      for (let i = 0; i < n; i++) expect(out[i]).toBeCloseTo(expected[i], 8)
    }
  })

  it('give the same bytes whatever was asked for before', () => {
    const ground = new Float64Array(n).fill(1e-3)
    const fresh = new PinnedWalk(solver, n, PIN)
    const used = new PinnedWalk(solver, n, PIN)
    const out = [new Float64Array(n), new Float64Array(n)]
    for (const pinned of [fresh, used]) pinned.ground(ground)
    for (let k = 0; k < 40; k++) used.walk({ inside: draw(3), outside: draw(2), box: null }, out[1])
    const seeds = { inside: draw(2), outside: draw(2), box: null }
    fresh.walk(seeds, out[0])
    used.walk(seeds, out[1])
    expect(out[1]).toEqual(out[0])
  })
})
