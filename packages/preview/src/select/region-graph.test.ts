import { describe, expect, it } from 'vitest'
import { buildMergeTree } from './merge-tree.ts'
import { seededRandom } from './numeric.ts'
import { findRegions } from './regions.ts'
import { drawScene } from './scene.fixture.ts'
import { LaplacianSolver } from './solver.ts'
import { buildTopology, packBoundaries, unpackBoundaries } from './topology.ts'
import { toWorkingImage } from './working-image.ts'

const { topology } = findRegions(toWorkingImage(drawScene(120, 90)))

describe('the region graph', () => {
  it('is the same after its boundaries were packed and unpacked', () => {
    const { width, height, labels, count } = topology
    const again = unpackBoundaries(packBoundaries(labels, width, height), width, height)
    expect(again.count).toBe(count)
    expect(again.labels).toEqual(labels)
    expect(buildTopology(again.labels, width, height, again.count)).toEqual(topology)
  })

  it('keeps the drawn disc and box apart from the ground', () => {
    let wrong = 0
    const inside = new Float32Array(topology.count)
    topology.labels.forEach((label, p) => {
      const u = ((p % 120) * 200) / 120
      const v = (Math.floor(p / 120) * 150) / 90
      if ((u - 70) * (u - 70) + (v - 75) * (v - 75) <= 1600) inside[label]++
    })
    inside.forEach((n, i) => {
      wrong += Math.min(n, topology.area[i] - n)
    })
    expect(wrong / (120 * 90)).toBeLessThan(0.01)
  })

  it('is solved by the sparse solver as by Gauss-Seidel', () => {
    const random = seededRandom(9)
    const n = topology.count
    const weights = Float32Array.from(topology.edgeA, () => 0.1 + random())
    const extra = Float64Array.from({ length: n }, () => 0.05 + random())
    const right = Float64Array.from({ length: n }, () => random() - 0.5)
    const out = new Float64Array(n)
    const solver = new LaplacianSolver(topology, weights)
    const factor = solver.createFactor()
    solver.factorise(new Float64Array(n).fill(1), factor)
    solver.factorise(extra, factor)
    solver.solve(factor, right, out)
    for (let i = 0; i < n; i++) {
      let sum = extra[i] * out[i]
      for (let k = topology.start[i]; k < topology.start[i + 1]; k++) {
        sum += weights[topology.edgeOf[k]] * (out[i] - out[topology.neighbour[k]])
      }
      expect(sum).toBeCloseTo(right[i], 9)
    }
  })

  it('has one merge tree whose root holds everything and whose heights never fall', () => {
    const affinity = Float32Array.from(topology.edgeA, (_, e) => ((e * 37) % 100) / 100)
    const tree = buildMergeTree(topology, affinity)
    expect(tree.nodes).toBe(2 * topology.count - 1)
    expect(tree.area[tree.nodes - 1]).toBeCloseTo(1, 4)
    expect(tree.frame[tree.nodes - 1]).toBeCloseTo(1, 4)
    for (let node = 0; node < tree.nodes - 1; node++) {
      expect(tree.parent[node]).toBeGreaterThan(node)
      expect(tree.height[tree.parent[node]]).toBeGreaterThanOrEqual(tree.height[node])
    }
  })
})
