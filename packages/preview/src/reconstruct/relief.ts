/**
 * How far each place of the silhouette stands out towards the viewer, front and back: a bulge about a middle plane
 * that leans as the silhouette tells.
 */
import { clamp, ln, power } from './arithmetic.ts'
import { inflate } from './inflate.ts'
import type { OutlineMesh } from './outline-mesh.ts'
import type { Silhouette } from './silhouette.ts'

export interface Relief {
  /** Per vertex of the outline mesh, pixels towards the viewer from the object's middle. */
  readonly front: Float64Array
  readonly back: Float64Array
}

interface Lean {
  /** Slopes of the middle plane: pixels towards the viewer per pixel up, and per pixel to the right. */
  readonly up: number
  readonly right: number
}

/** Half the depth of the bulge over the root of the silhouette's area. */
const DEPTH = 0.55
/** A bulge's profile; 0.5 is a ball, less is flatter with steeper sides. */
const PROFILE = 0.4

/**
 * Seen from a little above, a low wide thing lies on the ground and recedes upwards, a tall one leans towards the
 * viewer; where the lower edge falls to one side, that side is nearer.
 */
export function estimateLean(s: Silhouette): Lean {
  const { columns, rows, cell, field, box } = s
  const stride = columns + 1
  let n = 0
  let sx = 0
  let sy = 0
  let sxx = 0
  let sxy = 0
  let m = 0
  let ex = 0
  let ey = 0
  let exx = 0
  let exy = 0
  for (let i = 0; i <= columns; i++) {
    const x = (i - columns / 2) * cell
    let lowest = -1
    for (let j = 0; j <= rows; j++) {
      if (field[j * stride + i] < 0) continue
      const y = -(j - rows / 2) * cell
      n++
      sx += x
      sy += y
      sxx += x * x
      sxy += x * y
      lowest = j
    }
    if (lowest < 0) continue
    const y = -(lowest - rows / 2) * cell
    m++
    ex += x
    ey += y
    exx += x * x
    exy += x * y
  }
  const slope = (k: number, x: number, y: number, xx: number, xy: number): number => {
    const spread = xx / k - (x / k) * (x / k)
    return spread > 1e-9 * cell * cell ? (xy / k - (x * y) / (k * k)) / spread : 0
  }
  const own = n > 0 ? slope(n, sx, sy, sxx, sxy) : 0
  const edge = m > 0 ? slope(m, ex, ey, exx, exy) : 0
  const aspect = (box.y1 - box.y0) / (box.x1 - box.x0)
  return {
    up: clamp(-0.2 + 2.2 * ln(aspect), -2.2, 0.4),
    right: clamp(clamp(-edge, -0.7, 0.7) + clamp(-0.6 * own, -0.7, 0.7), -0.7, 0.7),
  }
}

export function estimateRelief(s: Silhouette, outline: OutlineMesh): Relief {
  const u = inflate(s)
  let most = 0
  for (let o = 0; o < u.length; o++) if (u[o] > most) most = u[o]
  const lean = estimateLean(s)
  const depth = DEPTH * Math.sqrt(s.area)
  const rim = 0.1 * s.cell
  const cx = (s.box.x0 + s.box.x1) / 2
  const cy = (s.box.y0 + s.box.y1) / 2
  const count = outline.corners.length
  const front = new Float64Array(count)
  const back = new Float64Array(count)
  for (let v = 0; v < count; v++) {
    const middle =
      -lean.up * (outline.positions[2 * v + 1] - cy) + lean.right * (outline.positions[2 * v] - cx)
    const corner = outline.corners[v]
    const bulge = corner < 0 || most === 0 ? 0 : depth * power(u[corner] / most, PROFILE)
    front[v] = middle + rim + bulge
    back[v] = middle - rim - bulge
  }
  return { front, back }
}
