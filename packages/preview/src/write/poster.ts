/** The poster: a picture of the finished object, turned a little so that its depth shows, on a clear background. */
import type { Camera } from '@gen3d/shared/frames'
import { cosSin } from '../reconstruct/arithmetic.ts'
import { boundsOf, type Mesh } from '../reconstruct/mesh.ts'
import { type Picture, rasterise } from './rasterise.ts'

export const POSTER_SIZE = 512
/** Drawn this much larger and averaged down. */
const OVERSAMPLING = 2
const YAW_RADIANS = -0.4
const PITCH_RADIANS = 0.26
/** Radius of the object's ball over the radius that the picture shows. */
const FILL = 0.94
/** Distance of the viewer in radii of the object's ball. */
const DISTANCE = 4

/** A camera that sees all of the meshes from `yaw` to the right and `pitch` above (radians). */
export function lookAt(meshes: readonly Mesh[], yaw: number, pitch: number, size: number): Camera {
  const boxes = meshes.map((mesh) => boundsOf(mesh.positions))
  const middle = [0, 1, 2].map(
    (d) => (Math.min(...boxes.map((box) => box.min[d])) + Math.max(...boxes.map((box) => box.max[d]))) / 2,
  )
  let radius2 = 0
  for (const { positions } of meshes)
    for (let i = 0; i < positions.length; i += 3) {
      const x = positions[i] - middle[0]
      const y = positions[i + 1] - middle[1]
      const z = positions[i + 2] - middle[2]
      radius2 = Math.max(radius2, x * x + y * y + z * z)
    }
  const radius = Math.sqrt(radius2)
  const [cy, sy] = cosSin(yaw)
  const [cp, sp] = cosSin(pitch)
  // Rows: right, up and backwards of the viewer, who stands at (sin yaw cos pitch, sin pitch, cos yaw cos pitch).
  const right = [cy, 0, -sy]
  const up = [-sy * sp, cp, -cy * sp]
  const behind = [sy * cp, sp, cy * cp]
  const move = (row: number[]): number => -(row[0] * middle[0] + row[1] * middle[1] + row[2] * middle[2])
  const focal = FILL * (size / 2) * Math.sqrt(DISTANCE * DISTANCE - 1)
  return {
    width: size,
    height: size,
    fx: focal,
    fy: focal,
    cx: size / 2,
    cy: size / 2,
    objectToCamera: [
      ...[0, 1, 2].flatMap((c) => [right[c], up[c], behind[c], 0]),
      move(right),
      move(up),
      move(behind) - DISTANCE * radius,
      1,
    ],
  }
}

/** The picture for a poster of the meshes, POSTER_SIZE pixels a side. */
export function drawPoster(meshes: readonly Mesh[]): Picture {
  const large = rasterise(meshes, lookAt(meshes, YAW_RADIANS, PITCH_RADIANS, POSTER_SIZE * OVERSAMPLING))
  const data = new Uint8ClampedArray(POSTER_SIZE * POSTER_SIZE * 4)
  for (let y = 0; y < POSTER_SIZE; y++) {
    for (let x = 0; x < POSTER_SIZE; x++) {
      let alpha = 0
      const sum = [0, 0, 0]
      for (let j = 0; j < OVERSAMPLING; j++) {
        for (let i = 0; i < OVERSAMPLING; i++) {
          const o = 4 * ((y * OVERSAMPLING + j) * large.width + x * OVERSAMPLING + i)
          if (large.data[o + 3] === 0) continue
          alpha++
          for (let k = 0; k < 3; k++) sum[k] += large.data[o + k]
        }
      }
      if (alpha === 0) continue
      const o = 4 * (y * POSTER_SIZE + x)
      for (let k = 0; k < 3; k++) data[o + k] = sum[k] / alpha
      data[o + 3] = (255 * alpha) / (OVERSAMPLING * OVERSAMPLING)
    }
  }
  return { width: POSTER_SIZE, height: POSTER_SIZE, data }
}
