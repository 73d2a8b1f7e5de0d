import { BoxFeatures } from './box-features.ts'
import { ClickFeatures } from './click-features.ts'
import { BLOCK, FEATURES, WALKS } from './feature-columns.ts'
import type { RegionGraph } from './region-graph.ts'
import type { Seeds } from './seeds.ts'
import { WalkFeatures } from './walk-features.ts'

/** Describes every region with respect to the prompts: regions x FEATURES; all buffers are made once. */
export class PromptFeatures {
  readonly values: Float32Array
  private readonly graph: RegionGraph
  private readonly inside: ClickFeatures
  private readonly outside: ClickFeatures
  private readonly box: BoxFeatures
  private readonly walks: WalkFeatures
  private readonly bits: Uint32Array
  private readonly order: Float64Array

  constructor(graph: RegionGraph) {
    const n = graph.topology.count
    this.graph = graph
    this.values = new Float32Array(n * FEATURES)
    this.inside = new ClickFeatures(graph, 0)
    this.outside = new ClickFeatures(graph, BLOCK)
    this.box = new BoxFeatures(graph)
    this.walks = new WalkFeatures(graph)
    // Distances are no less than 0: their bits, as whole numbers, lie in the same order.
    this.bits = new Uint32Array(this.inside.distance.buffer)
    this.order = new Float64Array(n)
  }

  compute(seeds: Seeds): Float32Array {
    const { values } = this
    this.inside.compute(seeds.inside, values)
    this.outside.compute(seeds.outside, values)
    const moved = this.box.compute(seeds.box, values)
    this.walks.compute(seeds, this.box.share, moved, values)
    this.compare(seeds)
    return values
  }

  /** Share of the image that lies no farther from the inside clicks than each region, column WALKS + 6. */
  private covered(): void {
    const { values, bits, order } = this
    const { area, width, height, count } = this.graph.topology
    for (let i = 0; i < count; i++) order[i] = bits[i] * count + i
    order.sort()
    let sum = 0
    for (let k = 0; k < count; k++) {
      const region = order[k] % count
      sum += area[region]
      values[region * FEATURES + WALKS + 6] = sum / (width * height)
    }
  }

  /** Inside against outside clicks and the frame, place, size, and how the first click lies. */
  private compare({ inside, outside }: Seeds): void {
    const { graph, values } = this
    const { topology, frameDistance, tree } = graph
    const { width, height } = topology
    const n = topology.count
    const longest = Math.max(width, height)
    const dp = this.inside.distance
    const dn = this.outside.distance
    const pixels = width * height
    this.covered()
    const first = inside[0]
    const toFrame = first ? Math.min(first.x, first.y, width - first.x, height - first.y) / longest : 0.5
    const clickFrame = first ? frameDistance[first.region] : 0
    const [stableArea, stableHeight] = first ? mostStable(tree, first.region) : [0, 0]
    for (let i = 0; i < n; i++) {
      const at = i * FEATURES
      const w = at + WALKS
      const x = topology.centreX[i] + 0.5
      const y = topology.centreY[i] + 0.5
      values[w + 2] = dp[i] - dn[i]
      values[w + 3] = dp[i] / (dp[i] + dn[i] + 0.1)
      values[w + 4] = dp[i] / (dp[i] + frameDistance[i] + 0.1)
      values[w + 5] = frameDistance[i]
      values[w + 7] = values[at + 5] / (toFrame > 0.02 ? toFrame : 0.02)
      values[w + 8] = toFrame
      values[w + 9] = clickFrame
      values[w + 10] = inside.length
      values[w + 11] = outside.length
      values[w + 12] = x / longest
      values[w + 13] = y / longest
      values[w + 14] = Math.min(x, y, width - x, height - y) / longest
      values[w + 15] = topology.frame[i] > 0 ? 1 : 0
      values[w + 16] = values[at + 5] - values[at + BLOCK + 5]
      values[w + 17] = values[at + 6] - values[at + BLOCK + 6]
      values[w + 18] = values[at + 8] - values[at + BLOCK + 8]
      values[w + 19] = topology.area[i] / pixels
      values[w + 20] = stableArea
      values[w + 21] = values[at + 1] - stableHeight
      values[w + 22] = values[at + 7] - values[at + BLOCK + 7]
      values[w + 23] = outside.length === 0 ? 0 : values[at + 1] - values[at + BLOCK + 1]
    }
  }
}

/** Of the merge-tree nodes around a region (up to half the image), the one that lasts longest: area and height. */
function mostStable(tree: RegionGraph['tree'], region: number): [number, number] {
  let best = -1
  let chosen = region
  for (let node = region; tree.parent[node] >= 0 && tree.area[node] < 0.6; node = tree.parent[node]) {
    const lasts = (tree.height[tree.parent[node]] - tree.height[node]) * Math.sqrt(Math.sqrt(tree.area[node]))
    if (lasts > best) {
      best = lasts
      chosen = node
    }
  }
  return [tree.area[chosen], tree.height[chosen]]
}
