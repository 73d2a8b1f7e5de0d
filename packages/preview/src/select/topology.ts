/** The region graph of a label map: regions in raster order of their first pixel, edges in raster order of first contact. */
export interface Topology {
  readonly width: number
  readonly height: number
  readonly labels: Int32Array
  /** How many regions. */
  readonly count: number
  /** Pixels of each region. */
  readonly area: Float32Array
  /** Centre of each region, working pixels. */
  readonly centreX: Float32Array
  readonly centreY: Float32Array
  /** How many pixels of the region lie on the frame. */
  readonly frame: Float32Array
  /** Ends of each edge, edgeA < edgeB, and the pixels at which the two touch. */
  readonly edgeA: Int32Array
  readonly edgeB: Int32Array
  readonly edgeLength: Float32Array
  /** Neighbours of region i: neighbour[k], edgeOf[k] for start[i] <= k < start[i + 1]. */
  readonly start: Int32Array
  readonly neighbour: Int32Array
  readonly edgeOf: Int32Array
}

/** Called for each pair of touching pixels of two regions: edge index and the two pixels. */
export type ContactVisitor = (edge: number, pixel: number, other: number) => void

/** Builds the graph of a label map numbered 0..count-1; `onContact` may gather figures along the edges. */
export function buildTopology(
  labels: Int32Array,
  width: number,
  height: number,
  count: number,
  onContact?: ContactVisitor,
): Topology {
  const area = new Float32Array(count)
  const frame = new Float32Array(count)
  const sumX = new Float64Array(count)
  const sumY = new Float64Array(count)
  const edges = new Map<number, number>()
  const a: number[] = []
  const b: number[] = []
  const length: number[] = []
  const touch = (p: number, q: number): void => {
    const low = labels[p] < labels[q] ? labels[p] : labels[q]
    const high = labels[p] < labels[q] ? labels[q] : labels[p]
    const key = low * count + high
    let edge = edges.get(key)
    if (edge === undefined) {
      edge = a.length
      edges.set(key, edge)
      a.push(low)
      b.push(high)
      length.push(0)
    }
    length[edge]++
    onContact?.(edge, p, q)
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x
      const label = labels[p]
      area[label]++
      sumX[label] += x
      sumY[label] += y
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) frame[label]++
      if (x + 1 < width && labels[p + 1] !== label) touch(p, p + 1)
      if (y + 1 < height && labels[p + width] !== label) touch(p, p + width)
    }
  }
  const centreX = new Float32Array(count)
  const centreY = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    centreX[i] = sumX[i] / area[i]
    centreY[i] = sumY[i] / area[i]
  }
  const edgeA = Int32Array.from(a)
  const edgeB = Int32Array.from(b)
  const lists = neighbourLists(count, edgeA, edgeB)
  const edgeLength = Float32Array.from(length)
  return { width, height, labels, count, area, centreX, centreY, frame, edgeA, edgeB, edgeLength, ...lists }
}

function neighbourLists(count: number, edgeA: Int32Array, edgeB: Int32Array) {
  const start = new Int32Array(count + 1)
  for (let e = 0; e < edgeA.length; e++) {
    start[edgeA[e] + 1]++
    start[edgeB[e] + 1]++
  }
  for (let i = 0; i < count; i++) start[i + 1] += start[i]
  const fill = start.slice(0, count)
  const neighbour = new Int32Array(edgeA.length * 2)
  const edgeOf = new Int32Array(edgeA.length * 2)
  for (let e = 0; e < edgeA.length; e++) {
    const i = fill[edgeA[e]]++
    neighbour[i] = edgeB[e]
    edgeOf[i] = e
    const j = fill[edgeB[e]]++
    neighbour[j] = edgeA[e]
    edgeOf[j] = e
  }
  return { start, neighbour, edgeOf }
}

/** Two bits a pixel, eight bits a byte: whether the pixel to the right, then the pixel below, is another region. */
export function packBoundaries(labels: Int32Array, width: number, height: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil((width * height) / 4))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x
      const right = x + 1 < width && labels[p + 1] !== labels[p] ? 1 : 0
      const below = y + 1 < height && labels[p + width] !== labels[p] ? 2 : 0
      bits[p >> 2] |= (right | below) << ((p & 3) * 2)
    }
  }
  return bits
}

/** The inverse of `packBoundaries`: labels in raster order of first pixel, and their number. */
export function unpackBoundaries(
  bits: Uint8Array,
  width: number,
  height: number,
): { labels: Int32Array; count: number } {
  const parent = new Int32Array(width * height)
  for (let p = 0; p < parent.length; p++) parent[p] = p
  const find = (start: number): number => {
    let p = start
    while (parent[p] !== p) {
      parent[p] = parent[parent[p]]
      p = parent[p]
    }
    return p
  }
  const join = (p: number, q: number): void => {
    const a = find(p)
    const b = find(q)
    if (a < b) parent[b] = a
    else if (b < a) parent[a] = b
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x
      const two = (bits[p >> 2] >> ((p & 3) * 2)) & 3
      if (x + 1 < width && (two & 1) === 0) join(p, p + 1)
      if (y + 1 < height && (two & 2) === 0) join(p, p + width)
    }
  }
  const labels = new Int32Array(width * height)
  let count = 0
  for (let p = 0; p < labels.length; p++) {
    const root = find(p)
    labels[p] = root === p ? count++ : labels[root]
  }
  return { labels, count }
}
