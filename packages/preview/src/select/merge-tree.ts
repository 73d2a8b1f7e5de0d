import { MinHeap } from './heap.ts'
import type { Topology } from './topology.ts'

/** Average-link merge tree of the region graph: leaves 0..count-1, then inner nodes in the order of merging. */
export interface MergeTree {
  readonly nodes: number
  /** -1 at a root. A parent always has a larger index. */
  readonly parent: Int32Array
  /** Boundary strength at which the node was made, 0-1, never falling towards the root. */
  readonly height: Float32Array
  /** Share of the working image. */
  readonly area: Float32Array
  /** Share of the image's frame that the node touches. */
  readonly frame: Float32Array
}

/** Merges regions across their weakest mean boundary; small ones somewhat earlier. */
export function buildMergeTree(topology: Topology, affinity: Float32Array): MergeTree {
  const { count, edgeA, edgeB, edgeLength } = topology
  const most = 2 * count
  const parent = new Int32Array(most).fill(-1)
  const height = new Float32Array(most)
  const area = new Float32Array(most)
  const frame = new Float32Array(most)
  const pixels = topology.width * topology.height
  let frameLength = 0
  for (let i = 0; i < count; i++) {
    area[i] = topology.area[i] / pixels
    frame[i] = topology.frame[i]
    frameLength += topology.frame[i]
  }
  const links: Map<number, number>[] = Array.from({ length: most }, () => new Map())
  const a = Int32Array.from(edgeA)
  const b = Int32Array.from(edgeB)
  const strength = new Float64Array(a.length)
  const length = Float64Array.from(edgeLength)
  const price = new Float64Array(a.length)
  const heap = new MinHeap(a.length * 6)
  for (let e = 0; e < a.length; e++) {
    links[a[e]].set(b[e], e)
    links[b[e]].set(a[e], e)
    strength[e] = (1 - affinity[e]) * length[e]
    price[e] = 1 - affinity[e]
    heap.push(price[e], e)
  }
  let nodes = count
  let top = 0
  while (heap.size > 0) {
    const key = heap.minimum
    const e = heap.pop()
    if (price[e] !== key) continue
    const node = nodes++
    const left = a[e]
    const right = b[e]
    price[e] = -1
    if (key > top) top = key
    parent[left] = node
    parent[right] = node
    height[node] = top
    area[node] = area[left] + area[right]
    frame[node] = frame[left] + frame[right]
    const mine = links[node]
    for (const side of [left, right]) {
      for (const [other, edge] of links[side]) {
        if (other === left || other === right) continue
        links[other].delete(side)
        const twin = mine.get(other)
        if (twin === undefined) {
          mine.set(other, edge)
          links[other].set(node, edge)
          a[edge] = node
          b[edge] = other
        } else {
          strength[twin] += strength[edge]
          length[twin] += length[edge]
          price[edge] = -1
        }
      }
      links[side].clear()
    }
    for (const [other, edge] of mine) {
      const small = area[other] < area[node] ? area[other] : area[node]
      const ease = 0.3 + 0.7 * Math.sqrt(small / 0.01)
      price[edge] = (strength[edge] / length[edge]) * (ease < 1 ? ease : 1)
      heap.push(price[edge], edge)
    }
  }
  for (let i = 0; i < nodes; i++) frame[i] /= frameLength
  return { nodes, parent, height, area, frame }
}
