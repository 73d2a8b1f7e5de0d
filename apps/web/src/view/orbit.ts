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

/** Room around the object, so that turning it does not cut it off at once. */
const MARGIN = 1.2
const STEEPEST = Math.PI / 2 - 0.02

export function unite(boxes: readonly BoundingBox[]): BoundingBox {
  const pick = (of: (...values: number[]) => number, side: 'min' | 'max') =>
    [0, 1, 2].map((axis) => of(...boxes.map((box) => box[side][axis])))
  return { min: pick(Math.min, 'min'), max: pick(Math.max, 'max') }
}

export function radiusOf(box: BoundingBox): number {
  return Math.max(1e-4, Math.hypot(...[0, 1, 2].map((axis) => box.max[axis] - box.min[axis])) / 2)
}

function centreOf(box: BoundingBox): Vector {
  const middle = (axis: number) => (box.min[axis] + box.max[axis]) / 2
  return [middle(0), middle(1), middle(2)]
}

/** Where the camera stands. */
export function eyeOf({ target, distance, yaw, pitch }: Orbit): Vector {
  const { back } = axesOf(yaw, pitch)
  return [target[0] + distance * back[0], target[1] + distance * back[1], target[2] + distance * back[2]]
}

/** From the photo's side, as far away as the whole box needs. `fov`: of the shorter side; `aspect`: width / height. */
export function frameBox(
  box: BoundingBox,
  objectToCamera: readonly number[],
  fov: number,
  aspect: number,
): Orbit {
  const eye = cameraPlace(objectToCamera)
  const target = centreOf(box)
  const [dx, dy, dz] = [eye[0] - target[0], eye[1] - target[1], eye[2] - target[2]]
  const yaw = Math.atan2(dx, dz)
  const pitch = clampPitch(Math.atan2(dy, Math.hypot(dx, dz)))
  const { right, up, back } = axesOf(yaw, pitch)
  const tangent = Math.tan(fov / 2)
  const [wide, high] = [tangent * Math.max(1, aspect), tangent * Math.max(1, 1 / aspect)]
  let distance = radiusOf(box)
  for (let corner = 0; corner < 8; corner++) {
    const from: Vector = [0, 1, 2].map(
      (axis) => (corner & (1 << axis) ? box.max : box.min)[axis] - target[axis],
    ) as [number, number, number]
    const reach = Math.max(Math.abs(dot(from, right)) / wide, Math.abs(dot(from, up)) / high)
    distance = Math.max(distance, dot(from, back) + reach)
  }
  return { target, distance: distance * MARGIN, yaw, pitch }
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

function axesOf(yaw: number, pitch: number): { right: Vector; up: Vector; back: Vector } {
  const [sy, cy, sp, cp] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)]
  return { right: [cy, 0, -sy], up: [-sp * sy, cp, -sp * cy], back: [cp * sy, sp, cp * cy] }
}

/** From the eye through a spot of the picture (CSS pixels of the room), of length 1. */
export function rayThrough(
  { yaw, pitch }: Orbit,
  fov: number,
  at: { x: number; y: number },
  room: { width: number; height: number },
): Vector {
  const { right, up, back } = axesOf(yaw, pitch)
  const aspect = room.width / room.height
  const tangent = Math.tan(fov / 2)
  const across = ((2 * at.x) / room.width - 1) * tangent * Math.max(1, aspect)
  const upward = (1 - (2 * at.y) / room.height) * tangent * Math.max(1, 1 / aspect)
  const along = (axis: number) => right[axis] * across + up[axis] * upward - back[axis]
  const length = Math.hypot(along(0), along(1), along(2))
  return [along(0) / length, along(1) / length, along(2) / length]
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
  const { right, up } = axesOf(yaw, pitch)
  const along = (axis: number) => target[axis] + (up[axis] * dy - right[axis] * dx) * distance
  return { ...orbit, target: [along(0), along(1), along(2)] }
}

function clampPitch(pitch: number): number {
  return Math.min(STEEPEST, Math.max(-STEEPEST, pitch))
}
