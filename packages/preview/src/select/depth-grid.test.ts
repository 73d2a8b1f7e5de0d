import { describe, expect, it } from 'vitest'
import { DepthGrid, regionBounds } from './depth-grid.ts'
import { buildTopology } from './topology.ts'

/** A frame of region 0 around a 24 x 16 block of region 1 with its corner at (8, 12). */
function blockScene() {
  const labels = new Int32Array(48 * 40)
  for (let y = 12; y < 28; y++) labels.fill(1, y * 48 + 8, y * 48 + 32)
  return buildTopology(labels, 48, 40, 2)
}

describe('the depth grid', () => {
  it('is as deep in the middle of a block as half its short side', () => {
    const topology = blockScene()
    const grid = new DepthGrid(topology, 1, 0)
    grid.measure(Uint8Array.of(0, 1), [8, 12, 32, 28])
    expect(Math.max(...grid.depth)).toBe(8)
    expect(grid.depth[grid.cellAt(20, 19)]).toBe(8)
    expect(grid.depth[grid.cellAt(8, 20)]).toBe(1)
    expect(grid.depth[grid.cellAt(7, 20)]).toBe(0)
  })

  it('counts the frame as outside', () => {
    const grid = new DepthGrid(blockScene(), 1, 0)
    grid.measure(Uint8Array.of(1, 1), [0, 0, 48, 40])
    expect(grid.depth[grid.cellAt(0, 20)]).toBe(1)
    expect(Math.max(...grid.depth)).toBe(20)
  })

  it('forgets what it measured before', () => {
    const grid = new DepthGrid(blockScene(), 2, 0)
    grid.measure(Uint8Array.of(1, 1), [0, 0, 48, 40])
    grid.measure(Uint8Array.of(0, 1), [8, 12, 32, 28])
    expect(grid.depth[grid.cellAt(2, 2)]).toBe(0)
  })

  it('knows the bounds of every region', () => {
    expect([...regionBounds(blockScene())]).toEqual([0, 0, 48, 40, 8, 12, 32, 28])
  })
})
