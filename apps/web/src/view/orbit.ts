/** The viewer's camera on its sphere around what is looked at. Pure; angles in radians, lengths in metres, Y up. */
export type Vector = readonly [number, number, number]

export interface Orbit {
  readonly target: Vector
  readonly distance: number
  /** 0 looks along -z, from the front; grows as the camera moves to its right. */
  readonly yaw: number
  /** Above (+) or below the target. */
  readonly pitch: number
}

export interface BoundingBox {
  readonly min: readonly number[]
  readonly max: readonly number[]
}

const STEEPEST = Math.PI / 2 - 0.02

export function unite(boxes: readonly BoundingBox[]): BoundingBox {
  const pick = (of: (...values: number[]) => number, side: 'min' | 'max') =>
    [0, 1, 2].map((axis) => of(...boxes.map((box) => box[side][axis])))
  return { min: pick(Math.min, 'min'), max: pick(Math.max, 'max') }
}

export function radiusOf(box: BoundingBox): number {
  return Math.max(1e-4, Math.hypot(...[0, 1, 2].map((axis) => box.max[axis] - box.min[axis])) / 2)
}

export function centreOf(box: BoundingBox): Vector {
  const middle = (axis: number) => (box.min[axis] + box.max[axis]) / 2
  return [middle(0), middle(1), middle(2)]
}

/** Where the camera stands. */
export function eyeOf({ target, distance, yaw, pitch }: Orbit): Vector {
  return [
    target[0] + distance * Math.cos(pitch) * Math.sin(yaw),
    target[1] + distance * Math.sin(pitch),
    target[2] + distance * Math.cos(pitch) * Math.cos(yaw),
  ]
}

/** From the photo's side, as far away as the whole box needs. `fov`: of the shorter side of the picture. */
export function frameBox(box: BoundingBox, objectToCamera: readonly number[], fov: number): Orbit {
  const eye = cameraPlace(objectToCamera)
  const target = centreOf(box)
  const [dx, dy, dz] = [eye[0] - target[0], eye[1] - target[1], eye[2] - target[2]]
  const flat = Math.hypot(dx, dz)
  return {
    target,
    distance: (radiusOf(box) / Math.sin(fov / 2)) * 1.05,
    yaw: Math.atan2(dx, dz),
    pitch: clampPitch(Math.atan2(dy, flat)),
  }
}

/** The camera's place in the manifest's frame: -Rᵀt of a rigid, column-major matrix. */
export function cameraPlace(m: readonly number[]): Vector {
  const place = (row: number) => -(m[4 * row] * m[12] + m[4 * row + 1] * m[13] + m[4 * row + 2] * m[14])
  return [place(0), place(1), place(2)]
}

export function turn(orbit: Orbit, dx: number, dy: number): Orbit {
  return { ...orbit, yaw: orbit.yaw - dx, pitch: clampPitch(orbit.pitch + dy) }
}

export function approach(orbit: Orbit, factor: number, radius: number): Orbit {
  return { ...orbit, distance: Math.min(radius * 30, Math.max(radius * 0.15, orbit.distance * factor)) }
}

/** Moves the target in the picture's plane; dx, dy as parts of the distance. */
export function slide(orbit: Orbit, dx: number, dy: number): Orbit {
  const { yaw, pitch, distance, target } = orbit
  const right: Vector = [Math.cos(yaw), 0, -Math.sin(yaw)]
  const up: Vector = [-Math.sin(pitch) * Math.sin(yaw), Math.cos(pitch), -Math.sin(pitch) * Math.cos(yaw)]
  const along = (axis: number) => target[axis] + (up[axis] * dy - right[axis] * dx) * distance
  return { ...orbit, target: [along(0), along(1), along(2)] }
}

function clampPitch(pitch: number): number {
  return Math.min(STEEPEST, Math.max(-STEEPEST, pitch))
}
