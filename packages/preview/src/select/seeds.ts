/** A click in working pixels (centre of the pixel) with the region that it hits. */
export interface Seed {
  readonly x: number
  readonly y: number
  readonly region: number
}

export interface Seeds {
  readonly inside: readonly Seed[]
  readonly outside: readonly Seed[]
  /** x0, y0, x1, y1 in working pixels, the far corner excluded. */
  readonly box: readonly [number, number, number, number] | null
}
