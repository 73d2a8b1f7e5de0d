/** Orientation and size of a gaussian from how its surface moves with the photo's pixels. */

export type Vector = readonly [number, number, number]

/** Quaternion w, x, y, z of the rotation whose columns are the given unit vectors (right-handed). */
export function quaternionFromAxes(a: Vector, b: Vector, c: Vector): [number, number, number, number] {
  const trace = a[0] + b[1] + c[2]
  let q: [number, number, number, number]
  if (trace > 0) {
    const s = 2 * Math.sqrt(trace + 1)
    q = [s / 4, (b[2] - c[1]) / s, (c[0] - a[2]) / s, (a[1] - b[0]) / s]
  } else if (a[0] > b[1] && a[0] > c[2]) {
    const s = 2 * Math.sqrt(1 + a[0] - b[1] - c[2])
    q = [(b[2] - c[1]) / s, s / 4, (b[0] + a[1]) / s, (c[0] + a[2]) / s]
  } else if (b[1] > c[2]) {
    const s = 2 * Math.sqrt(1 + b[1] - a[0] - c[2])
    q = [(c[0] - a[2]) / s, (b[0] + a[1]) / s, s / 4, (c[1] + b[2]) / s]
  } else {
    const s = 2 * Math.sqrt(1 + c[2] - a[0] - b[1])
    q = [(a[1] - b[0]) / s, (c[0] + a[2]) / s, (c[1] + b[2]) / s, s / 4]
  }
  const n = Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
  return [q[0] / n, q[1] / n, q[2] / n, q[3] / n]
}

/** Principal axes and lengths of the ellipse that u and v span (the image of the unit circle). */
export function principalAxes(
  u: Vector,
  v: Vector,
): { major: Vector; minor: Vector; long: number; short: number } | null {
  const uu = u[0] * u[0] + u[1] * u[1] + u[2] * u[2]
  const vv = v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
  const uv = u[0] * v[0] + u[1] * v[1] + u[2] * v[2]
  const half = (uu - vv) / 2
  const root = Math.sqrt(half * half + uv * uv)
  const big = (uu + vv) / 2 + root
  const small = Math.max((uu + vv) / 2 - root, 0)
  if (!(big > 0)) return null
  // Eigenvector of [[uu, uv], [uv, vv]] for `big`.
  let p = half + root
  let q = uv
  if (p * p + q * q < 1e-24 * big * big) {
    p = uv
    q = root - half
  }
  if (p * p + q * q < 1e-24 * big * big) {
    p = 1
    q = 0
  }
  return {
    major: along(u, v, p, q),
    minor: along(u, v, -q, p),
    long: Math.sqrt(big),
    short: Math.sqrt(small),
  }
}

/** Unit vector of s u + t v; 0 where that has no length. */
function along(u: Vector, v: Vector, s: number, t: number): Vector {
  const x = s * u[0] + t * v[0]
  const y = s * u[1] + t * v[1]
  const z = s * u[2] + t * v[2]
  const n = Math.sqrt(x * x + y * y + z * z)
  return n > 0 ? [x / n, y / n, z / n] : [0, 0, 0]
}
