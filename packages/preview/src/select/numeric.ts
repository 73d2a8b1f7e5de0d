/**
 * exp, log and roots from + - * / and sqrt only: IEEE 754 fixes those to the last bit, while engines are free to
 * differ in Math.exp, Math.log and Math.pow. Whatever the masks hang on goes through this file.
 */
const LN2 = 0.6931471805599453
const POWER_OF_TWO = powersOfTwo()
const FLOAT = new Float32Array(1)
const BITS = new Int32Array(FLOAT.buffer)

function powersOfTwo(): Float64Array {
  const table = new Float64Array(256)
  let up = 1
  let down = 1
  for (let k = 0; k < 128; k++) {
    table[128 + k] = up
    table[128 - k] = down
    up *= 2
    down /= 2
  }
  return table
}

/** e^x; relative error below 1e-7; 0 under -80, clamped above 80. */
export function exp(x: number): number {
  if (!(x > -80)) return 0
  const bounded = x > 80 ? 80 : x
  const k = Math.floor(bounded / LN2 + 0.5)
  const r = bounded - k * LN2
  const series =
    1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r / 5040))))))
  return series * POWER_OF_TWO[k + 128]
}

/** Natural logarithm of a positive number, read as a 32-bit float; error below 1e-6. */
export function log(x: number): number {
  FLOAT[0] = x < 1e-30 ? 1e-30 : x
  let exponent = ((BITS[0] >> 23) & 255) - 127
  BITS[0] = (BITS[0] & 0x7fffff) | 0x3f800000
  let m = FLOAT[0]
  if (m > 1.4142135) {
    m /= 2
    exponent++
  }
  const s = (m - 1) / (m + 1)
  const s2 = s * s
  return exponent * LN2 + 2 * s * (1 + s2 * (1 / 3 + s2 * (1 / 5 + s2 * (1 / 7 + s2 / 9))))
}

export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x))
}

/** n-th root (n = 3 or 5) of x in 0..1 by Newton's method from above; 0 for 0. */
export function root(x: number, n: 3 | 5): number {
  if (x <= 0) return 0
  let y = 1
  for (let i = 0; i < 60; i++) {
    const power = n === 3 ? y * y : y * y * y * y
    const next = y - (y * power - x) / (n * power)
    if (next >= y) break
    y = next
  }
  return y
}

/** A small seeded generator (mulberry32): the same numbers everywhere, 0 <= value < 1. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
