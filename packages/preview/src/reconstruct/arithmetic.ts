/**
 * Functions whose last bit is the same in every JavaScript engine. The language fixes + - * / and Math.sqrt to IEEE
 * 754, but leaves Math.exp, log, pow, sin and hypot to the engine; nothing that reaches a file may use those.
 */

const LN2 = Math.LN2

/** Natural logarithm for x > 0; relative error below 1e-14. */
export function ln(x: number): number {
  let m = x
  let k = 0
  while (m > Math.SQRT2) {
    m *= 0.5
    k++
  }
  while (m < Math.SQRT1_2) {
    m *= 2
    k--
  }
  // ln m = 2 artanh((m - 1) / (m + 1)); |s| <= 0.172, so the 13th term is below 1e-20.
  const s = (m - 1) / (m + 1)
  const s2 = s * s
  let sum = 0
  for (let i = 12; i >= 0; i--) sum = sum * s2 + 1 / (2 * i + 1)
  return k * LN2 + 2 * s * sum
}

/** e^x for |x| < 700; relative error below 1e-14. */
export function exp(x: number): number {
  const k = Math.round(x / LN2)
  const r = x - k * LN2
  let sum = 1
  for (let i = 16; i >= 1; i--) sum = 1 + (sum * r) / i
  let scale = 1
  const base = k < 0 ? 0.5 : 2
  for (let i = k < 0 ? -k : k; i > 0; i--) scale *= base
  return sum * scale
}

/** x^p for x >= 0. */
export function power(x: number, p: number): number {
  return x <= 0 ? 0 : exp(p * ln(x))
}

/** Cosine and sine of an angle in radians, |angle| <= 4. */
export function cosSin(angle: number): readonly [number, number] {
  // Taylor series of a sixteenth of the angle, then four doublings.
  const a = angle / 16
  const a2 = a * a
  let s = 0
  let c = 0
  for (let i = 7; i >= 1; i--) {
    c = (-a2 / (2 * i * (2 * i - 1))) * (1 + c)
    s = (-a2 / (2 * i * (2 * i + 1))) * (1 + s)
  }
  c += 1
  s = a * (1 + s)
  for (let i = 0; i < 4; i++) {
    const d = c * c - s * s
    s = 2 * s * c
    c = d
  }
  return [c, s]
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high)
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smoothstep(value: number, from: number, to: number): number {
  const t = clamp((value - from) / (to - from), 0, 1)
  return t * t * (3 - 2 * t)
}

/** Arc tangent in radians, x >= 0; relative error below 1e-14. */
export function atan(x: number): number {
  // Three halvings of the angle, then the series: the argument is below 0.2 (x -> infinity).
  let t = x
  for (let i = 0; i < 3; i++) t = t / (1 + Math.sqrt(1 + t * t))
  const t2 = t * t
  let sum = 0
  for (let i = 9; i >= 0; i--) sum = 1 / (2 * i + 1) - sum * t2
  return 8 * t * sum
}
