/** Gaussians while they are being made: they grow one by one, with what the photo's camera sees of each. */
import { quaternionFromAxes, type Vector } from './tangent-frame.ts'

export interface Gaussian {
  /** Camera-frame point, metres. */
  readonly place: Vector
  /** Axes in the surface, unit vectors in the manifest's frame, and the deviations along them, metres. */
  readonly major: Vector
  readonly minor: Vector
  readonly long: number
  readonly short: number
  /** Photo pixel position and covariance there (xx, xy, yy), pixels and pixels squared. */
  readonly at: readonly [number, number]
  readonly covariance: readonly [number, number, number]
  /** Red, green, blue, 0-1. */
  readonly colour: Vector
}

/** Where a gaussian's numbers stand in its row, and how many there are. */
const COLUMNS = {
  positions: [0, 3],
  scales: [3, 3],
  rotations: [6, 4],
  colors: [10, 3],
  at: [13, 2],
  covariance: [15, 3],
  depth: [18, 1],
} as const
const ROW = 19
/** Thickness over the smaller deviation in the surface. */
const THICKNESS = 0.15

export class GaussianList {
  private rows = new Float64Array(ROW * 4096)
  count = 0

  /** `toManifest` turns the camera-frame place into the manifest's frame. */
  add(g: Gaussian, toManifest: (x: number, y: number, z: number) => Vector): void {
    if ((this.count + 1) * ROW > this.rows.length) {
      const more = new Float64Array(this.rows.length * 2)
      more.set(this.rows)
      this.rows = more
    }
    const { rows } = this
    const { place, major: a, minor: b, colour, at, covariance } = g
    const normal: Vector = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    const p = toManifest(place[0], place[1], place[2])
    const q = quaternionFromAxes(a, b, normal)
    const o = this.count * ROW
    for (let k = 0; k < 3; k++) {
      rows[o + k] = p[k]
      rows[o + 10 + k] = colour[k]
      rows[o + 15 + k] = covariance[k]
    }
    rows[o + 3] = g.long
    rows[o + 4] = g.short
    rows[o + 5] = g.short * THICKNESS
    for (let k = 0; k < 4; k++) rows[o + 6 + k] = q[k]
    rows[o + 13] = at[0]
    rows[o + 14] = at[1]
    rows[o + 18] = -place[2]
    this.count++
  }

  /** A column of the first `count` gaussians, one after another. */
  column(name: keyof typeof COLUMNS, count: number): Float64Array {
    const [first, width] = COLUMNS[name]
    const out = new Float64Array(count * width)
    for (let i = 0, o = 0; i < count; i++)
      for (let k = 0; k < width; k++, o++) out[o] = this.rows[i * ROW + first + k]
    return out
  }
}
