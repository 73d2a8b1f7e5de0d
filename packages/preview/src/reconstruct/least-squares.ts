/** Small nonlinear least squares (Levenberg and Marquardt) with numeric slopes; the same bits everywhere. */

const STEP = 1e-5
const FIRST_DAMPING = 1e-3
const MOST_DAMPING = 1e6
/** A step that lowers the sum by less than this part is the last one. */
const LEAST_GAIN = 1e-4

/** Lowers the sum of squared residuals from a start; returns where it ended and that sum. */
export function solveLeastSquares(
  residuals: (at: readonly number[]) => readonly number[],
  start: readonly number[],
  iterations: number,
): { at: readonly number[]; cost: number } {
  let at = start
  let now = residuals(at)
  let cost = sumOfSquares(now)
  let damping = FIRST_DAMPING
  for (let i = 0; i < iterations && damping < MOST_DAMPING; i++) {
    const slopes = at.map((_, k) => {
      const moved = at.map((value, j) => (j === k ? value + STEP : value))
      return residuals(moved).map((value, r) => (value - now[r]) / STEP)
    })
    const normal = slopes.map((a) => slopes.map((b) => dot(a, b)))
    const pull = slopes.map((a) => -dot(a, now))
    for (let tries = 0; tries < 6 && damping < MOST_DAMPING; tries++) {
      const damped = normal.map((row, r) =>
        row.map((value, c) => (r === c ? value * (1 + damping) + 1e-12 : value)),
      )
      const step = solve(damped, pull)
      const next = at.map((value, k) => value + step[k])
      const then = residuals(next)
      const lower = sumOfSquares(then)
      if (lower < cost) {
        if (cost - lower < LEAST_GAIN * cost) damping = MOST_DAMPING
        at = next
        now = then
        cost = lower
        damping *= 0.3
        break
      }
      damping *= 4
    }
  }
  return { at, cost }
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

function sumOfSquares(values: readonly number[]): number {
  return dot(values, values)
}

/** Solves a small positive definite system by elimination. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const n = right.length
  const m = matrix.map((row, r) => [...row, right[r]])
  for (let k = 0; k < n; k++) {
    for (let r = k + 1; r < n; r++) {
      const factor = m[r][k] / m[k][k]
      for (let c = k; c <= n; c++) m[r][c] -= factor * m[k][c]
    }
  }
  const out = right.map(() => 0)
  for (let k = n - 1; k >= 0; k--) {
    let value = m[k][n]
    for (let c = k + 1; c < n; c++) value -= m[k][c] * out[c]
    out[k] = value / m[k][k]
  }
  return out
}
