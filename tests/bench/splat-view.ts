/**
 * A simple drawing of Gaussian splats for the gallery, after the usual recipe: each gaussian's covariance is projected
 * by the camera's derivative at its centre, then drawn back to front. No claim to be anybody's viewer.
 */
import type { Image } from '@gen3d/image/types'
import type { Splat } from '@gen3d/preview/reconstruct'
import type { Camera } from '@gen3d/shared/frames'

/** Pixels, squared: what renderers add so that no gaussian falls between the pixels. */
const LOW_PASS = 0.3
/** Deviations that are drawn. */
const REACH = 3

/** Draws splats as a camera sees them; alpha 0 where nothing is. */
export function drawSplat(splat: Splat, camera: Camera): Image {
  const { width, height } = camera
  const m = camera.objectToCamera
  const depths = new Float32Array(splat.count)
  for (let i = 0; i < splat.count; i++) {
    const [x, y, z] = splat.positions.subarray(3 * i, 3 * i + 3)
    depths[i] = -(m[2] * x + m[6] * y + m[10] * z + m[14])
  }
  const order = Uint32Array.from(depths.keys()).sort((a, b) => depths[b] - depths[a])
  const colours = new Float32Array(4 * width * height)
  for (const i of order) if (depths[i] > 0) drawOne(splat, i, depths[i], camera, colours)
  const data = new Uint8ClampedArray(4 * width * height)
  for (let o = 0; o < data.length; o += 4) {
    const alpha = colours[o + 3]
    if (alpha === 0) continue
    for (let k = 0; k < 3; k++) data[o + k] = (255 * colours[o + k]) / alpha
    data[o + 3] = 255 * alpha
  }
  return { width, height, data }
}

function drawOne(splat: Splat, i: number, depth: number, camera: Camera, out: Float32Array): void {
  const { fx, fy, cx, cy, width, height, objectToCamera: m } = camera
  const [x, y, z] = splat.positions.subarray(3 * i, 3 * i + 3)
  const px = m[0] * x + m[4] * y + m[8] * z + m[12]
  const py = m[1] * x + m[5] * y + m[9] * z + m[13]
  const u = cx + (fx * px) / depth
  const v = cy - (fy * py) / depth
  // Rows of the projection's derivative by the manifest's x, y, z.
  const du = [0, 1, 2].map((c) => (fx / depth) * (m[4 * c] + (px / depth) * m[4 * c + 2]))
  const dv = [0, 1, 2].map((c) => -(fy / depth) * (m[4 * c + 1] + (py / depth) * m[4 * c + 2]))
  let [a, b, c] = [LOW_PASS, 0, LOW_PASS]
  for (const axis of axesOf(splat, i)) {
    const s = du[0] * axis[0] + du[1] * axis[1] + du[2] * axis[2]
    const t = dv[0] * axis[0] + dv[1] * axis[1] + dv[2] * axis[2]
    a += s * s
    b += s * t
    c += t * t
  }
  const determinant = a * c - b * b
  const [rx, ry] = [REACH * Math.sqrt(a), REACH * Math.sqrt(c)]
  const [red, green, blue] = splat.colors.subarray(3 * i, 3 * i + 3)
  for (let py = Math.max(0, Math.ceil(v - ry - 0.5)); py <= Math.min(height - 1, v + ry - 0.5); py++) {
    for (let px = Math.max(0, Math.ceil(u - rx - 0.5)); px <= Math.min(width - 1, u + rx - 0.5); px++) {
      const [dx, dy] = [px + 0.5 - u, py + 0.5 - v]
      const power = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant
      const alpha = Math.min(0.99, splat.opacities[i] * Math.exp(-power / 2))
      if (alpha < 1 / 255) continue
      const o = 4 * (py * width + px)
      out[o] = out[o] * (1 - alpha) + red * alpha
      out[o + 1] = out[o + 1] * (1 - alpha) + green * alpha
      out[o + 2] = out[o + 2] * (1 - alpha) + blue * alpha
      out[o + 3] = out[o + 3] * (1 - alpha) + alpha
    }
  }
}

/** A gaussian's three axes, each as long as its deviation, in the manifest's frame. */
function axesOf({ rotations, scales }: Splat, i: number): readonly (readonly number[])[] {
  const [w, x, y, z] = rotations.subarray(4 * i, 4 * i + 4)
  const [s0, s1, s2] = scales.subarray(3 * i, 3 * i + 3)
  return [
    [s0 * (1 - 2 * (y * y + z * z)), s0 * 2 * (x * y + w * z), s0 * 2 * (x * z - w * y)],
    [s1 * 2 * (x * y - w * z), s1 * (1 - 2 * (x * x + z * z)), s1 * 2 * (y * z + w * x)],
    [s2 * 2 * (x * z + w * y), s2 * 2 * (y * z - w * x), s2 * (1 - 2 * (x * x + y * y))],
  ]
}
