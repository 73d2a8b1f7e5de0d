import { describe, expect, it } from 'vitest'
import { edgeAffinity } from './affinity.ts'
import { BoxFeatures } from './box-features.ts'
import { BOX_TREE, FEATURES } from './feature-columns.ts'
import { learnedAffinity } from './learned.ts'
import { buildRegionGraph } from './region-graph.ts'
import { findRegions } from './regions.ts'
import { drawScene } from './scene.fixture.ts'
import { toWorkingImage } from './working-image.ts'

const regions = findRegions(toWorkingImage(drawScene(200, 150)))
const { topology } = regions
const graph = buildRegionGraph(
  topology,
  edgeAffinity(regions, learnedAffinity()),
  regions.description,
  regions.histogram,
)

describe('the merge tree in a box', () => {
  it('fills the box of a disc with the disc, and says nothing of what lies outside', () => {
    const values = new Float32Array(topology.count * FEATURES)
    new BoxFeatures(graph).compute([30, 35, 110, 115], values)
    const at = (x: number, y: number): number => topology.labels[y * 200 + x] * FEATURES + BOX_TREE
    const middle = at(70, 75)
    expect(values[middle]).toBeGreaterThan(0.7)
    expect(values[middle + 3]).toBeGreaterThan(0.9)
    expect(values[middle + 4]).toBeGreaterThan(0.9)
    expect(values[at(160, 45)]).toBe(-1)
    expect(values[at(160, 45) + 8]).toBe(-1)
  })
})
