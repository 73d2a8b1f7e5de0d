/**
 * Gaussians on both sheets of the solid, at the points of a regular grid of the photo: each lies in the surface's
 * tangent plane and is stretched so that the photo's camera sees a round spot of the grid's spacing.
 */
import type { Atlas } from './atlas.ts'
import type { Placement } from './camera.ts'
import type { OutlineMesh } from './outline-mesh.ts'
import type { Silhouette } from './silhouette.ts'
import type { Solid } from './solid.ts'

export interface Splat {
  readonly count: number
  /** x, y, z, metres, manifest's frame. */
  readonly positions: Float32Array
  /** Standard deviations along the gaussian's own axes, metres. */
  readonly scales: Float32Array
  /** Unit quaternions w, x, y, z: the gaussian's own axes to the manifest's frame. */
  readonly rotations: Float32Array
  /** Red, green, blue, 0-1, as displayed (sRGB). */
  readonly colors: Float32Array
  /** 0-1. */
  readonly opacities: Float32Array
}

/** Part of the gaussians that goes to the front sheet. */
const FRONT_SHARE = 0.6
/** Standard deviation over the spacing: wide enough to close the surface, narrow enough to keep the photo sharp. */
const SPREAD = 0.6
/** Thickness over the smaller deviation in the surface. */
const THICKNESS = 0.15
/** A gaussian on a steep side is at most this much longer than wide. */
const MAX_STRETCH = 8
const OPACITY = 0.98
/** Spacing below which a mask of few pixels gets no more gaussians, pixels. */
const MIN_SPACING = 0.25

type Vector = readonly [number, number, number]

/** Quaternion w, x, y, z of the rotation whose columns are the given unit vectors (right-handed). */
export function quaternionFromAxes(a: Vector, b: Vector, c: Vector): [number, number, number, number] {
  const trace = a[0] + b[1] + c[2]
  let q: [number, number, number, number]
  if (trace > 0) {
    const s = 2 * Math.sqrt(trace + 1)
    q = [s / 4, (b[2] - c[1]) / s, (c[0] - a[2]) / s, (a[1] - b[0]) / s]
  } else if (a[0] > b[1] && a[0] > c[2]) {
    const s = 2 * Math.sqrt(1 + a[0] - b[1] - c[2])
    q = [(b[2] - c[1]) / s, s / 4, (b[0] + a[1]) / s, (c[0] + a[2]) / s]
  } else if (b[1] > c[2]) {
    const s = 2 * Math.sqrt(1 + b[1] - a[0] - c[2])
    q = [(c[0] - a[2]) / s, (b[0] + a[1]) / s, s / 4, (c[1] + b[2]) / s]
  } else {
    const s = 2 * Math.sqrt(1 + c[2] - a[0] - b[1])
    q = [(a[1] - b[0]) / s, (c[0] + a[2]) / s, (c[1] + b[2]) / s, s / 4]
  }
  const n = Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
  return [q[0] / n, q[1] / n, q[2] / n, q[3] / n]
}

/** Principal axes and lengths of the ellipse that u and v span (the image of the unit circle). */
function principalAxes(
  u: Vector,
  v: Vector,
): { major: Vector; minor: Vector; long: number; short: number } | null {
  const uu = u[0] * u[0] + u[1] * u[1] + u[2] * u[2]
  const vv = v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
  const uv = u[0] * v[0] + u[1] * v[1] + u[2] * v[2]
  const half = (uu - vv) / 2
  const root = Math.sqrt(half * half + uv * uv)
  const big = (uu + vv) / 2 + root
  const small = Math.max((uu + vv) / 2 - root, 0)
  if (!(big > 0)) return null
  // Eigenvector of [[uu, uv], [uv, vv]] for `big`.
  let p = half + root
  let q = uv
  if (p * p + q * q < 1e-24 * big * big) {
    p = uv
    q = root - half
  }
  if (p * p + q * q < 1e-24 * big * big) {
    p = 1
    q = 0
  }
  const along = (s: number, t: number): Vector => {
    const x = s * u[0] + t * v[0]
    const y = s * u[1] + t * v[1]
    const z = s * u[2] + t * v[2]
    const n = Math.sqrt(x * x + y * y + z * z)
    return n > 0 ? [x / n, y / n, z / n] : [0, 0, 0]
  }
  return { major: along(p, q), minor: along(-q, p), long: Math.sqrt(big), short: Math.sqrt(small) }
}

interface Sheet {
  readonly spacing: number
  readonly pointOffset: number
  readonly tile: readonly [number, number]
}

export function buildSplat(
  s: Silhouette,
  outline: OutlineMesh,
  solid: Solid,
  atlas: Atlas,
  placement: Placement,
  scale: number,
  targetCount: number,
): Splat {
  const count = outline.corners.length
  const spacing = (n: number): number => Math.max(MIN_SPACING, Math.sqrt(s.area / n))
  const sheets: Sheet[] = [
    { spacing: spacing(targetCount * FRONT_SHARE), pointOffset: 0, tile: atlas.front },
    { spacing: spacing(targetCount * (1 - FRONT_SHARE)), pointOffset: count, tile: atlas.back },
  ]
  const positions: number[] = []
  const scales: number[] = []
  const rotations: number[] = []
  const colors: number[] = []
  for (const sheet of sheets) {
    const d = sheet.spacing
    const across = Math.ceil((s.columns * s.cell) / d)
    const down = Math.ceil((s.rows * s.cell) / d)
    for (let j = 0; j < down; j++) {
      for (let i = 0; i < across; i++) {
        const x = s.x0 + (i + 0.5) * d
        const y = s.y0 + (j + 0.5) * d
        const hit = locate(s, outline, x, y)
        if (!hit) continue
        const [a, b, c] = hit.vertices
        const corner = (v: number): Vector => {
          const o = 3 * (v + sheet.pointOffset)
          return [solid.points[o] * scale, solid.points[o + 1] * scale, solid.points[o + 2] * scale]
        }
        const pa = corner(a)
        const pb = corner(b)
        const pc = corner(c)
        const [wa, wb, wc] = hit.weights
        const at = [0, 1, 2].map((k) => wa * pa[k] + wb * pb[k] + wc * pc[k])
        // How the surface point moves with the pixel.
        const bx = outline.positions[2 * b] - outline.positions[2 * a]
        const by = outline.positions[2 * b + 1] - outline.positions[2 * a + 1]
        const cx = outline.positions[2 * c] - outline.positions[2 * a]
        const cy = outline.positions[2 * c + 1] - outline.positions[2 * a + 1]
        const det = bx * cy - by * cx
        const du = [0, 1, 2].map((k) => ((pb[k] - pa[k]) * cy - (pc[k] - pa[k]) * by) / det)
        const dv = [0, 1, 2].map((k) => ((pc[k] - pa[k]) * bx - (pb[k] - pa[k]) * cx) / det)
        const axes = principalAxes(placement.turn(du[0], du[1], du[2]), placement.turn(dv[0], dv[1], dv[2]))
        if (!axes) continue
        const { major, minor, short } = axes
        const long = Math.min(axes.long, short * MAX_STRETCH)
        const normal: Vector = [
          major[1] * minor[2] - major[2] * minor[1],
          major[2] * minor[0] - major[0] * minor[2],
          major[0] * minor[1] - major[1] * minor[0],
        ]
        positions.push(...placement.toManifest(at[0], at[1], at[2]))
        scales.push(long * d * SPREAD, short * d * SPREAD, short * d * SPREAD * THICKNESS)
        rotations.push(...quaternionFromAxes(major, minor, normal))
        colors.push(...meanColour(atlas, sheet.tile, x, y, d))
      }
    }
  }
  const total = positions.length / 3
  return {
    count: total,
    positions: Float32Array.from(positions),
    scales: Float32Array.from(scales),
    rotations: Float32Array.from(rotations),
    colors: Float32Array.from(colors),
    opacities: new Float32Array(total).fill(OPACITY),
  }
}

/** The outline triangle at a pixel position, with barycentric weights; null outside. */
function locate(
  s: Silhouette,
  outline: OutlineMesh,
  x: number,
  y: number,
): { vertices: readonly [number, number, number]; weights: readonly [number, number, number] } | null {
  const i = Math.floor((x - s.x0) / s.cell)
  const j = Math.floor((y - s.y0) / s.cell)
  if (i < 0 || j < 0 || i >= s.columns || j >= s.rows) return null
  const cell = j * s.columns + i
  const { positions, triangles, cellStart } = outline
  for (let t = cellStart[cell]; t < cellStart[cell + 1]; t++) {
    const a = triangles[3 * t]
    const b = triangles[3 * t + 1]
    const c = triangles[3 * t + 2]
    const ax = positions[2 * a] - x
    const ay = positions[2 * a + 1] - y
    const bx = positions[2 * b] - x
    const by = positions[2 * b + 1] - y
    const cx = positions[2 * c] - x
    const cy = positions[2 * c + 1] - y
    const wa = bx * cy - by * cx
    const wb = cx * ay - cy * ax
    const wc = ax * by - ay * bx
    const sum = wa + wb + wc
    const slack = 1e-9 * s.cell * s.cell
    // Pixels count downwards, so triangles turn the other way: all weights are <= 0.
    if (wa > slack || wb > slack || wc > slack || sum === 0) continue
    return { vertices: [a, b, c], weights: [wa / sum, wb / sum, wc / sum] }
  }
  return null
}

/** Mean colour of the texels of a picture around a pixel position, over `width` pixels each way. */
function meanColour(
  atlas: Atlas,
  tile: readonly [number, number],
  x: number,
  y: number,
  width: number,
): [number, number, number] {
  const side = atlas.image.width
  const { data } = atlas.image
  const half = Math.max(0.5, (width * atlas.scale) / 2)
  const cx = x * atlas.scale + tile[0]
  const cy = y * atlas.scale + tile[1]
  const x0 = Math.max(0, Math.round(cx - half))
  const y0 = Math.max(0, Math.round(cy - half))
  const x1 = Math.min(side, Math.max(x0 + 1, Math.round(cx + half)))
  const y1 = Math.min(side, Math.max(y0 + 1, Math.round(cy + half)))
  let r = 0
  let g = 0
  let b = 0
  let n = 0
  for (let j = y0; j < y1; j++) {
    for (let i = x0; i < x1; i++) {
      const o = (j * side + i) * 4
      r += data[o]
      g += data[o + 1]
      b += data[o + 2]
      n++
    }
  }
  return n > 0 ? [r / (255 * n), g / (255 * n), b / (255 * n)] : [0.5, 0.5, 0.5]
}
