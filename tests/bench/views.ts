/** A made object as seen from around: its mesh by the engine's own rasteriser, its splat by a simple drawing of ours. */
import { resizeImage } from '@gen3d/image/resize'
import type { Image } from '@gen3d/image/types'
import type { Mesh } from '@gen3d/preview/reconstruct'
import { lookAt } from '@gen3d/preview/write/poster'
import { rasterise } from '@gen3d/preview/write/rasterise'
import type { Camera } from '@gen3d/shared/frames'
import { blur } from './picture.ts'

/** Front, left side, back, right side: radians to the right of the photo's side. */
export const FOUR_SIDES = [-0.45, -0.45 - Math.PI / 2, -0.45 + Math.PI, -0.45 + Math.PI / 2] as const
const PITCH = 0.28
/** Drawn this much larger and averaged down: smooth edges. */
const OVERSAMPLING = 3
const SHADOW_SHARE = 0.28
/** Room for the shadow, below more than above: parts of the picture. */
const SHRINK = 0.86
const RAISE = 0.035

/** A camera for one side of an object, with room around it. */
export function sideCamera(mesh: Mesh, yaw: number, size: number): Camera {
  const camera = lookAt([mesh], yaw, PITCH, size)
  return { ...camera, fx: camera.fx * SHRINK, fy: camera.fy * SHRINK, cy: camera.cy - RAISE * size }
}

/** A mesh from one side, `size` pixels square, on nothing but its own soft shadow. */
export function drawMesh(mesh: Mesh, yaw: number, size: number): Image {
  const large = size * OVERSAMPLING
  const camera = sideCamera(mesh, yaw, large)
  const object = rasterise([mesh], camera)
  const shade = shadow(mesh, camera)
  const { data } = object
  for (let p = 0; p < large * large; p++) {
    if (data[4 * p + 3] > 0) continue
    // Black of some alpha.
    data[4 * p + 3] = 255 * SHADOW_SHARE * shade[p]
  }
  return resizeImage(object, size, size)
}

/** The object pressed flat onto the ground it stands on, seen by the same camera and blurred; 0-1 a pixel. */
function shadow(mesh: Mesh, camera: Camera): Float32Array {
  const { positions } = mesh
  let ground = Number.POSITIVE_INFINITY
  for (let i = 1; i < positions.length; i += 3) ground = Math.min(ground, positions[i])
  const flat = positions.map((value, i) => (i % 3 === 1 ? ground : value))
  const { data } = rasterise([{ ...mesh, positions: flat }], camera)
  const covered = new Float32Array(camera.width * camera.height)
  for (let p = 0; p < covered.length; p++) covered[p] = data[4 * p + 3] / 255
  return blur(covered, camera.width, camera.height, Math.round(camera.width / 45))
}
