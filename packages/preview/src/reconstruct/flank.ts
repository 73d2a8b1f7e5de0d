/**
 * Where the surface turns away from the camera the photo shows next to nothing of it, and its few pixels are drawn out
 * over a whole flank: how far the texture is blurred there, so that no streaks show.
 */
import { power } from './arithmetic.ts'
import type { OutlineMesh } from './outline-mesh.ts'
import type { Relief } from './relief.ts'
import type { Silhouette } from './silhouette.ts'

/** Height over width, pixels, where a flank begins. */
const STEEP = 3
/** Near the rim the half thickness grows like the distance to this power, whatever it was mixed from (relief.ts). */
const RISE = 0.45
/** Blur at the rim over the flank's height. */
const BLUR = 0.35
/** Corners outside that a texel of the object can see. */
const PADDING = 2

/** Radius in photo pixels per grid corner; 0 where the surface faces the camera. */
export function flankBlur(s: Silhouette, outline: OutlineMesh, { film, half }: Relief): Float32Array {
  const stride = s.columns + 1
  const radius = new Float32Array(film.length)
  const known = new Uint8Array(film.length)
  for (let v = 0; v < outline.corners.length; v++) {
    const o = outline.corners[v]
    if (o < 0 || !(film[o] > 0)) continue
    known[o] = 1
    const gx = (film[o + 1] - film[o - 1]) / (2 * s.cell)
    const gy = (film[o + stride] - film[o - stride]) / (2 * s.cell)
    const slope = Math.sqrt(gx * gx + gy * gy)
    if (!(slope > 0)) continue
    const distance = film[o] / slope
    // Where the power law through this place is as steep as STEEP, and how high it is there.
    const start = power((RISE * half[v]) / (power(distance, RISE) * STEEP), 1 / (1 - RISE))
    if (distance < start) radius[o] = BLUR * ((STEEP * start) / RISE) * (1 - distance / start)
  }
  for (let pass = 0; pass < PADDING; pass++) grow(radius, known, stride)
  return radius
}

/** Carries values on to unknown corners beside known ones. */
function grow(radius: Float32Array, known: Uint8Array, stride: number): void {
  const before = known.slice()
  for (let o = stride + 1; o < radius.length - stride - 1; o++) {
    if (before[o] === 1) continue
    let most = 0
    let found = 0
    for (const step of [-1, 1, -stride, stride, -stride - 1, -stride + 1, stride - 1, stride + 1]) {
      if (before[o + step] === 0) continue
      found = 1
      most = Math.max(most, radius[o + step])
    }
    if (found === 0) continue
    known[o] = 1
    radius[o] = most
  }
}
