import type { Image, Mask } from '@gen3d/image/types'
import { describe, expect, it } from 'vitest'
import { buildObject, type Mesh } from '../reconstruct.ts'

const SIZE = 320
const YAW = 0.6
const PITCH = 0.35
/** Half of width, height and depth. */
const HALF = [0.2, 0.15, 0.1] as const
/** The lens that the engine assumes: 45 degrees over the photo's side. */
const FOCAL = (SIZE / 2) * (1 + Math.SQRT2)

/** The outline of an upright box, a metre away. */
function boxMask(): Mask {
  const [cy, sy, cp, sp] = [Math.cos(YAW), Math.sin(YAW), Math.cos(PITCH), Math.sin(PITCH)]
  const corners = Array.from({ length: 8 }, (_, i) => {
    const [a, b, c] = HALF.map((half, d) => ((i >> d) & 1 ? half : -half))
    const [x, z] = [cy * a + sy * c, -sy * a + cy * c]
    const depth = 1 - (sp * b + cp * z)
    return [SIZE / 2 + (FOCAL * x) / depth, SIZE / 2 - (FOCAL * (cp * b - sp * z)) / depth] as const
  })
  // Inside the convex hull: no direction in which the point lies beyond all corners.
  const directions = Array.from(
    { length: 720 },
    (_, k) => [Math.cos(k / 114.59), Math.sin(k / 114.59)] as const,
  )
  const reach = directions.map(([u, v]) => Math.max(...corners.map(([x, y]) => u * x + v * y)))
  return maskOf((x, y) => directions.every(([u, v], k) => u * x + v * y <= reach[k]))
}

function maskOf(inside: (x: number, y: number) => boolean): Mask {
  const data = new Uint8Array(SIZE * SIZE)
  for (let i = 0; i < data.length; i++) data[i] = inside((i % SIZE) + 0.5, Math.floor(i / SIZE) + 0.5) ? 1 : 0
  return { width: SIZE, height: SIZE, data }
}

function meshOf(mask: Mask): Mesh {
  const photo: Image = {
    width: SIZE,
    height: SIZE,
    data: new Uint8ClampedArray(SIZE * SIZE * 4).fill(180),
  }
  return buildObject(photo, mask, { quality: 'draft' }).mesh
}

/** Part of the area whose normal is within 8 degrees of one of the box's own axes. */
function alongAxes({ positions: p, indices }: Mesh): number {
  const axes = [
    [Math.cos(YAW), 0, -Math.sin(YAW)],
    [0, 1, 0],
    [Math.sin(YAW), 0, Math.cos(YAW)],
  ]
  let along = 0
  let all = 0
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => p.subarray(3 * indices[t + k], 3 * indices[t + k] + 3))
    const [u, v] = [b, c].map((q) => [q[0] - a[0], q[1] - a[1], q[2] - a[2]])
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    const area = Math.hypot(...n)
    if (area === 0) continue
    all += area
    const cosine = Math.max(
      ...axes.map((axis) => Math.abs(axis[0] * n[0] + axis[1] * n[1] + axis[2] * n[2]) / area),
    )
    if (cosine > Math.cos((8 * Math.PI) / 180)) along += area
  }
  return along / all
}

describe('a box', () => {
  it('stays a box: flat faces at right angles, upright, with its own sides', () => {
    const mesh = meshOf(boxMask())
    expect(alongAxes(mesh)).toBeGreaterThan(0.9)
    const extents = [
      [Math.cos(YAW), 0, -Math.sin(YAW)],
      [0, 1, 0],
      [Math.sin(YAW), 0, Math.cos(YAW)],
    ].map((axis) => {
      let [low, high] = [Infinity, -Infinity]
      for (let i = 0; i < mesh.positions.length; i += 3) {
        const value =
          axis[0] * mesh.positions[i] + axis[1] * mesh.positions[i + 1] + axis[2] * mesh.positions[i + 2]
        low = Math.min(low, value)
        high = Math.max(high, value)
      }
      return high - low
    })
    expect(extents[0] / extents[1]).toBeCloseTo(HALF[0] / HALF[1], 1)
    expect(extents[2] / extents[1]).toBeCloseTo(HALF[2] / HALF[1], 1)
  })

  it('is not seen in a disc, nor in a can, whose lower edge is round', () => {
    const disc = maskOf((x, y) => Math.hypot(x - 160, y - 160) < 100)
    const can = maskOf(
      (x, y) =>
        Math.abs(x - 160) < 60 &&
        y > 90 - 18 * Math.sqrt(Math.max(0, 1 - ((x - 160) / 60) ** 2)) &&
        y < 220 + 22 * Math.sqrt(Math.max(0, 1 - ((x - 160) / 60) ** 2)),
    )
    for (const mask of [disc, can]) expect(alongAxes(meshOf(mask))).toBeLessThan(0.5)
  })
})
