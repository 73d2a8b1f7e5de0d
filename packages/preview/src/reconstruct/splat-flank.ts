/**
 * Gaussians on what the photo's camera sees edge-on or not at all: steep triangles, cut in half until they are as small
 * as the gaussians that face the camera. Each piece gets the gaussian of its own spread, so that they close the
 * surface from every side however long and thin the triangles are.
 */
import type { Vector } from './tangent-frame.ts'

/** A corner: camera-frame point x, y, z in metres, photo pixel x, y. */
export type Corner = readonly [number, number, number, number, number]

/** No triangle is cut more often than this, so that time is bounded. */
const MOST_CUTS = 12

function squaredLength(a: Corner, b: Corner): number {
  const x = a[0] - b[0]
  const y = a[1] - b[1]
  const z = a[2] - b[2]
  return x * x + y * y + z * z
}

function halfway(a: Corner, b: Corner): Corner {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2, (a[3] + b[3]) / 2, (a[4] + b[4]) / 2]
}

/** Cuts across the longest edge until no edge is longer than `longest` (metres); calls `visit` for each piece. */
export function cutTriangle(
  a: Corner,
  b: Corner,
  c: Corner,
  longest: number,
  visit: (a: Corner, b: Corner, c: Corner) => void,
  cuts = MOST_CUTS,
): void {
  const ab = squaredLength(a, b)
  const bc = squaredLength(b, c)
  const ca = squaredLength(c, a)
  const most = Math.max(ab, bc, ca)
  if (most <= longest * longest || cuts === 0) {
    visit(a, b, c)
    return
  }
  if (most === ab) {
    const m = halfway(a, b)
    cutTriangle(a, m, c, longest, visit, cuts - 1)
    cutTriangle(m, b, c, longest, visit, cuts - 1)
  } else if (most === bc) {
    const m = halfway(b, c)
    cutTriangle(a, b, m, longest, visit, cuts - 1)
    cutTriangle(a, m, c, longest, visit, cuts - 1)
  } else {
    const m = halfway(c, a)
    cutTriangle(a, b, m, longest, visit, cuts - 1)
    cutTriangle(m, b, c, longest, visit, cuts - 1)
  }
}

/** Two vectors u, v per kind of coordinate, so that a triangle's scatter about its middle is (u u' + v v') / 2. */
export function spreadOf(
  a: Corner,
  b: Corner,
  c: Corner,
): { u: Vector; v: Vector; screen: readonly [number, number, number] } {
  const u = [0, 1, 2, 3, 4].map((k) => b[k] - a[k])
  const v = [0, 1, 2, 3, 4].map((k) => (2 * c[k] - a[k] - b[k]) / Math.sqrt(3))
  return {
    u: [u[0], u[1], u[2]],
    v: [v[0], v[1], v[2]],
    screen: [u[3] * u[3] + v[3] * v[3], u[3] * u[4] + v[3] * v[4], u[4] * u[4] + v[4] * v[4]],
  }
}
