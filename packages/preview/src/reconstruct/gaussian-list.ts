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
  /** How much it keeps of that colour (fit-colours.ts). */
  readonly hold: number
}

/** Thickness over the smaller deviation in the surface. */
const THICKNESS = 0.15

export class GaussianList {
  readonly positions: number[] = []
  readonly scales: number[] = []
  readonly rotations: number[] = []
  readonly colors: number[] = []
  readonly at: number[] = []
  readonly covariance: number[] = []
  readonly depth: number[] = []
  readonly hold: number[] = []

  get count(): number {
    return this.depth.length
  }

  /** `toManifest` turns the camera-frame place into the manifest's frame. */
  add(g: Gaussian, toManifest: (x: number, y: number, z: number) => Vector): void {
    const { place, major: a, minor: b } = g
    const normal: Vector = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    const p = toManifest(place[0], place[1], place[2])
    const q = quaternionFromAxes(a, b, normal)
    this.positions.push(p[0], p[1], p[2])
    this.scales.push(g.long, g.short, g.short * THICKNESS)
    this.rotations.push(q[0], q[1], q[2], q[3])
    this.colors.push(g.colour[0], g.colour[1], g.colour[2])
    this.at.push(g.at[0], g.at[1])
    this.covariance.push(g.covariance[0], g.covariance[1], g.covariance[2])
    this.depth.push(-place[2])
    this.hold.push(g.hold)
  }
}
