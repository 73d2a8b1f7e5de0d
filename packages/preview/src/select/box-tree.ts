import { BorderColours } from './border-colours.ts'
import { WORDS } from './colour-words.ts'
import { log } from './numeric.ts'
import type { RegionGraph } from './region-graph.ts'

/** Share of a merge-tree node that has to lie in the box. */
const WITHIN = 0.9

/**
 * What a box says through the merge tree: the largest node around a region that keeps to the box, how well it lasts and
 * how much of the box it fills; and how the region's colours compare with those just outside the box.
 */
export class BoxTreeFeatures {
  private readonly graph: RegionGraph
  /** x0, y0, x1, y1 of each node of the merge tree, working pixels, the far corner excluded. */
  private readonly bounds: Int32Array
  private readonly inside: Float64Array
  private readonly top: Int32Array
  private readonly border: BorderColours
  /** Regions that have to do with the box. */
  private readonly held: Int32Array

  constructor(graph: RegionGraph) {
    const { topology, tree } = graph
    this.graph = graph
    const bounds = new Int32Array(tree.nodes * 4)
    bounds.set(graph.bounds)
    for (let i = topology.count; i < tree.nodes; i++) {
      bounds[4 * i] = topology.width
      bounds[4 * i + 1] = topology.height
    }
    for (let i = 0; i < tree.nodes; i++) {
      const up = tree.parent[i] * 4
      if (up < 0) continue
      for (let c = 0; c < 2; c++) {
        if (bounds[4 * i + c] < bounds[up + c]) bounds[up + c] = bounds[4 * i + c]
        if (bounds[4 * i + 2 + c] > bounds[up + 2 + c]) bounds[up + 2 + c] = bounds[4 * i + 2 + c]
      }
    }
    this.bounds = bounds
    this.inside = new Float64Array(tree.nodes)
    this.top = new Int32Array(tree.nodes)
    this.border = new BorderColours(graph)
    this.held = new Int32Array(topology.count)
  }

  /** Writes twelve columns of each region from `column` on; `share`: part of each region in the box. */
  compute(
    box: readonly [number, number, number, number],
    share: Float32Array,
    out: Float32Array,
    columns: number,
    column: number,
  ): void {
    const { topology, tree } = this.graph
    const { inside, top, bounds } = this
    const n = topology.count
    const pixels = topology.width * topology.height
    inside.fill(0)
    for (let i = 0; i < n; i++) inside[i] = (share[i] * topology.area[i]) / pixels
    for (let node = 0; node < tree.nodes; node++) {
      const up = tree.parent[node]
      if (up >= 0) inside[up] += inside[node]
    }
    for (let node = tree.nodes - 1; node >= 0; node--) {
      const up = tree.parent[node]
      top[node] = inside[node] < WITHIN * tree.area[node] ? -1 : up >= 0 && top[up] >= 0 ? top[up] : node
    }
    const [x0, y0, x1, y1] = box
    const w = x1 - x0
    const h = y1 - y0
    for (let i = 0; i < n; i++) {
      const at = i * columns + column
      const node = top[i]
      if (node < 0) {
        for (let c = 0; c < 8; c++) out[at + c] = -1
        continue
      }
      const up = tree.parent[node]
      const b = node * 4
      out[at] = (tree.area[node] * pixels) / (w * h)
      out[at + 1] = tree.height[node]
      out[at + 2] = up < 0 ? 1 : tree.height[up] - tree.height[node]
      out[at + 3] = (bounds[b + 2] - bounds[b]) / w
      out[at + 4] = (bounds[b + 3] - bounds[b + 1]) / h
      const off = ((bounds[b] + bounds[b + 2]) / 2 - (x0 + x1) / 2) / w
      out[at + 5] = off < 0 ? -off : off
      out[at + 6] = ((bounds[b + 1] + bounds[b + 3]) / 2 - (y0 + y1) / 2) / h
      out[at + 7] = up < 0 ? 0 : inside[up] / tree.area[up]
    }
    this.colours(box, share, out, columns, column + 8)
  }

  private colours(
    [x0, y0, x1, y1]: readonly [number, number, number, number],
    share: Float32Array,
    out: Float32Array,
    columns: number,
    column: number,
  ): void {
    const { topology, histogram, words } = this.graph
    const { centreX, centreY, area, start, neighbour, count } = topology
    const w = x1 - x0
    const h = y1 - y0
    const within = new Float64Array(WORDS)
    const core = new Float64Array(WORDS)
    const ring = new Float64Array(WORDS)
    let withinTotal = 1e-6
    let coreTotal = 1e-6
    let ringTotal = 1e-6
    const border: number[] = []
    for (let i = 0; i < count; i++) {
      const u = (centreX[i] + 0.5 - (x0 + x1) / 2) / w
      const v = (centreY[i] + 0.5 - (y0 + y1) / 2) / h
      const far = Math.max(u < 0 ? -u : u, v < 0 ? -v : v)
      if (far > 1.1) continue
      const a = area[i] * share[i]
      const b = area[i] - a
      withinTotal += a
      ringTotal += b
      const c = far < 0.25 ? a : 0
      coreTotal += c
      for (let q = words.first[i]; q < words.first[i + 1]; q++) {
        const k = words.word[q]
        const s = histogram[i * WORDS + k]
        within[k] += s * a
        ring[k] += s * b
        core[k] += s * c
      }
      if (share[i] >= 0.3) continue
      for (let k = start[i]; k < start[i + 1]; k++) {
        if (share[neighbour[k]] >= 0.3) {
          border.push(i)
          break
        }
      }
    }
    let listed = 0
    for (let i = 0; i < count; i++) if (share[i] >= 0.3) this.held[listed++] = i
    const held = this.held.subarray(0, listed)
    this.border.compare(held, border)
    const { nearest, affinity } = this.border
    for (let k = 0; k < WORDS; k++) {
      const r = ring[k] / ringTotal + 4e-3
      within[k] = log((within[k] / withinTotal + 4e-3) / r)
      core[k] = log((core[k] / coreTotal + 4e-3) / r)
    }
    for (let i = 0, seen = 0; i < count; i++) {
      const at = i * columns + column
      if (held[seen] !== i) {
        for (let c = 0; c < 4; c++) out[at + c] = -1
        continue
      }
      let near = 0
      let middle = 0
      for (let q = words.first[i]; q < words.first[i + 1]; q++) {
        const k = words.word[q]
        near += histogram[i * WORDS + k] * within[k]
        middle += histogram[i * WORDS + k] * core[k]
      }
      out[at] = near
      out[at + 1] = middle
      out[at + 2] = Math.sqrt(nearest[seen])
      out[at + 3] = 1 - affinity[seen++]
    }
  }
}
