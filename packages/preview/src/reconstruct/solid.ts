/**
 * The closed surface: the outline mesh once as front sheet and once as back sheet, joined by a wall along the rim.
 * Each edge lies in exactly two triangles, because each edge of the outline mesh lies in two of its triangles or on
 * the rim, where the wall is the second.
 */
import { type Lens, unproject } from './camera.ts'
import type { OutlineMesh } from './outline-mesh.ts'
import type { Relief } from './relief.ts'

export interface Solid {
  /** Camera-frame points, x, y, z; the middle about one unit away. First all of the front sheet, then of the back. */
  readonly points: Float64Array
  /** Counter-clockwise seen from outside: the front sheet's, the back sheet's, the wall's. */
  readonly triangles: Uint32Array
  /** Triangles of the front sheet; as many form the back sheet, the rest the wall. */
  readonly sheetTriangles: number
}

export function buildSolid(outline: OutlineMesh, relief: Relief, lens: Lens): Solid {
  const count = outline.corners.length
  const points = new Float64Array(count * 6)
  for (let v = 0; v < count; v++) {
    const x = outline.positions[2 * v]
    const y = outline.positions[2 * v + 1]
    const front = unproject(lens, x, y, relief.front[v])
    const back = unproject(lens, x, y, relief.back[v])
    for (let d = 0; d < 3; d++) {
      points[3 * v + d] = front[d]
      points[3 * (count + v) + d] = back[d]
    }
  }
  const sheet = outline.triangles.length
  const triangles = new Uint32Array(2 * sheet + 3 * outline.rim.length)
  triangles.set(outline.triangles, 0)
  for (let i = 0; i < sheet; i += 3) {
    triangles[sheet + i] = outline.triangles[i] + count
    triangles[sheet + i + 1] = outline.triangles[i + 2] + count
    triangles[sheet + i + 2] = outline.triangles[i + 1] + count
  }
  for (let i = 0, o = 2 * sheet; i < outline.rim.length; i += 2, o += 6) {
    const a = outline.rim[i]
    const b = outline.rim[i + 1]
    triangles.set([b, a, a + count, b, a + count, b + count], o)
  }
  return { points, triangles, sheetTriangles: sheet / 3 }
}
