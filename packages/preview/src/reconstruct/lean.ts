/**
 * What the outline alone says: a round bulge about a middle plane that leans. It errs in other ways than the learned
 * prior, so that their mean is nearer to the truth than either.
 */
import { clamp, ln, power } from './arithmetic.ts'
import type { Silhouette } from './silhouette.ts'

interface Lean {
  /** Slopes of the middle plane: pixels towards the viewer per pixel up, and per pixel to the right. */
  readonly up: number
  readonly right: number
}

/** Half the depth of the bulge over the root of the silhouette's area. */
const DEPTH = 0.55
/** A bulge's profile; 0.5 is a ball, less is flatter with steeper sides. */
const PROFILE = 0.4

export interface Bulge {
  /** Pixels towards the viewer of the middle plane at a pixel position. */
  middle(x: number, y: number): number
  /** Half of the thickness, pixels, at a grid corner. */
  half(corner: number): number
}

/** `film` is the soap film over the outline (inflate.ts), per grid corner. */
export function leaningBulge(s: Silhouette, film: Float64Array): Bulge {
  let most = 0
  for (let o = 0; o < film.length; o++) if (film[o] > most) most = film[o]
  const lean = estimateLean(s)
  const depth = DEPTH * Math.sqrt(s.area)
  const cx = (s.box.x0 + s.box.x1) / 2
  const cy = (s.box.y0 + s.box.y1) / 2
  return {
    middle: (x, y) => lean.right * (x - cx) - lean.up * (y - cy),
    half: (corner) => (most > 0 ? depth * power(film[corner] / most, PROFILE) : 0),
  }
}

/**
 * Seen from a little above, a low wide thing lies on the ground and recedes upwards, a tall one leans towards the
 * viewer; where the lower edge falls to one side, that side is nearer.
 */
function estimateLean(s: Silhouette): Lean {
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
