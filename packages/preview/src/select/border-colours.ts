import { mostAlikeLanes } from './colour-lanes.ts'
import { spreadWords, WORDS } from './colour-words.ts'
import type { RegionGraph } from './region-graph.ts'
import { DESCRIPTION } from './regions.ts'

/** Squared Lab distances beyond this say no more. */
const FARTHEST = 6400

/** How regions compare in colour with a list of others; buffers are made once a photo. */
export class BorderColours {
  /** In the order of the regions that were asked for: least squared Lab distance to one of the others, at most 6400. */
  readonly nearest: Float64Array
  /** In that order, too: largest Hellinger affinity of a region's colours with those of one of the others. */
  readonly affinity: Float64Array
  private readonly graph: RegionGraph
  private spread = new Float32Array(0)

  constructor(graph: RegionGraph) {
    this.graph = graph
    this.nearest = new Float64Array(graph.topology.count)
    this.affinity = new Float64Array(graph.topology.count)
  }

  compare(regions: Int32Array, others: readonly number[]): void {
    const { description, rootHistogram } = this.graph
    const lightness = (i: number): number => description[i * DESCRIPTION]
    const sorted = Int32Array.from(others).sort((a, b) => lightness(a) - lightness(b))
    for (let k = 0; k < regions.length; k++) this.nearest[k] = this.nearestColour(regions[k], sorted)
    if (mostAlikeLanes(rootHistogram, regions, others, this.affinity)) return
    this.spreadWords(others)
    for (let k = 0; k < regions.length; k++) this.affinity[k] = this.mostAlike(regions[k], others.length)
  }

  /** `others` from the darkest on: both ways from the region's own lightness, until that alone is too far. */
  private nearestColour(region: number, others: Int32Array): number {
    const { description } = this.graph
    const own = region * DESCRIPTION
    const lightness = description[own]
    let above = 0
    for (let end = others.length; above < end; ) {
      const middle = (above + end) >> 1
      if (description[others[middle] * DESCRIPTION] < lightness) above = middle + 1
      else end = middle
    }
    let least = FARTHEST
    for (const step of [1, -1]) {
      for (let j = step > 0 ? above : above - 1; j >= 0 && j < others.length; j += step) {
        const at = others[j] * DESCRIPTION
        const l = lightness - description[at]
        if (l * l >= least) break
        const a = description[own + 1] - description[at + 1]
        const b = description[own + 2] - description[at + 2]
        const d = l * l + a * a + b * b
        if (d < least) least = d
      }
    }
    return least
  }

  /** Root histograms of the others, word after word, so that four of them are compared at once. */
  private spreadWords(others: readonly number[]): void {
    const { rootHistogram } = this.graph
    const stride = (others.length + 3) & ~3
    if (this.spread.length < WORDS * stride) this.spread = new Float32Array(WORDS * stride)
    spreadWords(rootHistogram, others, stride, this.spread.fill(0))
  }

  /** For engines without vectors; elsewhere colour-lanes.ts is faster, and gives the same. */
  private mostAlike(region: number, count: number): number {
    const { rootHistogram, rootWords } = this.graph
    const { spread } = this
    const stride = (count + 3) & ~3
    const from = rootWords.first[region]
    const end = rootWords.first[region + 1]
    let most = 0
    for (let j = 0; j < count; j += 4) {
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      for (let q = from; q < end; q++) {
        const k = rootWords.word[q]
        const own = rootHistogram[region * WORDS + k]
        const at = k * stride + j
        s0 += own * spread[at]
        s1 += own * spread[at + 1]
        s2 += own * spread[at + 2]
        s3 += own * spread[at + 3]
      }
      if (s0 > most) most = s0
      if (s1 > most) most = s1
      if (s2 > most) most = s2
      if (s3 > most) most = s3
    }
    return most
  }
}
