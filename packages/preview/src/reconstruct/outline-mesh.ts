/**
 * The silhouette as a flat mesh of cells (marching squares), from which the two sheets of the object are made.
 * Corners inside are inner vertices; where a grid edge crosses the outline there is a rim vertex. Rim vertices keep
 * a tenth of a cell from the corners, so that no two vertices meet and no triangle is empty.
 */
import { clamp } from './arithmetic.ts'
import type { Silhouette } from './silhouette.ts'

export interface OutlineMesh {
  /** Pixel positions x, y per vertex. */
  readonly positions: Float64Array
  /** Grid corner of an inner vertex, -1 for rim vertices. */
  readonly corners: Int32Array
  /** Counter-clockwise as seen in the photo with y up. */
  readonly triangles: Uint32Array
  /** Pairs of rim vertices; the object lies to the left of each, y up. */
  readonly rim: Uint32Array
}

const MARGIN = 0.1

export function meshOutline(s: Silhouette): OutlineMesh {
  const { columns, rows, cell, field } = s
  const stride = columns + 1
  const total = stride * (rows + 1)
  const cornerVertex = new Int32Array(total).fill(-1)
  const acrossVertex = new Int32Array(total).fill(-1)
  const downVertex = new Int32Array(total).fill(-1)
  const positions: number[] = []
  const corners: number[] = []
  const triangles: number[] = []
  const rim: number[] = []
  const put = (x: number, y: number, corner: number): number => {
    positions.push(s.x0 + x * cell, s.y0 + y * cell)
    corners.push(corner)
    return corners.length - 1
  }
  const atCorner = (i: number, j: number): number => {
    const o = j * stride + i
    if (cornerVertex[o] < 0) cornerVertex[o] = put(i, j, o)
    return cornerVertex[o]
  }
  const crossing = (a: number, b: number): number =>
    clamp(field[a] / (field[a] - field[b]), MARGIN, 1 - MARGIN)
  const onAcross = (i: number, j: number): number => {
    const a = j * stride + i
    if (acrossVertex[a] < 0)
      acrossVertex[a] =
        field[a] >= 0 ? put(i + crossing(a, a + 1), j, -1) : put(i + 1 - crossing(a + 1, a), j, -1)
    return acrossVertex[a]
  }
  const onDown = (i: number, j: number): number => {
    const a = j * stride + i
    const b = a + stride
    if (downVertex[a] < 0)
      downVertex[a] = field[a] >= 0 ? put(i, j + crossing(a, b), -1) : put(i, j + 1 - crossing(b, a), -1)
    return downVertex[a]
  }

  const polygon = (points: number[]): void => {
    for (let k = 0; k < points.length; k++) {
      const a = points[k]
      const b = points[(k + 1) % points.length]
      if (corners[a] < 0 && corners[b] < 0) rim.push(a, b)
    }
    for (let k = 1; k + 1 < points.length; k++) triangles.push(points[0], points[k], points[k + 1])
  }

  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const o = j * stride + i
      // Counter-clockwise with y up: bottom left, bottom right, top right, top left (rows count downwards).
      const at = [o + stride, o + stride + 1, o + 1, o]
      const inside = at.map((c) => field[c] >= 0)
      const count = Number(inside[0]) + Number(inside[1]) + Number(inside[2]) + Number(inside[3])
      if (count === 0) continue
      if (count === 4) {
        const points = [atCorner(i, j + 1), atCorner(i + 1, j + 1), atCorner(i + 1, j), atCorner(i, j)]
        // Alternating diagonals leave no grain in the shading.
        const start = (i + j) & 1
        triangles.push(points[start], points[start + 1], points[start + 2])
        triangles.push(points[start], points[start + 2], points[(start + 3) & 3])
        continue
      }
      const corner = [
        () => atCorner(i, j + 1),
        () => atCorner(i + 1, j + 1),
        () => atCorner(i + 1, j),
        () => atCorner(i, j),
      ]
      const edge = [
        () => onAcross(i, j + 1),
        () => onDown(i + 1, j),
        () => onAcross(i, j),
        () => onDown(i, j),
      ]
      const saddle = count === 2 && inside[0] === inside[2]
      const middle = field[at[0]] + field[at[1]] + field[at[2]] + field[at[3]]
      if (saddle && middle < 0) {
        for (let k = 0; k < 4; k++) if (inside[k]) polygon([corner[k](), edge[k](), edge[(k + 3) & 3]()])
        continue
      }
      const points: number[] = []
      for (let k = 0; k < 4; k++) {
        if (inside[k]) points.push(corner[k]())
        if (inside[k] !== inside[(k + 1) & 3]) points.push(edge[k]())
      }
      polygon(points)
    }
  }
  return {
    positions: Float64Array.from(positions),
    corners: Int32Array.from(corners),
    triangles: Uint32Array.from(triangles),
    rim: Uint32Array.from(rim),
  }
}
