/** Normals that are smooth where the surface is smooth and split where it is sharp. */

export interface CornerNormals {
  /** Per corner of a triangle (three each) the group that it belongs to. */
  readonly group: Uint32Array
  /** Per group the unit normal and the vertex that it belongs to. */
  readonly normals: Float32Array
  readonly vertex: Uint32Array
}

/** Faces whose normals meet at less than this (cosine of 50 degrees) share a normal. */
const CREASE = 0.64

export function shadingNormals(points: ArrayLike<number>, triangles: Uint32Array): CornerNormals {
  const vertices = points.length / 3
  const faces = triangles.length / 3
  // Cross products: twice the area times the normal, so that large faces count more.
  const cross = new Float64Array(triangles.length)
  const inverse = new Float64Array(faces)
  const start = new Uint32Array(vertices + 1)
  for (let f = 0; f < faces; f++) {
    const a = triangles[3 * f] * 3
    const b = triangles[3 * f + 1] * 3
    const c = triangles[3 * f + 2] * 3
    const ux = points[b] - points[a]
    const uy = points[b + 1] - points[a + 1]
    const uz = points[b + 2] - points[a + 2]
    const vx = points[c] - points[a]
    const vy = points[c + 1] - points[a + 1]
    const vz = points[c + 2] - points[a + 2]
    const x = uy * vz - uz * vy
    const y = uz * vx - ux * vz
    const z = ux * vy - uy * vx
    const length = Math.sqrt(x * x + y * y + z * z)
    cross[3 * f] = x
    cross[3 * f + 1] = y
    cross[3 * f + 2] = z
    inverse[f] = length > 0 ? 1 / length : 0
  }
  for (let k = 0; k < triangles.length; k++) start[triangles[k] + 1]++
  for (let v = 0; v < vertices; v++) start[v + 1] += start[v]
  const fill = start.slice(0, vertices)
  const corners = new Uint32Array(triangles.length)
  for (let k = 0; k < triangles.length; k++) corners[fill[triangles[k]]++] = k

  const group = new Uint32Array(triangles.length)
  const normals: number[] = []
  const vertex: number[] = []
  // Sums of the groups at one vertex; few vertices have more than three.
  let sums: number[] = []
  for (let v = 0; v < vertices; v++) {
    sums = []
    const first = vertex.length
    for (let i = start[v]; i < start[v + 1]; i++) {
      const f = Math.floor(corners[i] / 3)
      const x = cross[3 * f]
      const y = cross[3 * f + 1]
      const z = cross[3 * f + 2]
      let chosen = -1
      let best = CREASE
      for (let g = 0; g < sums.length; g += 3) {
        const sx = sums[g]
        const sy = sums[g + 1]
        const sz = sums[g + 2]
        const cosine = ((x * sx + y * sy + z * sz) * inverse[f]) / Math.sqrt(sx * sx + sy * sy + sz * sz)
        if (cosine > best) {
          best = cosine
          chosen = g / 3
        }
      }
      if (chosen < 0) {
        chosen = sums.length / 3
        sums.push(0, 0, 0)
        vertex.push(v)
      }
      sums[3 * chosen] += x
      sums[3 * chosen + 1] += y
      sums[3 * chosen + 2] += z
      group[corners[i]] = first + chosen
    }
    for (let g = 0; g < sums.length; g += 3) {
      const length = Math.sqrt(sums[g] * sums[g] + sums[g + 1] * sums[g + 1] + sums[g + 2] * sums[g + 2])
      if (length > 0) normals.push(sums[g] / length, sums[g + 1] / length, sums[g + 2] / length)
      else normals.push(0, 0, 1)
    }
  }
  return { group, normals: Float32Array.from(normals), vertex: Uint32Array.from(vertex) }
}
