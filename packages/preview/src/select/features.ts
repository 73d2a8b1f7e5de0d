import { WORDS } from './colour-words.ts'
import { log } from './numeric.ts'
import { FAR, type RegionGraph } from './region-graph.ts'
import { DESCRIPTION } from './regions.ts'

/** A click in working pixels (centre of the pixel) with the region that it hits. */
export interface Seed {
  readonly x: number
  readonly y: number
  readonly region: number
}

export interface Seeds {
  readonly inside: readonly Seed[]
  readonly outside: readonly Seed[]
  /** x0, y0, x1, y1 in working pixels, the far corner excluded. */
  readonly box: readonly [number, number, number, number] | null
}

/** More clicks of a kind than this are thinned out evenly for the per-click features. */
const MOST_SEEDS = 32
const RAY_STEPS = 24
const PIN = 1e4

const BLOCK = 15
/** Columns per label: see `perSeed`; then the walks and ratios, then the box. */
const WALKS = 2 * BLOCK
const BOX = WALKS + 24
export const FEATURES = BOX + 10
/** Columns that the learned stages and the fallback read by name. */
export const COLUMN = {
  insideDistance: 0,
  walk: WALKS,
  walkAgainst: WALKS + 1,
  ratioOutside: WALKS + 3,
  ratioFrame: WALKS + 4,
}

/** Describes every region with respect to the prompts: regions x FEATURES; all buffers are made once. */
export class PromptFeatures {
  readonly values: Float32Array
  /** Share of each region inside the box; all 1 without one. */
  readonly boxShare: Float32Array
  private readonly graph: RegionGraph
  private readonly distance: readonly [Float32Array, Float32Array, Float32Array]
  private readonly near: Float32Array
  private readonly nearSeed: Int32Array
  private readonly onPath: Int32Array
  private readonly extra: Float64Array
  private readonly right: Float64Array
  private readonly walk: Float64Array
  private readonly order: Int32Array
  private readonly sources: Int32Array

  constructor(graph: RegionGraph) {
    const n = graph.topology.count
    this.graph = graph
    this.values = new Float32Array(n * FEATURES)
    this.boxShare = new Float32Array(n)
    this.distance = [new Float32Array(n), new Float32Array(n), new Float32Array(n)]
    this.near = new Float32Array(n)
    this.nearSeed = new Int32Array(n)
    this.onPath = new Int32Array(graph.tree.nodes)
    this.extra = new Float64Array(n)
    this.right = new Float64Array(n)
    this.walk = new Float64Array(n)
    this.order = new Int32Array(n)
    this.sources = new Int32Array(n)
  }

  compute(seeds: Seeds): Float32Array {
    const inside = thin(seeds.inside)
    const outside = thin(seeds.outside)
    this.perSeed(inside, 0)
    this.perSeed(outside, 1)
    this.fillBox(seeds)
    this.walks(seeds)
    this.ratios(inside, outside, seeds)
    return this.values
  }

  /** Geodesic, tree height, area, frame, stability, Euclid, colour, wide colour, histogram, texture, ray max, ray sum, clearance. */
  private perSeed(seeds: readonly Seed[], which: 0 | 1): void {
    const { graph, values } = this
    const { topology, description, wide, rootHistogram, tree } = graph
    const n = topology.count
    const base = which * BLOCK
    const distance = this.distance[which]
    if (seeds.length === 0) {
      distance.fill(FAR)
      for (let i = 0; i < n; i++) {
        const at = i * FEATURES + base
        values[at] = FAR
        values[at + 1] = 1
        values[at + 2] = 1
        values[at + 3] = 1
        values[at + 4] = 1
        values[at + 5] = 2
        values[at + 6] = 80
        values[at + 7] = 80
        values[at + 8] = 1
        values[at + 9] = 10
        values[at + 10] = 1
        values[at + 11] = FAR
        values[at + 12] = 10
        values[at + 13] = 0
        values[at + 14] = 10
      }
      return
    }
    for (let s = 0; s < seeds.length; s++) this.sources[s] = seeds[s].region
    graph.paths.from(this.sources, seeds.length, distance)
    this.meetings(seeds)
    const longest = Math.max(topology.width, topology.height)
    const { near, nearSeed } = this
    near.fill(1e9)
    for (let i = 0; i < n; i++) {
      const at = i * FEATURES + base
      values[at + 6] = 1e9
      values[at + 7] = 1e9
      values[at + 8] = -1
      values[at + 9] = 1e9
    }
    for (let s = 0; s < seeds.length; s++) {
      const { x, y, region } = seeds[s]
      const rd = region * DESCRIPTION
      for (let i = 0; i < n; i++) {
        const at = i * FEATURES + base
        const d = i * DESCRIPTION
        const dx = topology.centreX[i] + 0.5 - x
        const dy = topology.centreY[i] + 0.5 - y
        const place = dx * dx + dy * dy
        if (place < near[i]) {
          near[i] = place
          nearSeed[i] = s
        }
        let v0 = description[d] - description[rd]
        let v1 = description[d + 1] - description[rd + 1]
        let v2 = description[d + 2] - description[rd + 2]
        const colour = v0 * v0 + v1 * v1 + v2 * v2
        if (colour < values[at + 6]) values[at + 6] = colour
        v0 = wide[d] - wide[rd]
        v1 = wide[d + 1] - wide[rd + 1]
        v2 = wide[d + 2] - wide[rd + 2]
        const colourWide = v0 * v0 + v1 * v1 + v2 * v2
        if (colourWide < values[at + 7]) values[at + 7] = colourWide
        let same = 0
        for (let k = 0; k < WORDS; k++)
          same += rootHistogram[i * WORDS + k] * rootHistogram[region * WORDS + k]
        if (same > values[at + 8]) values[at + 8] = same
        let texture = 0
        for (let k = 6; k < DESCRIPTION; k++) {
          const t = wide[d + k] - wide[rd + k]
          texture += t < 0 ? -t : t
        }
        if (texture < values[at + 9]) values[at + 9] = texture
      }
    }
    for (let i = 0; i < n; i++) {
      const at = i * FEATURES + base
      const node = this.onPath[i]
      const up = tree.parent[node]
      values[at] = distance[i]
      values[at + 1] = tree.height[node]
      values[at + 2] = tree.area[node]
      values[at + 3] = tree.frame[node]
      values[at + 4] = up < 0 ? 1 : tree.height[up] - tree.height[node]
      const reach = Math.sqrt(near[i])
      values[at + 5] = reach / longest
      values[at + 6] = Math.sqrt(values[at + 6])
      values[at + 7] = Math.sqrt(values[at + 7])
      values[at + 8] = 1 - values[at + 8]
      const seed = seeds[nearSeed[i]]
      this.ray(seed, i, reach, at + 10)
      const pixel = (seed.y | 0) * topology.width + (seed.x | 0)
      values[at + 12] = reach / (graph.clearance[0][pixel] + 2)
      values[at + 13] = graph.clearance[1][pixel] / longest
      values[at + 14] = reach / (graph.clearance[1][pixel] + 2)
    }
  }

  /** For each node of the merge tree, the lowest node above it (or itself) that holds a seed; into `onPath`. */
  private meetings(seeds: readonly Seed[]): void {
    const { tree } = this.graph
    const { onPath } = this
    onPath.fill(-1)
    for (const seed of seeds) {
      for (let node = seed.region; node >= 0 && onPath[node] < 0; node = tree.parent[node])
        onPath[node] = node
    }
    for (let node = tree.nodes - 1; node >= 0; node--) {
      if (onPath[node] < 0) onPath[node] = tree.parent[node] < 0 ? node : onPath[tree.parent[node]]
    }
  }

  /** Strongest boundary, and sum of boundaries, on the straight line from a seed to a region's centre. */
  private ray(seed: Seed, region: number, reach: number, at: number): void {
    const { topology, barrier } = this.graph
    const { width } = topology
    const dx = (topology.centreX[region] + 0.5 - seed.x) / RAY_STEPS
    const dy = (topology.centreY[region] + 0.5 - seed.y) / RAY_STEPS
    let most = 0
    let sum = 0
    let x = seed.x
    let y = seed.y
    for (let t = 0; t <= RAY_STEPS; t++) {
      const v = barrier[(y | 0) * width + (x | 0)]
      if (v > most) most = v
      sum += v
      x += dx
      y += dy
    }
    this.values[at] = most
    this.values[at + 1] = ((sum / (RAY_STEPS + 1)) * reach) / 8
  }

  private fillBox(seeds: Seeds): void {
    const { topology } = this.graph
    const { boxShare, values } = this
    const n = topology.count
    if (seeds.box === null) {
      boxShare.fill(1)
      for (let i = 0; i < n; i++) {
        const at = i * FEATURES + BOX
        values.fill(-1, at, at + 10)
      }
      return
    }
    const [x0, y0, x1, y1] = seeds.box
    boxShare.fill(0)
    const right = Math.min(topology.width, Math.ceil(x1))
    const bottom = Math.min(topology.height, Math.ceil(y1))
    for (let y = Math.max(0, Math.floor(y0)); y < bottom; y++) {
      const row = y * topology.width
      const high = Math.min(y + 1, y1) - Math.max(y, y0)
      for (let x = Math.max(0, Math.floor(x0)); x < right; x++) {
        boxShare[topology.labels[row + x]] += high * (Math.min(x + 1, x1) - Math.max(x, x0))
      }
    }
    let count = 0
    const within = new Float64Array(WORDS)
    const beyond = new Float64Array(WORDS)
    let withinTotal = 1e-6
    let beyondTotal = 1e-6
    for (let i = 0; i < n; i++) {
      const area = topology.area[i]
      boxShare[i] = boxShare[i] > area ? 1 : boxShare[i] / area
      if (boxShare[i] < 0.3) this.sources[count++] = i
      const w = area * boxShare[i]
      withinTotal += w
      beyondTotal += area - w
      for (let k = 0; k < WORDS; k++) {
        const share = this.graph.histogram[i * WORDS + k]
        within[k] += share * w
        beyond[k] += share * (area - w)
      }
    }
    const ratio = new Float64Array(WORDS)
    for (let k = 0; k < WORDS; k++)
      ratio[k] = log((within[k] / withinTotal + 2e-3) / (beyond[k] / beyondTotal + 2e-3))
    const around = this.distance[2]
    this.graph.paths.from(this.sources, count, around)
    this.boxWalk()
    const halfWidth = (x1 - x0) / 2
    const halfHeight = (y1 - y0) / 2
    const size = ((x1 - x0) * (y1 - y0)) / (topology.width * topology.height)
    const aspect = halfWidth / (halfWidth + halfHeight)
    let deepest = 1e-6
    let warmest = 1e-6
    for (let i = 0; i < n; i++) {
      if (around[i] > deepest) deepest = around[i]
      if (this.walk[i] > warmest) warmest = this.walk[i]
    }
    for (let i = 0; i < n; i++) {
      const at = i * FEATURES + BOX
      const u = (topology.centreX[i] + 0.5 - (x0 + x1) / 2) / halfWidth
      const v = (topology.centreY[i] + 0.5 - (y0 + y1) / 2) / halfHeight
      let llr = 0
      for (let k = 0; k < WORDS; k++) llr += this.graph.histogram[i * WORDS + k] * ratio[k]
      values[at] = boxShare[i]
      values[at + 1] = Math.min(4, u < 0 ? -u : u)
      values[at + 2] = Math.min(4, Math.max(-4, v))
      values[at + 3] = Math.min(4, Math.max(u < 0 ? -u : u, v < 0 ? -v : v))
      values[at + 4] = llr
      values[at + 5] = around[i]
      values[at + 6] = around[i] / deepest
      values[at + 7] = this.walk[i] / warmest
      values[at + 8] = size
      values[at + 9] = aspect
    }
  }

  /** Heat of a plate that is warmed evenly inside the box and cooled outside: high where boundaries shut it in. */
  private boxWalk(): void {
    const { topology, solver } = this.graph
    const meanArea = (topology.width * topology.height) / topology.count
    for (let i = 0; i < topology.count; i++) {
      const beyond = 1 - this.boxShare[i]
      this.extra[i] = beyond > 0.7 ? PIN : 0.3 * beyond + 1e-3
      this.right[i] = (this.boxShare[i] * topology.area[i]) / meanArea
    }
    solver.factorise(this.extra)
    solver.solve(this.right, this.walk)
  }

  /** Random walks from the clicks: against a weakly grounded frame, and against the outside clicks alone. */
  private walks(seeds: Seeds): void {
    const { topology, solver } = this.graph
    const { extra, right, walk, values, boxShare } = this
    const n = topology.count
    const meanArea = (topology.width * topology.height) / n
    for (let pass = 0; pass < 2; pass++) {
      const column = WALKS + pass
      if (seeds.inside.length === 0 || (pass === 1 && seeds.outside.length === 0 && seeds.box === null)) {
        for (let i = 0; i < n; i++) values[i * FEATURES + column] = seeds.inside.length === 0 ? 0.5 : 1
        continue
      }
      for (let i = 0; i < n; i++) {
        extra[i] = pass === 0 ? 0.02 * topology.frame[i] + (1e-3 * topology.area[i]) / meanArea : 1e-4
        if (seeds.box !== null && boxShare[i] < 0.3) extra[i] += PIN
        right[i] = 0
      }
      for (const seed of seeds.outside) {
        extra[seed.region] += PIN
      }
      for (const seed of seeds.inside) {
        extra[seed.region] += PIN
        right[seed.region] += PIN
      }
      solver.factorise(extra)
      solver.solve(right, walk)
      for (let i = 0; i < n; i++) values[i * FEATURES + column] = walk[i]
    }
  }

  private ratios(inside: readonly Seed[], outside: readonly Seed[], seeds: Seeds): void {
    const { graph, values, order } = this
    const { topology, frameDistance, tree } = graph
    const { width, height } = topology
    const n = topology.count
    const longest = Math.max(width, height)
    const [dp, dn] = this.distance
    for (let i = 0; i < n; i++) order[i] = i
    order.sort((p, q) => dp[p] - dp[q] || p - q)
    let covered = 0
    const pixels = width * height
    for (let k = 0; k < n; k++) {
      covered += topology.area[order[k]]
      values[order[k] * FEATURES + WALKS + 6] = covered / pixels
    }
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
      values[w + 10] = seeds.inside.length
      values[w + 11] = seeds.outside.length
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

function thin(seeds: readonly Seed[]): readonly Seed[] {
  if (seeds.length <= MOST_SEEDS) return seeds
  return Array.from({ length: MOST_SEEDS }, (_, k) => seeds[Math.floor((k * seeds.length) / MOST_SEEDS)])
}
