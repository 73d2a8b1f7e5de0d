/**
 * How near a mesh comes to a true surface: 8,000 samples of each, uniform scale and shift fitted by nearest pairs of
 * both directions, no turn. The figures are those of the "front" row of the shapes set's own script.
 */
import { PointGrid } from './point-grid.ts'

export interface TriangleSoup {
  readonly positions: ArrayLike<number>
  readonly indices: ArrayLike<number>
}

export interface SurfaceSamples {
  readonly points: Float64Array
  readonly normals: Float64Array
}

export interface ShapeScore {
  readonly chamferPercent: number
  readonly f2: number
  readonly f5: number
  readonly normalConsistency: number
}

const SAMPLES = 8000
const FIT_SAMPLES = 2000
const FIT_ROUNDS = 15
const SEED = 12345

function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Area-weighted samples, one in each of `count` equal shares of the area. */
export function sampleSurface({ positions: p, indices }: TriangleSoup, count = SAMPLES): SurfaceSamples {
  const faces = indices.length / 3
  const sums = new Float64Array(faces)
  const faceNormals = new Float64Array(faces * 3)
  let total = 0
  for (let f = 0; f < faces; f++) {
    const [a, b, c] = [0, 1, 2].map((k) => 3 * indices[3 * f + k])
    const u = [0, 1, 2].map((d) => p[b + d] - p[a + d])
    const v = [0, 1, 2].map((d) => p[c + d] - p[a + d])
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    const length = Math.hypot(n[0], n[1], n[2])
    if (length > 0) for (let d = 0; d < 3; d++) faceNormals[3 * f + d] = n[d] / length
    total += length
    sums[f] = total
  }
  if (!(total > 0)) throw new Error('the mesh has no area')
  const random = seededRandom(SEED)
  const points = new Float64Array(count * 3)
  const normals = new Float64Array(count * 3)
  for (let k = 0, f = 0; k < count; k++) {
    const wanted = ((k + random()) / count) * total
    while (f < faces - 1 && sums[f] < wanted) f++
    while (f > 0 && sums[f - 1] >= wanted) f--
    const s = Math.sqrt(random())
    const v = random()
    const weights = [1 - s, s * (1 - v), s * v]
    for (let d = 0; d < 3; d++) {
      for (let q = 0; q < 3; q++) points[3 * k + d] += weights[q] * p[3 * indices[3 * f + q] + d]
      normals[3 * k + d] = faceNormals[3 * f + d]
    }
  }
  return { points, normals }
}

/** Moves the box centre to the origin and makes the box diagonal 1, in place. */
function normalise(points: Float64Array): void {
  const min = [Infinity, Infinity, Infinity]
  const max = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < points.length; i++) {
    min[i % 3] = Math.min(min[i % 3], points[i])
    max[i % 3] = Math.max(max[i % 3], points[i])
  }
  const diagonal = Math.hypot(max[0] - min[0], max[1] - min[1], max[2] - min[2])
  for (let i = 0; i < points.length; i++) points[i] = (points[i] - (min[i % 3] + max[i % 3]) / 2) / diagonal
}

function thin(points: Float64Array, count: number): Float64Array {
  const have = points.length / 3
  if (have <= count) return points
  const out = new Float64Array(count * 3)
  for (let k = 0; k < count; k++) {
    const i = Math.floor((k * have) / count)
    out.set(points.subarray(3 * i, 3 * i + 3), 3 * k)
  }
  return out
}

function moved(points: Float64Array, scale: number, shift: readonly number[]): Float64Array {
  return points.map((value, i) => scale * value + shift[i % 3])
}

/** Scale and shift that bring `points` nearest to the reference. */
function fit(
  points: Float64Array,
  grid: PointGrid,
  reference: Float64Array,
): { scale: number; shift: number[] } {
  const mine = thin(points, FIT_SAMPLES)
  const theirs = thin(reference, FIT_SAMPLES)
  let scale = 1
  let shift = [0, 0, 0]
  for (let round = 0; round < FIT_ROUNDS; round++) {
    const now = moved(mine, scale, shift)
    const own = new PointGrid(now)
    const from: number[] = []
    const to: number[] = []
    for (let i = 0; i < mine.length; i += 3) {
      const j = 3 * grid.nearest(now[i], now[i + 1], now[i + 2]).index
      for (let d = 0; d < 3; d++) {
        from.push(mine[i + d])
        to.push(reference[j + d])
      }
    }
    for (let i = 0; i < theirs.length; i += 3) {
      const j = 3 * own.nearest(theirs[i], theirs[i + 1], theirs[i + 2]).index
      for (let d = 0; d < 3; d++) {
        from.push(mine[j + d])
        to.push(theirs[i + d])
      }
    }
    const pairs = from.length / 3
    const a = [0, 0, 0]
    const b = [0, 0, 0]
    for (let i = 0; i < from.length; i++) {
      a[i % 3] += from[i] / pairs
      b[i % 3] += to[i] / pairs
    }
    let along = 0
    let square = 0
    for (let i = 0; i < from.length; i++) {
      const x = from[i] - a[i % 3]
      along += x * (to[i] - b[i % 3])
      square += x * x
    }
    scale = Math.min(2.5, Math.max(0.4, along / square))
    shift = [0, 1, 2].map((d) => b[d] - scale * a[d])
  }
  return { scale, shift }
}

/** Scores a mesh (camera's frame, any size) against samples of the true surface (box diagonal 1). */
export function scoreShape(mesh: TriangleSoup, reference: SurfaceSamples): ShapeScore {
  const samples = sampleSurface(mesh)
  normalise(samples.points)
  const grid = new PointGrid(reference.points)
  const { scale, shift } = fit(samples.points, grid, reference.points)
  const points = moved(samples.points, scale, shift)
  const there = oneWay(points, samples.normals, grid, reference.normals)
  const back = oneWay(reference.points, reference.normals, new PointGrid(points), samples.normals)
  const f = (k: 0 | 1): number => {
    const sum = there.within[k] + back.within[k]
    return sum > 0 ? (2 * there.within[k] * back.within[k]) / sum : 0
  }
  return {
    chamferPercent: 50 * (there.mean + back.mean),
    f2: f(0),
    f5: f(1),
    normalConsistency: (there.normals + back.normals) / 2,
  }
}

function oneWay(
  points: Float64Array,
  normals: Float64Array,
  grid: PointGrid,
  others: Float64Array,
): { mean: number; within: readonly [number, number]; normals: number } {
  const count = points.length / 3
  let mean = 0
  let near2 = 0
  let near5 = 0
  let agreement = 0
  for (let i = 0; i < points.length; i += 3) {
    const { index, distance } = grid.nearest(points[i], points[i + 1], points[i + 2])
    mean += distance / count
    if (distance < 0.02) near2++
    if (distance < 0.05) near5++
    const j = 3 * index
    const dot = normals[i] * others[j] + normals[i + 1] * others[j + 1] + normals[i + 2] * others[j + 2]
    agreement += Math.abs(dot) / count
  }
  return { mean, within: [near2 / count, near5 / count], normals: agreement }
}

/** True where every edge lies in exactly two faces, once the vertices at one place are one. */
export function isWatertight({ positions: p, indices }: TriangleSoup): boolean {
  const ids = new Map<string, number>()
  const id = Array.from({ length: p.length / 3 }, (_, i) => {
    const key = `${p[3 * i]},${p[3 * i + 1]},${p[3 * i + 2]}`
    const found = ids.get(key) ?? ids.size
    ids.set(key, found)
    return found
  })
  const edges = new Map<number, number>()
  for (let t = 0; t < indices.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const a = id[indices[t + k]]
      const b = id[indices[t + ((k + 1) % 3)]]
      const key = Math.min(a, b) * ids.size + Math.max(a, b)
      edges.set(key, (edges.get(key) ?? 0) + 1)
    }
  }
  return edges.size > 0 && [...edges.values()].every((faces) => faces === 2)
}
