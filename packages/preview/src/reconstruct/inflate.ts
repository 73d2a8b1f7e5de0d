/** Inflation: the solution u of -Laplace u = 4 inside the outline, 0 on it; a soap film's bulge, in pixels squared. */
import { clamp } from './arithmetic.ts'
import type { Silhouette } from './silhouette.ts'

const MAX_SWEEPS = 400
/** Sweeps end when nothing moves by more than this part of the largest value. */
const TOLERANCE = 1e-4
/** 2 / (1 + sin(pi / 160)): over-relaxation for features of about 160 cells. */
const RELAXATION = 1.9615

/** Values per grid corner; 0 outside. */
export function inflate(s: Silhouette): Float64Array {
  const { columns, rows, field, cell } = s
  const stride = columns + 1
  const inner: number[] = []
  for (let j = 1; j < rows; j++)
    for (let i = 1; i < columns; i++) if (field[j * stride + i] >= 0) inner.push(j * stride + i)
  const u = new Float64Array(field.length)
  // Where a neighbour is outside, the outline lies nearer than a cell: Shortley and Weller's weights.
  const steps = [-1, 1, -stride, stride]
  const weights = new Float64Array(inner.length * 4)
  const source = new Float64Array(inner.length)
  const d = new Float64Array(4)
  for (let k = 0; k < inner.length; k++) {
    const o = inner[k]
    for (let side = 0; side < 4; side++) {
      const other = field[o + steps[side]]
      d[side] = other >= 0 ? 1 : clamp(field[o] / (field[o] - other), 0.1, 0.9)
    }
    const sum = 2 / (d[0] * d[1]) + 2 / (d[2] * d[3])
    const across = 2 / ((d[0] + d[1]) * sum)
    const down = 2 / ((d[2] + d[3]) * sum)
    weights[4 * k] = across / d[0]
    weights[4 * k + 1] = across / d[1]
    weights[4 * k + 2] = down / d[2]
    weights[4 * k + 3] = down / d[3]
    source[k] = (4 * cell * cell) / sum
  }
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let moved = 0
    let largest = 0
    for (let k = 0; k < inner.length; k++) {
      const o = inner[k]
      const w = k * 4
      const goal =
        weights[w] * u[o - 1] +
        weights[w + 1] * u[o + 1] +
        weights[w + 2] * u[o - stride] +
        weights[w + 3] * u[o + stride]
      const change = RELAXATION * (goal + source[k] - u[o])
      u[o] += change
      const size = change < 0 ? -change : change
      if (size > moved) moved = size
      if (u[o] > largest) largest = u[o]
    }
    if (moved <= TOLERANCE * largest) break
  }
  for (let k = 0; k < inner.length; k++) if (u[inner[k]] < 0) u[inner[k]] = 0
  return u
}
