/** The robot user of the click protocol: where it clicks next, and how masks are compared. */
import type { PointPrompt } from '@gen3d/shared/prompts'

export interface Truth {
  readonly width: number
  readonly height: number
  /** 1 inside, 0 outside. */
  readonly mask: Uint8Array
}

export function intersectionOverUnion(a: Uint8Array, b: Uint8Array): number {
  let both = 0
  let either = 0
  for (let p = 0; p < a.length; p++) {
    both += a[p] & b[p]
    either += a[p] | b[p]
  }
  return either === 0 ? 1 : both / either
}

/** The tight box of a mask, corners inclusive. */
export function tightBox(truth: Truth): [number, number, number, number] {
  let x0 = truth.width
  let y0 = truth.height
  let x1 = -1
  let y1 = -1
  for (let y = 0; y < truth.height; y++) {
    for (let x = 0; x < truth.width; x++) {
      if (truth.mask[y * truth.width + x] === 0) continue
      if (x < x0) x0 = x
      if (x > x1) x1 = x
      if (y < y0) y0 = y
      if (y > y1) y1 = y
    }
  }
  return [x0, y0, x1, y1]
}

/** Finds the pixel farthest from the rim of the error; buffers are made once a photo. */
export class Robot {
  private readonly truth: Truth
  private readonly used: Uint8Array
  private readonly column: Int32Array
  private readonly squared: Int32Array
  private readonly stack: Int32Array
  private readonly from: Int32Array

  constructor(truth: Truth) {
    const { width, height } = truth
    this.truth = truth
    this.used = new Uint8Array(width * height)
    this.column = new Int32Array(width * height)
    this.squared = new Int32Array(width * height)
    this.stack = new Int32Array(width + 2)
    this.from = new Int32Array(width + 2)
  }

  /** The next click against a guess, or null where nothing is wrong; the pixel will not be clicked again. */
  next(guess: Uint8Array): PointPrompt | null {
    const missed = this.deepest((p) => this.truth.mask[p] === 1 && guess[p] === 0)
    const wrong = this.deepest((p) => this.truth.mask[p] === 0 && guess[p] === 1)
    const label = missed.depth >= wrong.depth ? 1 : 0
    const chosen = label === 1 ? missed : wrong
    if (chosen.depth <= 0) return null
    this.used[chosen.pixel] = 1
    return {
      x: chosen.pixel % this.truth.width,
      y: Math.floor(chosen.pixel / this.truth.width),
      label,
    }
  }

  /** Exact squared Euclidean distance to the nearest pixel outside (the frame counts as outside), by Meijster's scan. */
  private deepest(inside: (pixel: number) => boolean): { depth: number; pixel: number } {
    const { width, height } = this.truth
    const { column, squared, stack, from } = this
    let any = false
    for (let x = 0; x < width; x++) {
      let d = 0
      for (let y = 0; y < height; y++) {
        const p = y * width + x
        d = inside(p) ? d + 1 : 0
        if (d > 0) any = true
        column[p] = d
      }
      d = 0
      for (let y = height - 1; y >= 0; y--) {
        const p = y * width + x
        d = column[p] === 0 ? 0 : d + 1
        if (d < column[p]) column[p] = d
      }
    }
    if (!any) return { depth: 0, pixel: -1 }
    let depth = 0
    let pixel = -1
    for (let y = 0; y < height; y++) {
      this.scanRow(y, width, column, stack, from, squared)
      for (let x = 0; x < width; x++) {
        const p = y * width + x
        if (squared[p] > depth && this.used[p] === 0) {
          depth = squared[p]
          pixel = p
        }
      }
    }
    return { depth, pixel }
  }

  private scanRow(
    y: number,
    width: number,
    column: Int32Array,
    stack: Int32Array,
    from: Int32Array,
    squared: Int32Array,
  ): void {
    const g = (i: number): number => (i < 0 || i >= width ? 0 : column[y * width + i])
    const f = (x: number, i: number): number => (x - i) * (x - i) + g(i) * g(i)
    let top = 0
    stack[0] = -1
    from[0] = -1
    for (let u = 0; u <= width; u++) {
      while (top >= 0 && f(from[top], stack[top]) > f(from[top], u)) top--
      if (top < 0) {
        top = 0
        stack[0] = u
        from[0] = -1
      } else {
        const i = stack[top]
        const w = 1 + Math.floor((u * u - i * i + g(u) * g(u) - g(i) * g(i)) / (2 * (u - i)))
        if (w <= width) {
          top++
          stack[top] = u
          from[top] = w
        }
      }
    }
    for (let x = width; x >= -1; x--) {
      if (x >= 0 && x < width) squared[y * width + x] = f(x, stack[top])
      if (x === from[top]) top--
    }
  }
}
