import { describe, expect, it } from 'vitest'
import { CutChooser, recentre } from './cut-chooser.ts'
import { CUT_FEATURES, CutFeatures, LEVELS } from './cut-features.ts'
import { buildRegionGraph } from './region-graph.ts'
import { findRegions } from './regions.ts'
import { drawScene } from './scene.fixture.ts'
import { toWorkingImage } from './working-image.ts'

const { topology, description, histogram } = findRegions(toWorkingImage(drawScene(120, 90)))
const graph = buildRegionGraph(
  topology,
  Float32Array.from(topology.edgeA, () => 0.7),
  description,
  histogram,
)
const away = (i: number): number => Math.hypot(topology.centreX[i] - 42, topology.centreY[i] - 45)
/** Falls from the middle of the disc outwards. */
const probability = Float32Array.from({ length: topology.count }, (_, i) => Math.max(0, 1 - away(i) / 60))
const seed = { x: 42.5, y: 45.5, region: topology.labels[45 * 120 + 42] }
const seeds = { inside: [seed], outside: [], box: null }

describe('the cuts of an answer', () => {
  it('are nested masks that grow as the level falls, their rim counted once', () => {
    const values = new CutFeatures(graph).compute(probability, seeds, null)
    LEVELS.forEach((level, l) => {
      let area = 0
      let rim = 0
      for (let i = 0; i < topology.count; i++) if (probability[i] > level) area += topology.area[i]
      topology.edgeA.forEach((a, e) => {
        if (probability[a] > level !== probability[topology.edgeB[e]] > level) rim += topology.edgeLength[e]
      })
      expect(values[l * CUT_FEATURES + 3]).toBeCloseTo(area / (120 * 90), 6)
      expect(values[l * CUT_FEATURES + 7]).toBeCloseTo(rim > 0 ? 0.3 : 0, 5)
      expect(values.subarray(l * CUT_FEATURES, (l + 1) * CUT_FEATURES).every(Number.isFinite)).toBe(true)
    })
  })

  it('say the same when they are asked again after other prompts', () => {
    const features = new CutFeatures(graph)
    const before = features.compute(probability, seeds, null).slice()
    features.compute(
      probability.map((p) => 1 - p),
      { inside: [], outside: [seed], box: [10, 10, 80, 70] },
      probability,
    )
    expect(features.compute(probability, seeds, null)).toEqual(before)
  })

  it('stay at one half while nothing is learned', () => {
    expect(new CutChooser(graph).choose(probability, seeds, null, null)).toBe(0.5)
  })

  it('are moved to one half without changing the order, what is certain stays', () => {
    const moved = Float32Array.of(0, 0.1, 0.3, 0.31, 0.6, 1)
    recentre(moved, 0.3)
    expect([...moved].map((p) => p > 0.5)).toEqual([false, false, false, true, true, true])
    expect([...moved]).toEqual([...moved].sort((a, b) => a - b))
    expect([moved[0], moved[5]]).toEqual([0, 1])
  })
})
