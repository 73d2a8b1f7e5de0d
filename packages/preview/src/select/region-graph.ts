import { listWords, WORDS, type WordLists } from './colour-words.ts'
import { regionBounds } from './depth-grid.ts'
import { spread } from './edge-features.ts'
import { MinHeap } from './heap.ts'
import { buildMergeTree, type MergeTree } from './merge-tree.ts'
import { log } from './numeric.ts'
import { DESCRIPTION } from './regions.ts'
import { LaplacianSolver } from './solver.ts'
import type { Topology } from './topology.ts'

/** What a decoder derives once from an embedding. */
export interface RegionGraph {
  readonly topology: Topology
  /** x0, y0, x1, y1 of each region, working pixels, the far corner excluded. */
  readonly bounds: Int32Array
  readonly affinity: Float32Array
  readonly description: Float32Array
  /** The description spread over two rings of neighbours. */
  readonly wide: Float32Array
  /** Colour histograms of 0-1. */
  readonly histogram: Float32Array
  /** Square roots of the histograms spread over one ring: their dot product is the Hellinger affinity. */
  readonly rootHistogram: Float32Array
  /** What stands in `histogram` and in `rootHistogram`: all else adds nothing to a sum. */
  readonly words: WordLists
  readonly rootWords: WordLists
  /** Length of each edge: -log(affinity). */
  readonly length: Float32Array
  /** Conductance of each edge. */
  readonly conductance: Float32Array
  readonly tree: MergeTree
  /** Distance of each region to the photo's frame. */
  readonly frameDistance: Float32Array
  /** Boundary strength at each working pixel and its eight neighbours, 0-1. */
  readonly barrier: Float32Array
  /** Distance, working pixels, of each pixel to the nearest weak and to the nearest strong barrier or the frame. */
  readonly clearance: readonly [Float32Array, Float32Array]
  readonly solver: LaplacianSolver
  readonly paths: ShortestPaths
}

/** Distance that stands for "not reachable". */
export const FAR = 12

export function buildRegionGraph(
  topology: Topology,
  affinity: Float32Array,
  description: Float32Array,
  histogram: Uint8Array,
): RegionGraph {
  const length = new Float32Array(affinity.length)
  const conductance = new Float32Array(affinity.length)
  for (let e = 0; e < affinity.length; e++) {
    const p = affinity[e] < 1e-3 ? 1e-3 : affinity[e] > 0.999 ? 0.999 : affinity[e]
    length[e] = 0.01 - log(p)
    conductance[e] = topology.edgeLength[e] * p * p
  }
  const shares = Float32Array.from(histogram, (v) => v / 255)
  const rootHistogram = spread(shares, WORDS, topology)
  for (let i = 0; i < topology.count; i++) {
    let total = 1e-9
    for (let k = 0; k < WORDS; k++) total += rootHistogram[i * WORDS + k]
    for (let k = 0; k < WORDS; k++)
      rootHistogram[i * WORDS + k] = Math.sqrt(rootHistogram[i * WORDS + k] / total)
  }
  const barrier = barrierMap(topology, affinity)
  const paths = new ShortestPaths(topology, length)
  const frameDistance = new Float32Array(topology.count)
  const sources: number[] = []
  for (let i = 0; i < topology.count; i++) if (topology.frame[i] > 0) sources.push(i)
  paths.from(sources, sources.length, frameDistance)
  return {
    topology,
    bounds: regionBounds(topology),
    affinity,
    description,
    wide: spread(spread(description, DESCRIPTION, topology), DESCRIPTION, topology),
    histogram: shares,
    rootHistogram,
    words: listWords(shares),
    rootWords: listWords(rootHistogram),
    length,
    conductance,
    tree: buildMergeTree(topology, affinity),
    frameDistance,
    barrier,
    clearance: [clearanceMap(topology, barrier, 0.35), clearanceMap(topology, barrier, 0.65)],
    solver: new LaplacianSolver(topology, conductance),
    paths,
  }
}

/** Dijkstra over the region graph; its heap is allocated once. */
export class ShortestPaths {
  private readonly topology: Topology
  private readonly length: Float32Array
  private readonly heap: MinHeap

  constructor(topology: Topology, length: Float32Array) {
    this.topology = topology
    this.length = length
    this.heap = new MinHeap(topology.edgeA.length * 2 + topology.count)
  }

  /** Fills `out` with each region's distance to the nearest of the first `count` sources, at most FAR. */
  from(sources: ArrayLike<number>, count: number, out: Float32Array): void {
    out.fill(FAR)
    this.extend(sources, count, out)
  }

  /** Shortens the distances in `out` by further sources; the same as if all had been asked for at once. */
  extend(sources: ArrayLike<number>, count: number, out: Float32Array): void {
    const { start, neighbour, edgeOf } = this.topology
    const { heap, length } = this
    heap.clear()
    for (let s = 0; s < count; s++) {
      out[sources[s]] = 0
      heap.push(0, sources[s])
    }
    while (heap.size > 0) {
      const key = heap.minimum
      const region = heap.pop()
      if (key > out[region]) continue
      for (let k = start[region]; k < start[region + 1]; k++) {
        const to = neighbour[k]
        const d = Math.fround(key + length[edgeOf[k]])
        if (d < out[to]) {
          out[to] = d
          heap.push(d, to)
        }
      }
    }
  }
}

function barrierMap(topology: Topology, affinity: Float32Array): Float32Array {
  const { width, height, labels, start, neighbour, edgeOf } = topology
  const thin = new Float32Array(labels.length)
  const between = (a: number, b: number): number => {
    for (let k = start[a]; k < start[a + 1]; k++) if (neighbour[k] === b) return 1 - affinity[edgeOf[k]]
    return 0
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x
      let v = 0
      if (x + 1 < width && labels[p + 1] !== labels[p]) v = between(labels[p], labels[p + 1])
      if (y + 1 < height && labels[p + width] !== labels[p]) {
        const below = between(labels[p], labels[p + width])
        if (below > v) v = below
      }
      thin[p] = v
    }
  }
  const across = new Float32Array(labels.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x
      let v = thin[p]
      if (x > 0 && thin[p - 1] > v) v = thin[p - 1]
      if (x + 1 < width && thin[p + 1] > v) v = thin[p + 1]
      across[p] = v
    }
  }
  const out = thin
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x
      let v = across[p]
      if (y > 0 && across[p - width] > v) v = across[p - width]
      if (y + 1 < height && across[p + width] > v) v = across[p + width]
      out[p] = v
    }
  }
  return out
}

/** Distance to the nearest pixel whose barrier exceeds a limit, the frame too, by the 3-4 chamfer. */
function clearanceMap(topology: Topology, barrier: Float32Array, limit: number): Float32Array {
  const { width, height } = topology
  const out = new Float32Array(barrier.length)
  const slant = 4 / 3
  for (let y = 0, p = 0; y < height; y++) {
    let before = 0
    let aboveLeft = 0
    let above = y > 0 ? out[p - width] : 0
    for (let x = 0; x < width; x++, p++) {
      const last = x + 1 === width
      const aboveRight = y > 0 && !last ? out[p - width + 1] : 0
      let d = 0
      if (barrier[p] <= limit) {
        d = 1
        if (y > 0 && x > 0) {
          d = (before < above ? before : above) + 1
          const aslant = last ? slant : (aboveLeft < aboveRight ? aboveLeft : aboveRight) + slant
          if (aslant < d) d = aslant
          d = Math.fround(d)
        }
        out[p] = d
      }
      before = d
      aboveLeft = above
      above = aboveRight
    }
  }
  for (let y = height - 1, p = out.length - 1; y >= 0; y--) {
    const inner = y + 1 < height
    let after = 0
    let belowRight = 0
    let below = inner ? out[p + width] : 0
    for (let x = width - 1; x >= 0; x--, p--) {
      const belowLeft = inner && x > 0 ? out[p + width - 1] : 0
      let d = out[p]
      if (d > 1) {
        const straight = inner && x + 1 < width ? (after < below ? after : below) + 1 : 1
        const aslant =
          inner && x + 1 < width && x > 0 ? (belowRight < belowLeft ? belowRight : belowLeft) + slant : slant
        if (straight < d || aslant < d) {
          d = Math.fround(straight < aslant ? straight : aslant)
          out[p] = d
        }
      }
      after = d
      belowRight = below
      below = belowLeft
    }
  }
  return out
}
