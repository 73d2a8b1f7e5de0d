/** A grid on the ground under the object, in squares that people count in. Pure; metres. */
import type { BoundingBox } from './orbit.ts'

export interface Grid {
  /** Side of a square. */
  readonly step: number
  /** Ends of the lines, three numbers each, two ends a line. */
  readonly lines: readonly number[]
}

/** Squares under the object's longer side, about. */
const SQUARES = 8
const NICE = [1, 2, 5, 10]

/** 1, 2 or 5 times a power of ten, not below `length`. */
export function niceStep(length: number): number {
  const power = 10 ** Math.floor(Math.log10(length))
  const factor = NICE.find((each) => each * power >= length * (1 - 1e-9)) ?? 10
  // Through the text, since 3 * 0.1 is not 0.3.
  return Number((factor * power).toPrecision(1))
}

/** Half as large again as the object's footprint, and whole squares. */
export function gridUnder({ min, max }: BoundingBox): Grid {
  const side = Math.max(1e-3, max[0] - min[0], max[2] - min[2])
  const step = niceStep(side / SQUARES)
  const half = Math.ceil((side * 0.75) / step)
  const [x, z] = [0, 2].map((axis) => Math.round((min[axis] + max[axis]) / 2 / step) * step)
  const reach = half * step
  const lines: number[] = []
  for (let i = -half; i <= half; i++) {
    lines.push(x + i * step, min[1], z - reach, x + i * step, min[1], z + reach)
    lines.push(x - reach, min[1], z + i * step, x + reach, min[1], z + i * step)
  }
  return { step, lines }
}
