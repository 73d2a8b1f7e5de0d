/**
 * How far each place of the silhouette stands out towards the viewer, front and back: the mean of what the learned
 * prior guesses and of what the outline alone says, closed at the rim as a round body would be; or, where the outline is
 * that of a box, the box.
 */
import { fillHoles } from './colour-pyramid.ts'
import type { Cuboid } from './cuboid.ts'
import { inflate } from './inflate.ts'
import { leaningBulge } from './lean.ts'
import type { OutlineMesh } from './outline-mesh.ts'
import type { PriorCrop } from './prior-input.ts'
import { PRIOR_SIZE, type PriorGuess } from './shape-prior.ts'
import type { Silhouette } from './silhouette.ts'

export interface Relief {
  /** Per vertex of the outline mesh, pixels towards the viewer from the object's middle. */
  readonly front: Float64Array
  readonly back: Float64Array
  /** Half of the thickness per vertex, pixels. */
  readonly half: Float64Array
  /** The soap film over the outline (inflate.ts), per grid corner. */
  readonly film: Float64Array
}

/** How much the prior counts beside the outline: for the middle plane, for the thickness. */
const MIDDLE_SHARE = 0.65
const HALF_SHARE = 0.6
/** Both guess too thin where they are unsure: the likeliest thickness is less than the mean one. */
const THICKENING = 1.2
/** Half of the thickness is at most about this many times the height of a soap film over the outline. */
const ROUNDNESS = 1.4

/** Means of each covered place and its covered neighbours (weights 1 2 1): the network's grid leaves no ripples. */
function smoothed(values: Float64Array, covered: Uint8Array): Float64Array {
  const n = PRIOR_SIZE
  const out = new Float64Array(n * n)
  for (let o = 0; o < n * n; o++) {
    if (covered[o] === 0) continue
    const x = o % n
    const y = Math.floor(o / n)
    let sum = 0
    let weight = 0
    for (let j = Math.max(0, y - 1); j <= Math.min(n - 1, y + 1); j++) {
      for (let i = Math.max(0, x - 1); i <= Math.min(n - 1, x + 1); i++) {
        if (covered[j * n + i] === 0) continue
        const w = (j === y ? 2 : 1) * (i === x ? 2 : 1)
        weight += w
        sum += w * values[j * n + i]
      }
    }
    out[o] = sum / weight
  }
  return out
}

/** A smooth map through the guesses, which are carried on beyond the places that the object covers. */
function smoothMap(
  guess: PriorGuess,
  crop: PriorCrop,
): (x: number, y: number) => { middle: number; half: number } {
  const n = PRIOR_SIZE
  const middles = smoothed(guess.middle, crop.covered)
  const halves = smoothed(guess.half, crop.covered)
  const data = new Float32Array(n * n * 4)
  for (let o = 0; o < n * n; o++) if (crop.covered[o] === 1) data.set([middles[o], halves[o], 0, 1], 4 * o)
  fillHoles({ width: n, height: n, data })
  const place = (i: number): number => Math.max(0, Math.min(n - 1, i))
  return (px, py) => {
    // Quadratic B-spline: three places each way, smooth slopes.
    const u = (px - crop.x0) / crop.step - 0.5
    const v = (py - crop.y0) / crop.step - 0.5
    const i = Math.round(u)
    const j = Math.round(v)
    const across = spline(u - i)
    const down = spline(v - j)
    let middle = 0
    let half = 0
    for (let b = 0; b < 3; b++) {
      for (let a = 0; a < 3; a++) {
        const o = 4 * (place(j + b - 1) * n + place(i + a - 1))
        const w = across[a] * down[b]
        middle += w * data[o]
        half += w * data[o + 1]
      }
    }
    return { middle, half }
  }
}

function spline(t: number): readonly [number, number, number] {
  return [0.5 * (0.5 - t) * (0.5 - t), 0.75 - t * t, 0.5 * (0.5 + t) * (0.5 + t)]
}

export function estimateRelief(
  s: Silhouette,
  outline: OutlineMesh,
  crop: PriorCrop,
  guess: PriorGuess,
  cuboid: Cuboid | null,
): Relief {
  const film = inflate(s)
  const map = smoothMap(guess, crop)
  const bulge = leaningBulge(s, film)
  const side = Math.max(s.box.x1 - s.box.x0, s.box.y1 - s.box.y0)
  const rim = 0.1 * s.cell
  const count = outline.corners.length
  const front = new Float64Array(count)
  const back = new Float64Array(count)
  const halves = new Float64Array(count)
  for (let v = 0; v < count; v++) {
    const x = outline.positions[2 * v]
    const y = outline.positions[2 * v + 1]
    const guessed = map(x, y)
    let middle = MIDDLE_SHARE * guessed.middle * side + (1 - MIDDLE_SHARE) * bulge.middle(x, y)
    const corner = outline.corners[v]
    let half = rim
    if (corner >= 0 && film[corner] > 0) {
      const own = guessed.half * side
      const most = ROUNDNESS * Math.sqrt(film[corner])
      const closed = (own * most) / Math.sqrt(own * own + most * most)
      half += THICKENING * (HALF_SHARE * closed + (1 - HALF_SHARE) * bulge.half(corner))
    }
    if (cuboid) {
      const [near, far] = cuboid.at(x, y)
      middle += cuboid.weight * ((near + far) / 2 - middle)
      half += cuboid.weight * (rim + (near - far) / 2 - half)
    }
    front[v] = middle + half
    back[v] = middle - half
    halves[v] = half
  }
  return { front, back, half: halves, film }
}
