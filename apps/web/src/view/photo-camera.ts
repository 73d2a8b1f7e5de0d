/** The photo's camera as a viewer's: its place in the manifest's frame, and its projection onto a canvas. Pure. */
import type { Matrix4 } from '@gen3d/shared/frames'

export interface PhotoCameraLike {
  readonly width: number
  readonly height: number
  readonly fx: number
  readonly fy: number
  readonly cx: number
  readonly cy: number
  readonly object_to_camera: Matrix4
}

/** Metres. */
export const NEAR = 0.01
export const FAR = 100

/** Where a photo lies that is fitted into a room: `object-fit: contain`. Same unit as the room. */
export function containedIn(photo: { width: number; height: number }, width: number, height: number) {
  const scale = Math.min(width / photo.width, height / photo.height)
  return { scale, x: (width - photo.width * scale) / 2, y: (height - photo.height * scale) / 2 }
}

/**
 * Projection for a canvas of width x height on which the photo is contained: a point of the camera's frame lands where
 * u = cx + fx * x / -z, v = cy - fy * y / -z lies in the fitted photo. Column-major, clip space of WebGL.
 */
export function projectionOf(camera: PhotoCameraLike, width: number, height: number): Matrix4 {
  const { scale, x, y } = containedIn(camera, width, height)
  const depth = NEAR - FAR
  return [
    ...[(2 * scale * camera.fx) / width, 0, 0, 0],
    ...[0, (2 * scale * camera.fy) / height, 0, 0],
    ...[
      1 - (2 * (x + scale * camera.cx)) / width,
      (2 * (y + scale * camera.cy)) / height - 1,
      (FAR + NEAR) / depth,
      -1,
    ],
    ...[0, 0, (2 * FAR * NEAR) / depth, 0],
  ]
}

/** The inverse of a rigid matrix: from the camera's frame to the manifest's. */
export function placeOf(m: Matrix4): Matrix4 {
  const back = (row: number) => -(m[4 * row] * m[12] + m[4 * row + 1] * m[13] + m[4 * row + 2] * m[14])
  return [m[0], m[4], m[8], 0, m[1], m[5], m[9], 0, m[2], m[6], m[10], 0, back(0), back(1), back(2), 1]
}
