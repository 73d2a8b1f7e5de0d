import { WORDS } from './colour-words.ts'
import { BLOCK, FEATURES } from './feature-columns.ts'
import { FAR, type RegionGraph } from './region-graph.ts'
import { DESCRIPTION } from './regions.ts'
import type { Seed } from './seeds.ts'

/** More clicks of a kind than this are thinned out evenly. */
const MOST_SEEDS = 32
const RAY_STEPS = 24

/** Columns where there is no click of the label. */
const WITHOUT = [FAR, 1, 1, 1, 1, 2, 80, 80, 1, 10, 1, FAR, 10, 0, 10] as const

/**
 * What each region has to do with the clicks of one label: geodesic, tree height, area, frame, stability, Euclid,
 * colour, wide colour, histogram, texture, strongest and summed boundary of the straight line, clearance of the click.
 * Most are least values over the clicks: where clicks were only added, only the new ones are looked at.
 */
export class ClickFeatures {
  /** Shortest path of each region to a click. */
  readonly distance: Float32Array
  private readonly graph: RegionGraph
  private readonly base: number
  /** The clicks that the figures below stand for. */
  private readonly known: Seed[] = []
  private readonly source = new Int32Array(1)
  private readonly near: Float32Array
  private readonly nearSeed: Int32Array
  private readonly colour: Float32Array
  private readonly wideColour: Float32Array
  private readonly likeness: Float32Array
  private readonly texture: Float32Array
  private readonly strongest: Float32Array
  private readonly mean: Float64Array
  private readonly onPath: Int32Array

  /** Columns `base` to base + BLOCK of a table with FEATURES columns. */
  constructor(graph: RegionGraph, base: number) {
    const n = graph.topology.count
    this.graph = graph
    this.base = base
    this.distance = new Float32Array(n).fill(FAR)
    this.near = new Float32Array(n)
    this.nearSeed = new Int32Array(n)
    this.colour = new Float32Array(n)
    this.wideColour = new Float32Array(n)
    this.likeness = new Float32Array(n)
    this.texture = new Float32Array(n)
    this.strongest = new Float32Array(n)
    this.mean = new Float64Array(n)
    this.onPath = new Int32Array(graph.tree.nodes)
  }

  compute(all: readonly Seed[], values: Float32Array): void {
    const seeds = thin(all)
    const { known } = this
    if (known.length > seeds.length || known.some((seed, s) => !alike(seed, seeds[s]))) this.forget()
    if (seeds.length === 0) {
      this.writeWithout(values)
      return
    }
    while (known.length < seeds.length) this.add(seeds[known.length])
    this.meetings(seeds)
    this.write(values)
  }

  private forget(): void {
    this.known.length = 0
    this.distance.fill(FAR)
    this.near.fill(1e9)
    this.colour.fill(1e9)
    this.wideColour.fill(1e9)
    this.likeness.fill(-1)
    this.texture.fill(1e9)
  }

  private add(seed: Seed): void {
    const { topology, description, wide, rootHistogram, rootWords, paths } = this.graph
    const { known, near, nearSeed, colour, wideColour, likeness, texture } = this
    if (known.length === 0) this.forget()
    const s = known.length
    known.push(seed)
    this.source[0] = seed.region
    paths.extend(this.source, 1, this.distance)
    const { x, y, region } = seed
    const own = region * DESCRIPTION
    const ownWords = region * WORDS
    for (let i = 0; i < topology.count; i++) {
      const d = i * DESCRIPTION
      const dx = topology.centreX[i] + 0.5 - x
      const dy = topology.centreY[i] + 0.5 - y
      const place = dx * dx + dy * dy
      if (place < near[i]) {
        near[i] = place
        nearSeed[i] = s
        this.ray(seed, i)
      }
      let v0 = description[d] - description[own]
      let v1 = description[d + 1] - description[own + 1]
      let v2 = description[d + 2] - description[own + 2]
      const apart = v0 * v0 + v1 * v1 + v2 * v2
      if (apart < colour[i]) colour[i] = apart
      v0 = wide[d] - wide[own]
      v1 = wide[d + 1] - wide[own + 1]
      v2 = wide[d + 2] - wide[own + 2]
      const apartWide = v0 * v0 + v1 * v1 + v2 * v2
      if (apartWide < wideColour[i]) wideColour[i] = apartWide
      let same = 0
      const words = i * WORDS
      for (let q = rootWords.first[region]; q < rootWords.first[region + 1]; q++) {
        const k = rootWords.word[q]
        same += rootHistogram[words + k] * rootHistogram[ownWords + k]
      }
      if (same > likeness[i]) likeness[i] = same
      let sum = 0
      for (let k = 6; k < DESCRIPTION; k++) {
        const t = wide[d + k] - wide[own + k]
        sum += t < 0 ? -t : t
      }
      if (sum < texture[i]) texture[i] = sum
    }
  }

  /** Strongest boundary, and mean of boundaries, on the straight line from a seed to a region's centre. */
  private ray(seed: Seed, region: number): void {
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
    this.strongest[region] = most
    this.mean[region] = sum / (RAY_STEPS + 1)
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

  private write(values: Float32Array): void {
    const { topology, tree, clearance } = this.graph
    const { near, nearSeed, onPath, known, distance } = this
    const longest = Math.max(topology.width, topology.height)
    for (let i = 0; i < topology.count; i++) {
      const at = i * FEATURES + this.base
      const node = onPath[i]
      const up = tree.parent[node]
      const reach = Math.sqrt(near[i])
      const seed = known[nearSeed[i]]
      const pixel = (seed.y | 0) * topology.width + (seed.x | 0)
      const weak = clearance[0][pixel]
      const strong = clearance[1][pixel]
      values[at] = distance[i]
      values[at + 1] = tree.height[node]
      values[at + 2] = tree.area[node]
      values[at + 3] = tree.frame[node]
      values[at + 4] = up < 0 ? 1 : tree.height[up] - tree.height[node]
      values[at + 5] = reach / longest
      values[at + 6] = Math.sqrt(this.colour[i])
      values[at + 7] = Math.sqrt(this.wideColour[i])
      values[at + 8] = 1 - this.likeness[i]
      values[at + 9] = this.texture[i]
      values[at + 10] = this.strongest[i]
      values[at + 11] = (this.mean[i] * reach) / 8
      values[at + 12] = reach / (weak + 2)
      values[at + 13] = strong / longest
      values[at + 14] = reach / (strong + 2)
    }
  }

  private writeWithout(values: Float32Array): void {
    for (let i = 0; i < this.graph.topology.count; i++) {
      const at = i * FEATURES + this.base
      for (let c = 0; c < BLOCK; c++) values[at + c] = WITHOUT[c]
    }
  }
}

function alike(a: Seed, b: Seed): boolean {
  return a.x === b.x && a.y === b.y && a.region === b.region
}

function thin(seeds: readonly Seed[]): readonly Seed[] {
  if (seeds.length <= MOST_SEEDS) return seeds
  return Array.from({ length: MOST_SEEDS }, (_, k) => seeds[Math.floor((k * seeds.length) / MOST_SEEDS)])
}
