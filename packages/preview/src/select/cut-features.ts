import { WORDS } from './colour-words.ts'
import { type Bounds, DepthGrid } from './depth-grid.ts'
import type { RegionGraph } from './region-graph.ts'
import type { Seed, Seeds } from './seeds.ts'

/** Cuts of the probabilities among which the answer is chosen, falling: each mask holds the one before it. */
export const LEVELS = [0.8, 0.7, 0.62, 0.56, 0.5, 0.45, 0.4, 0.35, 0.3, 0.26, 0.22, 0.18, 0.14, 0.1] as const
export const CUT_FEATURES = 30
/** Depths are measured on every fourth working pixel. */
const STEP = 4
/** A boundary of an edge below this is no boundary. */
const WEAK = 0.3

/** Describes each cut of the regions' probabilities as a whole mask: cuts x CUT_FEATURES; buffers are made once a photo. */
export class CutFeatures {
  readonly values = new Float32Array(LEVELS.length * CUT_FEATURES)
  /** Expected IoU of each cut were regions independent; 0 for a cut that holds nothing. */
  readonly expected = new Float64Array(LEVELS.length)
  private readonly graph: RegionGraph
  private readonly grid: DepthGrid
  private readonly order: Int32Array
  private readonly member: Uint8Array
  private readonly frameLength: number
  /** Pixels of each colour word in the photo. */
  private readonly colours = new Float64Array(WORDS)

  constructor(graph: RegionGraph) {
    const { topology } = graph
    const { count } = topology
    this.graph = graph
    this.grid = new DepthGrid(topology, STEP, STEP >> 1)
    let frame = 0
    for (let i = 0; i < count; i++) {
      frame += topology.frame[i]
      for (let k = 0; k < WORDS; k++) this.colours[k] += graph.histogram[i * WORDS + k] * topology.area[i]
    }
    this.frameLength = frame
    this.order = new Int32Array(count)
    this.member = new Uint8Array(count)
  }

  /** `previous`: what was shown before the last click, null before the first; one half is its rim. */
  compute(probability: Float32Array, seeds: Seeds, previous: Float32Array | null): Float32Array {
    const { topology, affinity, histogram, words } = this.graph
    const { area, start, neighbour, edgeOf, edgeLength, frame, width, height } = topology
    const { values, expected, member, order } = this
    const { bounds } = this.graph
    const n = topology.count
    const pixels = width * height
    let listed = 0
    let hoped = 0
    let doubt = 0
    const within = new Float64Array(WORDS)
    for (let i = 0; i < n; i++) {
      const p = probability[i]
      hoped += p * area[i]
      doubt += p * (1 - p) * area[i]
      if (p > LEVELS[LEVELS.length - 1]) order[listed++] = i
    }
    const list = order.subarray(0, listed).sort((a, b) => probability[b] - probability[a] || a - b)
    member.fill(0)
    let size = 0
    let sure = 0
    let rim = 0
    let strength = 0
    let weak = 0
    let touching = 0
    let x0 = width
    let y0 = height
    let x1 = 0
    let y1 = 0
    let kept = 0
    let before = 0
    let reach = 0
    if (previous !== null) for (let i = 0; i < n; i++) if (previous[i] > 0.5) before += area[i]
    const click = seeds.inside[0]
    let least = 1
    for (const s of seeds.inside) if (probability[s.region] < least) least = probability[s.region]
    let most = 0
    for (const s of seeds.outside) if (probability[s.region] > most) most = probability[s.region]
    let at = 0
    let best = 0
    for (let l = 0; l < LEVELS.length; l++) {
      const held = at
      for (; at < listed && probability[list[at]] > LEVELS[l]; at++) {
        const i = list[at]
        member[i] = 1
        size += area[i]
        sure += area[i] * probability[i]
        touching += frame[i]
        reach = probability[i]
        if (previous !== null && previous[i] > 0.5) kept += area[i]
        for (let k = start[i]; k < start[i + 1]; k++) {
          const e = edgeOf[k]
          const sign = member[neighbour[k]] === 1 ? -1 : 1
          const wall = 1 - affinity[e]
          rim += sign * edgeLength[e]
          strength += sign * edgeLength[e] * wall
          if (wall < WEAK) weak += sign * edgeLength[e]
        }
        const b = i * 4
        if (bounds[b] < x0) x0 = bounds[b]
        if (bounds[b + 1] < y0) y0 = bounds[b + 1]
        if (bounds[b + 2] > x1) x1 = bounds[b + 2]
        if (bounds[b + 3] > y1) y1 = bounds[b + 3]
        for (let q = words.first[i]; q < words.first[i + 1]; q++) {
          const k = words.word[q]
          within[k] += histogram[i * WORDS + k] * area[i]
        }
      }
      const o = l * CUT_FEATURES
      const v = values
      if (l > 0 && at === held) {
        v.copyWithin(o, o - CUT_FEATURES, o)
        v[o] = LEVELS[l]
        expected[l] = expected[l - 1]
        continue
      }
      expected[l] = size > 0 ? sure / (size + hoped - sure) : 0
      if (expected[l] > best) best = expected[l]
      v[o] = LEVELS[l]
      v[o + 1] = expected[l]
      v[o + 3] = size / pixels
      v[o + 4] = size > 0 ? sure / size : 0
      v[o + 5] = hoped / pixels
      v[o + 6] = size / (hoped + 1)
      v[o + 7] = rim > 0 ? strength / rim : 0
      v[o + 8] = rim > 0 ? weak / rim : 0
      v[o + 9] = rim > 0 ? (size * 12.566) / (rim * rim) : 0
      v[o + 10] = touching / this.frameLength
      let same = 0
      let total = 0
      for (let k = 0; k < WORDS; k++) {
        const a = within[k] / (size + 1)
        const b = (this.colours[k] - within[k]) / (pixels - size + 1)
        same += a < b ? a : b
        total += a
      }
      v[o + 11] = total > 0 ? same / total : 1
      v[o + 12] = doubt / (hoped + 1)
      v[o + 13] = seeds.inside.length
      v[o + 14] = seeds.outside.length
      v[o + 15] = least
      v[o + 16] = most
      v[o + 17] = previous === null ? -1 : kept / (before + 1)
      v[o + 18] = previous === null ? -1 : size / (before + 1)
      v[o + 19] = reach
      this.boxFill(seeds.box, [x0, y0, x1, y1], size, o + 20)
      this.inscribed(click, size, [x0, y0, x1, y1], o + 24)
    }
    for (let l = 0; l < LEVELS.length; l++) {
      const o = l * CUT_FEATURES
      values[o + 2] = expected[l] / (best + 1e-6)
      const down = Math.min(LEVELS.length - 1, l + 2) * CUT_FEATURES
      const up = Math.max(0, l - 2) * CUT_FEATURES
      values[o + 28] = values[o + 3] / (values[down + 3] + 1e-6)
      values[o + 29] = values[up + 3] / (values[o + 3] + 1e-6)
    }
    return values
  }

  /** How much of the box's width, height and area the mask fills; its tightest side. */
  private boxFill(box: Seeds['box'], [x0, y0, x1, y1]: Bounds, size: number, o: number): void {
    const { values } = this
    if (box === null || size === 0) {
      values.fill(-1, o, o + 4)
      return
    }
    const w = box[2] - box[0]
    const h = box[3] - box[1]
    values[o] = (x1 - x0) / w
    values[o + 1] = (y1 - y0) / h
    values[o + 2] = size / (w * h)
    values[o + 3] = Math.max((x0 - box[0]) / w, (box[2] - x1) / w, (y0 - box[1]) / h, (box[3] - y1) / h)
  }

  /** Depth of the mask at the first click against its greatest depth: people click in the middle. */
  private inscribed(click: Seed | undefined, size: number, bounds: Bounds, o: number): void {
    const { grid, member, values } = this
    if (size === 0) {
      values.fill(0, o, o + 4)
      return
    }
    grid.measure(member, bounds)
    const { width, depth, most, where } = grid
    const cells = Math.sqrt(size) / STEP
    if (click === undefined) {
      values[o] = -1
      values[o + 1] = most / cells
      values[o + 2] = -1
      values[o + 3] = -1
      return
    }
    const cell = grid.cellAt(click.x, click.y)
    const here = depth[cell]
    const dx = (where % width) - (cell % width)
    const dy = Math.floor(where / width) - Math.floor(cell / width)
    values[o] = here / (most + 0.5)
    values[o + 1] = here / cells
    values[o + 2] = Math.sqrt(dx * dx + dy * dy) / (most + 1)
    values[o + 3] = (here * STEP) / Math.max(this.graph.topology.width, this.graph.topology.height)
  }
}
