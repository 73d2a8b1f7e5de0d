/**
 * The photo's camera and where objects stand before it.
 *
 * Assumed, as one photo does not tell: 45 degrees over the photo's longer side, and the largest extent of the largest
 * object 1 metre. How far the camera looks down is guessed by the shape prior. In the manifest's frame objects stand
 * on the ground y = 0, the middle of their common box at x = z = 0, the camera on the side of +z.
 */
import type { Camera } from '@gen3d/shared/frames'

/** 1 / tan(45 degrees / 2), in halves of the longer side. */
const FOCAL = 1 + Math.SQRT2
const LARGEST_EXTENT_METRES = 1
/** Objects whose feet the ground cannot place (above the horizon) stand at most this much nearer or farther. */
const DEPTH_RANGE = 4

export interface Lens {
  readonly focal: number
  readonly cx: number
  readonly cy: number
}

/** The assumed lens of a photo, in pixels. */
export function assumeLens(width: number, height: number): Lens {
  return { focal: (Math.max(width, height) / 2) * FOCAL, cx: width / 2, cy: height / 2 }
}

/** A point of the camera's frame from a pixel and how far it stands out (pixels), for a middle one unit away. */
export function unproject(lens: Lens, x: number, y: number, out: number): readonly [number, number, number] {
  const z = out / lens.focal
  // Nearness is bounded, so that nothing passes through the camera: 1 - z up to a half, then smoothly towards 0.
  const depth = z <= 0.5 ? 1 - z : 0.25 / z
  return [(depth * (x - lens.cx)) / lens.focal, (-depth * (y - lens.cy)) / lens.focal, -depth]
}

export interface Placement {
  /** Scale of each object's camera-frame points, about the camera: it does not change what the photo shows. */
  readonly scales: readonly number[]
  /** Camera-frame points, scaled, to the manifest's frame. */
  toManifest(x: number, y: number, z: number): readonly [number, number, number]
  /** Rotates a camera-frame direction into the manifest's frame. */
  turn(x: number, y: number, z: number): readonly [number, number, number]
  readonly camera: Camera
}

/**
 * Places objects, given as camera-frame points (x, y, z triples, middle about one unit away), on one ground in one
 * frame; `pitchSine` is the sine of the camera's angle above the horizon.
 */
export function placeObjects(
  objects: readonly Float64Array[],
  size: { width: number; height: number },
  lens: Lens,
  pitchSine: number,
): Placement {
  const pitchCosine = Math.sqrt(1 - pitchSine * pitchSine)
  const up = (_x: number, y: number, z: number): number => pitchCosine * y + pitchSine * z
  const turn = (x: number, y: number, z: number): readonly [number, number, number] => [
    x,
    up(x, y, z),
    -pitchSine * y + pitchCosine * z,
  ]
  const lowest = objects.map((points) => {
    let low = Infinity
    for (let i = 0; i < points.length; i += 3)
      low = Math.min(low, up(points[i], points[i + 1], points[i + 2]))
    return low
  })
  // The ground lies one unit below the camera: an object whose lowest point is h below it is scaled by 1 / h.
  const grounded = lowest.map((low) => (low < -1e-3 ? -1 / low : Infinity)).sort((a, b) => a - b)
  const middle = grounded[(grounded.length - 1) >> 1]
  const reference = middle < Infinity ? middle : 1
  const relative = lowest.map((low) => {
    const scale = low < -1e-3 ? -1 / low : reference
    return Math.min(reference * DEPTH_RANGE, Math.max(reference / DEPTH_RANGE, scale))
  })
  const min = [Infinity, Infinity, Infinity]
  const max = [-Infinity, -Infinity, -Infinity]
  let extent = 0
  objects.forEach((points, k) => {
    const own = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity]
    for (let i = 0; i < points.length; i += 3) {
      const p = turn(points[i], points[i + 1], points[i + 2])
      for (let d = 0; d < 3; d++) {
        const value = p[d] * relative[k]
        if (value < own[d]) own[d] = value
        if (value > own[d + 3]) own[d + 3] = value
      }
    }
    for (let d = 0; d < 3; d++) {
      min[d] = Math.min(min[d], own[d])
      max[d] = Math.max(max[d], own[d + 3])
      extent = Math.max(extent, own[d + 3] - own[d])
    }
  })
  const metres = LARGEST_EXTENT_METRES / extent
  const shift = [(-metres * (min[0] + max[0])) / 2, -metres * min[1], (-metres * (min[2] + max[2])) / 2]
  // Camera = R * (manifest - shift), R the inverse of turn.
  const back = [
    shift[0],
    pitchCosine * shift[1] - pitchSine * shift[2],
    pitchSine * shift[1] + pitchCosine * shift[2],
  ]
  return {
    scales: relative.map((r) => r * metres),
    turn,
    toManifest: (x, y, z) => {
      const p = turn(x, y, z)
      return [p[0] + shift[0], p[1] + shift[1], p[2] + shift[2]]
    },
    camera: {
      width: size.width,
      height: size.height,
      fx: lens.focal,
      fy: lens.focal,
      cx: lens.cx,
      cy: lens.cy,
      objectToCamera: [
        1,
        0,
        0,
        0,
        0,
        pitchCosine,
        pitchSine,
        0,
        0,
        -pitchSine,
        pitchCosine,
        0,
        -back[0],
        -back[1],
        -back[2],
        1,
      ],
    },
  }
}
