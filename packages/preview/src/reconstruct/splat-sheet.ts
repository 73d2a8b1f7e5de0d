/** The two sheets of a solid as gaussians are put on them: how each triangle lies to the photo's camera. */
import type { Image, Mask } from '@gen3d/image/types'
import type { Atlas } from './atlas.ts'
import type { Placement } from './camera.ts'
import type { OutlineMesh } from './outline-mesh.ts'
import type { Silhouette } from './silhouette.ts'
import type { Solid } from './solid.ts'
import { principalAxes, type Vector } from './tangent-frame.ts'

/** What the gaussians of an object are made from. */
export interface SplatSource {
  readonly photo: Image
  readonly mask: Mask
  readonly silhouette: Silhouette
  readonly outline: OutlineMesh
  readonly solid: Solid
  readonly atlas: Atlas
  readonly placement: Placement
  /** Scale of the solid's points, from the placement. */
  readonly scale: number
}

/** Triangles that the camera sees more drawn out than this are cut into pieces. */
const STEEP_STRETCH = 4

/** A triangle of a sheet: how the surface point (camera frame, metres) moves with the photo's pixels. */
export interface Slope {
  readonly du: Vector
  readonly dv: Vector
  /** The point for pixel (0, 0). */
  readonly at: Vector
  readonly long: number
  readonly short: number
  readonly major: Vector
  readonly minor: Vector
}

/** What a triangle is to the camera. */
export const NOTHING = 0
export const FACING = 1
export const STEEP = 2

export interface Sheet {
  readonly isBack: boolean
  /** Per triangle of the outline mesh: NOTHING where it has no area, FACING or STEEP. */
  readonly kinds: Uint8Array
}

export function sortTriangles(source: SplatSource, isBack: boolean): Sheet {
  const kinds = new Uint8Array(source.outline.triangles.length / 3)
  for (let i = 0; i < kinds.length; i++) {
    const slope = slopeOf(source, 3 * i, isBack)
    if (slope) kinds[i] = slope.long > STEEP_STRETCH * slope.short ? STEEP : FACING
  }
  return { isBack, kinds }
}

/** How a sheet lies under triangle t (its first index); null where it has no area. */
export function slopeOf(
  { outline, solid, placement, scale }: SplatSource,
  t: number,
  back: boolean,
): Slope | null {
  const offset = back ? outline.corners.length : 0
  const { positions: flat, triangles } = outline
  const a = triangles[t]
  const b = triangles[t + 1]
  const c = triangles[t + 2]
  const ax = flat[2 * a]
  const ay = flat[2 * a + 1]
  const bx = flat[2 * b] - ax
  const by = flat[2 * b + 1] - ay
  const cx = flat[2 * c] - ax
  const cy = flat[2 * c + 1] - ay
  const det = bx * cy - by * cx
  const p = solid.points
  const du: [number, number, number] = [0, 0, 0]
  const dv: [number, number, number] = [0, 0, 0]
  const at: [number, number, number] = [0, 0, 0]
  for (let k = 0; k < 3; k++) {
    const origin = scale * p[3 * (a + offset) + k]
    const b1 = scale * p[3 * (b + offset) + k] - origin
    const c1 = scale * p[3 * (c + offset) + k] - origin
    du[k] = (b1 * cy - c1 * by) / det
    dv[k] = (c1 * bx - b1 * cx) / det
    at[k] = origin - du[k] * ax - dv[k] * ay
  }
  const axes = principalAxes(placement.turn(du[0], du[1], du[2]), placement.turn(dv[0], dv[1], dv[2]))
  return axes && { du, dv, at, ...axes }
}
