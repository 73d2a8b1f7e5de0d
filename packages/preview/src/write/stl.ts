/**
 * A mesh as binary STL, in millimetres with Z up, as slicers expect it.
 *
 *   80 bytes   text, not starting with "solid"
 *   u32        number of triangles
 *   per triangle 50 bytes: normal, three corners (3 float32 each, counter-clockwise from outside), u16 0
 */
import type { Mesh } from '../reconstruct/mesh.ts'
import { byteWriter } from './byte-writer.ts'

const MILLIMETRES = 1000

/** Writes a mesh, or several as one. */
export function writeStl(meshes: readonly Mesh[]): Uint8Array<ArrayBuffer> {
  const triangles = meshes.reduce((sum, mesh) => sum + mesh.indices.length / 3, 0)
  const out = byteWriter(84 + triangles * 50)
  out.ascii('Gen3D, binary STL, millimetres, Z up'.padEnd(80))
  out.u32(triangles)
  for (const { positions, indices } of meshes) {
    // Manifest (x, y, z) is file (x, -z, y).
    const corner = (i: number): number[] => {
      const v = 3 * indices[i]
      return [positions[v] * MILLIMETRES, -positions[v + 2] * MILLIMETRES, positions[v + 1] * MILLIMETRES]
    }
    for (let i = 0; i < indices.length; i += 3) {
      const a = corner(i)
      const b = corner(i + 1)
      const c = corner(i + 2)
      const u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]]
      const v = [c[0] - a[0], c[1] - a[1], c[2] - a[2]]
      const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
      const length = Math.sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]) || 1
      for (const value of [n[0] / length, n[1] / length, n[2] / length, ...a, ...b, ...c]) out.f32(value)
      out.u16(0)
    }
  }
  return out.bytes
}
