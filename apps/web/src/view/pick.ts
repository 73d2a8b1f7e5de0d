/** Which spot of the object lies under the pointer. Pure. */
import type { Vector } from './orbit.ts'

/** Points as thin as these are hit by hand: first closely, then a little beside. Parts of the distance. */
const REACHES = [0.008, 0.024]

/**
 * The nearest of the points (x, y, z one after another) that a ray passes closely; null when it passes none.
 * `direction` is of length 1. Costs one pass over the points, or two.
 */
export function pickPoint(points: Float32Array, eye: Vector, direction: Vector): Vector | null {
  for (const reach of REACHES) {
    const hit = nearestWithin(points, eye, direction, reach)
    if (hit) return hit
  }
  return null
}

function nearestWithin(points: Float32Array, eye: Vector, direction: Vector, reach: number): Vector | null {
  let [best, nearest] = [-1, Number.POSITIVE_INFINITY]
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i] - eye[0], points[i + 1] - eye[1], points[i + 2] - eye[2]]
    const along = x * direction[0] + y * direction[1] + z * direction[2]
    if (along <= 0 || along >= nearest) continue
    const beside = x * x + y * y + z * z - along * along
    if (beside > (reach * along) ** 2) continue
    nearest = along
    best = i
  }
  return best < 0 ? null : [points[best], points[best + 1], points[best + 2]]
}
