/**
 * What a person says about an object. x and y are pixel indices of the EXIF-turned photo: 0 is the first, the pixel's
 * centre lies at +0.5. Box corners are inclusive. Each decoder turns these into its own coordinates in one function.
 */
export interface PointPrompt {
  readonly x: number
  readonly y: number
  /** 1: inside the object, 0: outside. */
  readonly label: 0 | 1
}

/** Corners x0, y0, x1, y1; inclusive pixel indices with x0 <= x1 and y0 <= y1. */
export type BoxPrompt = readonly [number, number, number, number]

export interface StrokePrompt {
  /** Pixels of the photo. */
  readonly radius: number
  readonly label: 0 | 1
  readonly points: readonly (readonly [number, number])[]
}

export interface Prompts {
  /** In the order in which they were placed: of two on one pixel the later counts. */
  readonly points: readonly PointPrompt[]
  readonly box?: BoxPrompt | null
  readonly strokes?: readonly StrokePrompt[]
  /** A mask to start from: width * height bytes of the photo, 1 inside, 0 outside. */
  readonly previousMask?: Uint8Array | null
}

/** One answer of a decoder. */
export interface MaskCandidate {
  /** width * height bytes of the EXIF-turned photo, 1 inside, 0 outside. */
  readonly mask: Uint8Array
  /** The decoder's own guess of the mask's IoU, 0-1. */
  readonly score: number
}
