/**
 * Is this outline that of a box? An upright box seen by the assumed lens is fitted to it; where the outlines agree,
 * the box gives the surface: flat faces and straight edges, which neither the bulge nor the learned prior has.
 */
import { clamp, cosSin, exp, ln, smoothstep } from './arithmetic.ts'
import type { Lens } from './camera.ts'
import { solveLeastSquares } from './least-squares.ts'
import type { OutlineMesh } from './outline-mesh.ts'
import { MARGIN as PRIOR_MARGIN, type PriorCrop } from './prior-input.ts'
import { PRIOR_SIZE, type PriorGuess } from './shape-prior.ts'
import type { Silhouette } from './silhouette.ts'

export interface Cuboid {
  /** How sure it is that the object is this box, 0-1. */
  readonly weight: number
  /** Sine of the camera's angle above the horizon, for which the box stands upright. */
  readonly pitchSine: number
  /** Pixels towards the viewer of front and back at a pixel position. */
  at(x: number, y: number): readonly [number, number]
}

/** Directions in which the outlines are compared: how far each reaches. */
const DIRECTIONS = 48
/**
 * Turns about the vertical from which the fit starts, radians, each as a panel: where the outline does not tell the
 * depth, a thin thing is likelier than a deep one whose sides all hide.
 */
const STARTS = [-0.3, 0.3, -0.7, 0.7, -1.1, 1.1]
const PANEL_DEPTH = 0.2
const ITERATIONS = 25
/** Steps to the box's outline for places beside it. */
const HALVINGS = 10
/** Sum of squares below which no other start is tried: the outlines agree to a three-hundredth. */
const GOOD_COST = DIRECTIONS / (300 * 300)
/** Farthest distance between the outlines over the object's side: below the first a box for certain, above the second none. */
const SURE = 0.015
const UNSURE = 0.022
/** Share of the mask and the box that both cover, likewise. */
const LEAST_IOU = 0.93
const SURE_IOU = 0.95
/**
 * How far the learned prior's front may be from the box's, over how much the box's own front varies. The prior sees the
 * shading: by its outline alone a tall can is nearly a box.
 */
const AGREES = 0.5
const CONTRADICTS = 0.62
/** Pulls on what the outline may not tell: the camera's height (radians) and how unlike the sides are (logarithms). */
const PITCH_PULL = 0.02
const SIDES_PULL = 0.001

/** Yaw, pitch, logarithms of the three half sides (across, up, deep), the middle's pixel x and y over the object's side. */
type Parameters = readonly number[]

interface Box {
  /** Rows: the box's own axes in the camera's frame. */
  readonly axes: readonly (readonly [number, number, number])[]
  readonly half: readonly number[]
  /** Camera frame; one unit away along -z. */
  readonly middle: readonly [number, number, number]
}

function boxOf(p: Parameters, lens: Lens, s: Silhouette, side: number): Box {
  const [cy, sy] = cosSin(clamp(p[0], -4, 4))
  const [cp, sp] = cosSin(clamp(p[1], -1.2, 1.2))
  const x = ((s.box.x0 + s.box.x1) / 2 + p[5] * side - lens.cx) / lens.focal
  const y = -((s.box.y0 + s.box.y1) / 2 + p[6] * side - lens.cy) / lens.focal
  const unit = side / lens.focal
  // Upright axes turned about the vertical, then by the camera's pitch about x.
  const turn = (a: number, b: number, c: number): readonly [number, number, number] => [
    a,
    cp * b - sp * c,
    sp * b + cp * c,
  ]
  return {
    axes: [turn(cy, 0, -sy), turn(0, 1, 0), turn(sy, 0, cy)],
    half: [2, 3, 4].map((k) => exp(clamp(p[k], -8, 3)) * unit),
    middle: [x, y, -1],
  }
}

/** How far the box's outline reaches in each direction, pixels. */
function reachOf(box: Box, lens: Lens, directions: readonly (readonly [number, number])[]): number[] {
  const reach = directions.map(() => -Infinity)
  for (let corner = 0; corner < 8; corner++) {
    const at = [0, 1, 2].map(
      (d) =>
        box.middle[d] +
        (corner & 1 ? 1 : -1) * box.half[0] * box.axes[0][d] +
        (corner & 2 ? 1 : -1) * box.half[1] * box.axes[1][d] +
        (corner & 4 ? 1 : -1) * box.half[2] * box.axes[2][d],
    )
    const depth = Math.max(0.05, -at[2])
    const x = lens.cx + (lens.focal * at[0]) / depth
    const y = lens.cy - (lens.focal * at[1]) / depth
    for (let k = 0; k < directions.length; k++)
      reach[k] = Math.max(reach[k], directions[k][0] * x + directions[k][1] * y)
  }
  return reach
}

/** Distances from the camera at which a pixel's ray enters and leaves the box; they cross where it misses it. */
function crossing(box: Box, lens: Lens, x: number, y: number): readonly [number, number] {
  const ray = [(x - lens.cx) / lens.focal, -(y - lens.cy) / lens.focal, -1]
  let near = -Infinity
  let far = Infinity
  for (let k = 0; k < 3; k++) {
    const axis = box.axes[k]
    const along = axis[0] * ray[0] + axis[1] * ray[1] + axis[2] * ray[2]
    const middle = axis[0] * box.middle[0] + axis[1] * box.middle[1] + axis[2] * box.middle[2]
    const slope = along < 0 ? Math.min(along, -1e-9) : Math.max(along, 1e-9)
    const a = (middle - box.half[k]) / slope
    const b = (middle + box.half[k]) / slope
    near = Math.max(near, Math.min(a, b))
    far = Math.min(far, Math.max(a, b))
  }
  return [near, far]
}

/** Fits a box to the outline; null where none fits, or where the shape prior's guess for the crop contradicts it. */
export function fitCuboid(
  s: Silhouette,
  outline: OutlineMesh,
  lens: Lens,
  crop: PriorCrop,
  guess: PriorGuess,
): Cuboid | null {
  const side = Math.max(s.box.x1 - s.box.x0, s.box.y1 - s.box.y0)
  const directions = Array.from({ length: DIRECTIONS }, (_, k) =>
    cosSin((2 * Math.PI * k) / DIRECTIONS - Math.PI),
  )
  const wanted = directions.map(() => -Infinity)
  for (let v = 0; v < outline.corners.length; v++) {
    if (outline.corners[v] >= 0) continue
    for (let k = 0; k < DIRECTIONS; k++)
      wanted[k] = Math.max(
        wanted[k],
        directions[k][0] * outline.positions[2 * v] + directions[k][1] * outline.positions[2 * v + 1],
      )
  }
  const pitch = guess.sine * (1 + (guess.sine * guess.sine) / 6)
  const residuals = (p: Parameters): number[] => {
    const reach = reachOf(boxOf(p, lens, s, side), lens, directions)
    const out = reach.map((value, k) => (value - wanted[k]) / side)
    out.push(PITCH_PULL * (p[1] - pitch), SIDES_PULL * (p[2] - p[3]), SIDES_PULL * (p[4] - p[3]))
    return out
  }
  let best: { at: Parameters; cost: number } | null = null
  const width = ln((s.box.x1 - s.box.x0) / side / 2.8)
  const height = ln((s.box.y1 - s.box.y0) / side / 2.2)
  for (const yaw of STARTS) {
    const found = solveLeastSquares(
      residuals,
      [yaw, pitch, width, height, width + ln(PANEL_DEPTH), 0, 0],
      ITERATIONS,
    )
    if (!best || found.cost < best.cost) best = found
    if (best.cost < GOOD_COST) break
  }
  if (!best || !(best.cost < 1)) return null
  const box = boxOf(best.at, lens, s, side)
  const reach = reachOf(box, lens, directions)
  const apart = reach.reduce((most, value, k) => Math.max(most, Math.abs(value - wanted[k]) / side), 0)
  const outlines =
    smoothstep(UNSURE - apart, 0, UNSURE - SURE) * smoothstep(overlap(s, box, lens), LEAST_IOU, SURE_IOU)
  if (!(outlines > 0)) return null
  const middle = [
    lens.cx - (lens.focal * box.middle[0]) / box.middle[2],
    lens.cy + (lens.focal * box.middle[1]) / box.middle[2],
  ]
  const at = (x: number, y: number): readonly [number, number] => {
    const hit = crossing(box, lens, x, y)
    const depths = hit[0] <= hit[1] ? hit : beside(box, lens, x, y, middle)
    return [(1 - depths[0]) * lens.focal, (1 - depths[1]) * lens.focal]
  }
  const weight = outlines * (1 - smoothstep(contradiction(crop, guess, at), AGREES, CONTRADICTS))
  return weight > 0 ? { weight, pitchSine: cosSin(clamp(best.at[1], 0, 1.2))[1], at } : null
}

/** Deviation between the fronts of prior and box over the deviation of the box's front from its mean. */
function contradiction(crop: PriorCrop, guess: PriorGuess, at: Cuboid['at']): number {
  const fronts: number[] = []
  const apart: number[] = []
  const unit = (PRIOR_SIZE - 2 * PRIOR_MARGIN) * crop.step
  for (let o = 0; o < crop.covered.length; o++) {
    if (crop.covered[o] === 0) continue
    const x = crop.x0 + ((o % PRIOR_SIZE) + 0.5) * crop.step
    const y = crop.y0 + (Math.floor(o / PRIOR_SIZE) + 0.5) * crop.step
    const front = at(x, y)[0] / unit
    fronts.push(front)
    apart.push(guess.middle[o] + guess.half[o] - front)
  }
  return Math.sqrt(variance(apart) / (variance(fronts) + 1e-9))
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length
}

/** Beside the box both sheets meet, as far away as the box is where the way to its middle first meets it. */
function beside(
  box: Box,
  lens: Lens,
  x: number,
  y: number,
  middle: readonly number[],
): readonly [number, number] {
  let out = 0
  let inside = 1
  for (let i = 0; i < HALVINGS; i++) {
    const t = (out + inside) / 2
    const [near, far] = crossing(box, lens, x + t * (middle[0] - x), y + t * (middle[1] - y))
    if (near <= far) inside = t
    else out = t
  }
  const [near, far] = crossing(box, lens, x + inside * (middle[0] - x), y + inside * (middle[1] - y))
  return [(near + far) / 2, (near + far) / 2]
}

/** Intersection over union of the box's outline and the mask's, by grid corners. */
function overlap(s: Silhouette, box: Box, lens: Lens): number {
  let both = 0
  let either = 0
  for (let j = 0, o = 0; j <= s.rows; j++) {
    for (let i = 0; i <= s.columns; i++, o++) {
      const inside = s.field[o] >= 0
      const [near, far] = crossing(box, lens, s.x0 + i * s.cell, s.y0 + j * s.cell)
      if (inside && near <= far) both++
      if (inside || near <= far) either++
    }
  }
  return both / either
}
