import { MinHeap } from './heap.ts'
import { numberPieces } from './superpixels.ts'
import { buildTopology } from './topology.ts'

/**
 * Joins the pieces of a label map, cheapest first, until `wanted` are left: crumbs at once, then flat neighbours, so
 * that the regions that remain are small where there is detail. `strength` is the gradient at each pixel (Lab a pixel).
 * Rewrites `labels` in raster order and returns the number of regions.
 */
export function mergeRegions(
  labels: Int32Array,
  lab: Float32Array,
  strength: Float32Array,
  width: number,
  height: number,
  wanted: number,
): number {
  const pieces = numberPieces(labels, width, height)
  const contrast: number[] = []
  const topology = buildTopology(labels, width, height, pieces, (edge, p, q) => {
    contrast[edge] = (contrast[edge] ?? 0) + (strength[p] > strength[q] ? strength[p] : strength[q])
  })
  const mean = new Float64Array(pieces * 3)
  for (let p = 0; p < labels.length; p++) {
    const at = labels[p] * 3
    for (let c = 0; c < 3; c++) mean[at + c] += lab[p * 3 + c]
  }
  for (let i = 0; i < pieces; i++) for (let c = 0; c < 3; c++) mean[i * 3 + c] /= topology.area[i]
  const area = Float64Array.from(topology.area)
  const crumb = (width * height) / (wanted * 14)
  const largest = ((width * height) / wanted) * 10

  const links: Map<number, number>[] = Array.from({ length: pieces }, () => new Map())
  const edgeSum = Float64Array.from(contrast)
  const edgeLength = Float64Array.from(topology.edgeLength)
  const edgeA = Int32Array.from(topology.edgeA)
  const edgeB = Int32Array.from(topology.edgeB)
  const price = new Float64Array(edgeA.length)
  const heap = new MinHeap(edgeA.length * 4)
  const cost = (edge: number): number => {
    const a = edgeA[edge]
    const b = edgeB[edge]
    let d = 0
    for (let c = 0; c < 3; c++) {
      const v = mean[a * 3 + c] - mean[b * 3 + c]
      d += v * v
    }
    const g = edgeSum[edge] / edgeLength[edge]
    const small = area[a] < area[b] ? area[a] : area[b]
    if (small < crumb) return (d + g) * 1e-6
    if (area[a] + area[b] > largest) return 1e9 + d
    return (d + 3 * g * g + 1) * Math.sqrt((area[a] * area[b]) / (area[a] + area[b]))
  }
  for (let e = 0; e < edgeA.length; e++) {
    links[edgeA[e]].set(edgeB[e], e)
    links[edgeB[e]].set(edgeA[e], e)
    price[e] = cost(e)
    heap.push(price[e], e)
  }
  const into = new Int32Array(pieces).fill(-1)
  let left = pieces
  while (heap.size > 0) {
    const key = heap.minimum
    if (left <= wanted && key > 0.01) break
    const e = heap.pop()
    if (price[e] !== key || edgeA[e] < 0) continue
    const keep = edgeA[e]
    const gone = edgeB[e]
    price[e] = -1
    into[gone] = keep
    left--
    const total = area[keep] + area[gone]
    for (let c = 0; c < 3; c++) {
      mean[keep * 3 + c] = (mean[keep * 3 + c] * area[keep] + mean[gone * 3 + c] * area[gone]) / total
    }
    area[keep] = total
    links[keep].delete(gone)
    for (const [other, edge] of links[gone]) {
      links[other].delete(gone)
      if (other === keep) continue
      const twin = links[keep].get(other)
      if (twin === undefined) {
        links[keep].set(other, edge)
        links[other].set(keep, edge)
        edgeA[edge] = keep
        edgeB[edge] = other
      } else {
        edgeSum[twin] += edgeSum[edge]
        edgeLength[twin] += edgeLength[edge]
        price[edge] = -1
      }
    }
    links[gone].clear()
    for (const edge of links[keep].values()) {
      price[edge] = cost(edge)
      heap.push(price[edge], edge)
    }
  }
  for (let p = 0; p < labels.length; p++) {
    let label = labels[p]
    while (into[label] >= 0) label = into[label]
    labels[p] = label
  }
  return numberPieces(labels, width, height)
}
