/** A small renderer: textured triangles with a depth buffer, for posters and for checks of the camera. */
import type { Camera } from '@gen3d/shared/frames'
import type { Mesh } from '../reconstruct/mesh.ts'

export interface Picture {
  readonly width: number
  readonly height: number
  /** RGBA; alpha 0 where nothing is. */
  readonly data: Uint8ClampedArray<ArrayBuffer>
}

const NEAR = 1e-3

/** Draws the meshes as the camera sees them; pixels are covered where their centre is. */
export function rasterise(meshes: readonly Mesh[], camera: Camera): Picture {
  const { width, height, objectToCamera: m } = camera
  const data = new Uint8ClampedArray(width * height * 4)
  const nearest = new Float64Array(width * height)
  for (const mesh of meshes) {
    const count = mesh.positions.length / 3
    // Per vertex: pixel x, pixel y, 1 / depth.
    const screen = new Float64Array(count * 3)
    for (let i = 0; i < count; i++) {
      const x = mesh.positions[3 * i]
      const y = mesh.positions[3 * i + 1]
      const z = mesh.positions[3 * i + 2]
      const cx = m[0] * x + m[4] * y + m[8] * z + m[12]
      const cy = m[1] * x + m[5] * y + m[9] * z + m[13]
      const depth = -(m[2] * x + m[6] * y + m[10] * z + m[14])
      const inverse = depth > NEAR ? 1 / depth : 0
      screen[3 * i] = camera.cx + camera.fx * cx * inverse
      screen[3 * i + 1] = camera.cy - camera.fy * cy * inverse
      screen[3 * i + 2] = inverse
    }
    for (let t = 0; t < mesh.indices.length; t += 3)
      drawTriangle(
        mesh,
        screen,
        mesh.indices[t],
        mesh.indices[t + 1],
        mesh.indices[t + 2],
        width,
        height,
        data,
        nearest,
      )
  }
  return { width, height, data }
}

function drawTriangle(
  mesh: Mesh,
  screen: Float64Array,
  a: number,
  b: number,
  c: number,
  width: number,
  height: number,
  data: Uint8ClampedArray,
  nearest: Float64Array,
): void {
  const ia = screen[3 * a + 2]
  const ib = screen[3 * b + 2]
  const ic = screen[3 * c + 2]
  if (ia === 0 || ib === 0 || ic === 0) return
  const ax = screen[3 * a]
  const ay = screen[3 * a + 1]
  const bx = screen[3 * b]
  const by = screen[3 * b + 1]
  const cx = screen[3 * c]
  const cy = screen[3 * c + 1]
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
  // Pixels count downwards: faces turned to the viewer have a negative area; the others lie behind.
  if (!(area < 0)) return
  const x0 = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5))
  const x1 = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx) - 0.5))
  const y0 = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5))
  const y1 = Math.min(height - 1, Math.floor(Math.max(ay, by, cy) - 0.5))
  const { uvs, texture } = mesh
  const side = texture.width
  for (let y = y0; y <= y1; y++) {
    const py = y + 0.5
    for (let x = x0; x <= x1; x++) {
      const px = x + 0.5
      const wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
      const wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
      const wc = 1 - wa - wb
      if (wa < 0 || wb < 0 || wc < -1e-12) continue
      const inverse = wa * ia + wb * ib + wc * ic
      const o = y * width + x
      if (inverse <= nearest[o]) continue
      nearest[o] = inverse
      const u = (wa * ia * uvs[2 * a] + wb * ib * uvs[2 * b] + wc * ic * uvs[2 * c]) / inverse
      const v = (wa * ia * uvs[2 * a + 1] + wb * ib * uvs[2 * b + 1] + wc * ic * uvs[2 * c + 1]) / inverse
      sample(texture, u * side - 0.5, v * texture.height - 0.5, data, 4 * o)
    }
  }
}

function sample(texture: Mesh['texture'], x: number, y: number, out: Uint8ClampedArray, o: number): void {
  const { width, height, data } = texture
  const i0 = Math.max(0, Math.min(width - 1, Math.floor(x)))
  const j0 = Math.max(0, Math.min(height - 1, Math.floor(y)))
  const i1 = Math.min(width - 1, i0 + 1)
  const j1 = Math.min(height - 1, j0 + 1)
  const u = Math.max(0, Math.min(1, x - i0))
  const v = Math.max(0, Math.min(1, y - j0))
  for (let k = 0; k < 3; k++) {
    const top = data[4 * (j0 * width + i0) + k] * (1 - u) + data[4 * (j0 * width + i1) + k] * u
    const bottom = data[4 * (j1 * width + i0) + k] * (1 - u) + data[4 * (j1 * width + i1) + k] * u
    out[o + k] = top * (1 - v) + bottom * v
  }
  out[o + 3] = 255
}
