/** The solid as a mesh for files: metres in the manifest's frame, normals, texture coordinates. */
import type { Image } from '@gen3d/image/types'
import type { Atlas } from './atlas.ts'
import type { Placement } from './camera.ts'
import type { OutlineMesh } from './outline-mesh.ts'
import { shadingNormals } from './shading-normals.ts'
import type { Solid } from './solid.ts'

export interface Mesh {
  /** x, y, z per vertex, metres, manifest's frame. Vertices at one place are repeated where normal or texture differ. */
  readonly positions: Float32Array
  readonly normals: Float32Array
  /** u, v per vertex, from the texture's top left corner, 0-1. */
  readonly uvs: Float32Array
  readonly indices: Uint32Array
  readonly texture: Image
}

export interface Bounds {
  readonly min: readonly number[]
  readonly max: readonly number[]
}

export function boundsOf(positions: ArrayLike<number>): Bounds {
  const min = [Infinity, Infinity, Infinity]
  const max = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < positions.length; i++) {
    const d = i % 3
    if (positions[i] < min[d]) min[d] = positions[i]
    if (positions[i] > max[d]) max[d] = positions[i]
  }
  return { min, max }
}

export function buildMesh(
  solid: Solid,
  outline: OutlineMesh,
  atlas: Atlas,
  placement: Placement,
  scale: number,
): Mesh {
  const count = outline.corners.length
  const points = new Float32Array(solid.points.length)
  for (let i = 0; i < points.length; i += 3) {
    const p = placement.toManifest(
      scale * solid.points[i],
      scale * solid.points[i + 1],
      scale * solid.points[i + 2],
    )
    points[i] = p[0]
    points[i + 1] = p[1]
    points[i + 2] = p[2]
  }
  const { group, normals, vertex } = shadingNormals(points, solid.triangles)
  const groups = vertex.length
  // Two charts a group at most: the picture of its own sheet, or, on the wall, the front's.
  const made = new Int32Array(groups * 2).fill(-1)
  const indices = new Uint32Array(solid.triangles.length)
  const source: number[] = []
  for (let k = 0; k < indices.length; k++) {
    const triangle = Math.floor(k / 3)
    const chart = triangle < solid.sheetTriangles || triangle >= 2 * solid.sheetTriangles ? 0 : 1
    const key = group[k] * 2 + chart
    if (made[key] < 0) {
      made[key] = source.length
      source.push(key)
    }
    indices[k] = made[key]
  }
  const positions = new Float32Array(source.length * 3)
  const own = new Float32Array(source.length * 3)
  const uvs = new Float32Array(source.length * 2)
  const side = atlas.image.width
  for (let i = 0; i < source.length; i++) {
    const g = source[i] >> 1
    const v = vertex[g]
    const offset = (source[i] & 1) === 0 ? atlas.front : atlas.back
    const flat = v < count ? v : v - count
    for (let d = 0; d < 3; d++) {
      positions[3 * i + d] = points[3 * v + d]
      own[3 * i + d] = normals[3 * g + d]
    }
    for (let d = 0; d < 2; d++)
      uvs[2 * i + d] = (outline.positions[2 * flat + d] * atlas.scale + offset[d]) / side
  }
  return { positions, normals: own, uvs, indices, texture: atlas.image }
}
