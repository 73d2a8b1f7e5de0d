import type { Image, Mask } from '@gen3d/image/types'
import { describe, expect, it } from 'vitest'
import { type BuiltObject, buildObject, buildScene, type Mesh } from './reconstruct.ts'
import { rasterise } from './write/rasterise.ts'

type Inside = (x: number, y: number) => boolean

function maskOf(width: number, height: number, inside: Inside): Mask {
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[y * width + x] = inside(x, y) ? 1 : 0
  return { width, height, data }
}

/** Left half red, right half blue. */
function twoColours(width: number, height: number): Image {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < width * height; i++)
    data.set(i % width < width / 2 ? [220, 30, 30, 255] : [30, 30, 220, 255], 4 * i)
  return { width, height, data }
}

const disc =
  (cx: number, cy: number, r: number): Inside =>
  (x, y) =>
    (x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2 < r * r

/** Mulberry32: uniform numbers in [0, 1) from a 32-bit seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function islands(count: number, side: number): Inside {
  const random = seededRandom(7)
  const discs = Array.from({ length: count }, () => disc(random() * side, random() * side, 1 + 3 * random()))
  return (x, y) => discs.some((inside) => inside(x, y))
}

const SIDE = 160
const MASKS: Record<string, Inside> = {
  'a disc': disc(80, 80, 60),
  'a ring': (x, y) => disc(80, 80, 70)(x, y) && !disc(80, 80, 40)(x, y),
  'a box': (x, y) => x > 30 && x < 120 && y > 50 && y < 110,
  'an L': (x, y) => (x > 20 && x < 50 && y > 10 && y < 140) || (x > 20 && x < 130 && y > 110 && y < 140),
  'a checkerboard of pixels': (x, y) => ((x + y) & 1) === 0,
  'a checkerboard of tiles': (x, y) => (((x >> 4) + (y >> 4)) & 1) === 0,
  '500 islands': islands(500, SIDE),
  'one horizontal line': (_, y) => y === 77,
  'one diagonal line': (x, y) => x === y,
  'thin lines': (x, y) => x % 23 === 3 || y % 31 === 5,
  'one pixel': (x, y) => x === 40 && y === 90,
  'a pixel in the corner': (x, y) => x === 0 && y === 0,
  'two far pixels': (x, y) => (x === 0 && y === 0) || (x === SIDE - 1 && y === SIDE - 1),
  everything: () => true,
  'all but one pixel': (x, y) => x !== 80 || y !== 80,
  'half, at the border': (x) => x < 80,
}

/** Edges by the places of their ends: the number of faces in one direction and in the other. */
function edgesOf(mesh: Mesh): { good: boolean; volume: number } {
  const ids = new Map<string, number>()
  const { positions: p, indices } = mesh
  const id = Array.from({ length: p.length / 3 }, (_, i) => {
    const key = `${p[3 * i]},${p[3 * i + 1]},${p[3 * i + 2]}`
    const found = ids.get(key) ?? ids.size
    ids.set(key, found)
    return found
  })
  const edges = new Map<number, number>()
  let volume = 0
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t], indices[t + 1], indices[t + 2]]
    for (const [from, to] of [
      [id[a], id[b]],
      [id[b], id[c]],
      [id[c], id[a]],
    ]) {
      const key = from * ids.size + to
      edges.set(key, (edges.get(key) ?? 0) + 1)
    }
    const v = (i: number): number[] => [p[3 * i], p[3 * i + 1], p[3 * i + 2]]
    const [u, w, q] = [v(a), v(b), v(c)]
    volume +=
      (u[0] * (w[1] * q[2] - w[2] * q[1]) +
        u[1] * (w[2] * q[0] - w[0] * q[2]) +
        u[2] * (w[0] * q[1] - w[1] * q[0])) /
      6
  }
  let good = edges.size > 0
  for (const [key, count] of edges) {
    const back = (key % ids.size) * ids.size + Math.floor(key / ids.size)
    if (count !== 1 || edges.get(back) !== 1) good = false
  }
  return { good, volume }
}

function allFinite(object: BuiltObject): boolean {
  const { mesh, splat } = object
  const arrays = [
    mesh.positions,
    mesh.normals,
    mesh.uvs,
    splat.positions,
    splat.scales,
    splat.rotations,
    splat.colors,
  ]
  return arrays.every((values) => values.every((value) => Number.isFinite(value)))
}

function projectedIou(mesh: Mesh, mask: Mask, camera: Parameters<typeof rasterise>[1]): number {
  const picture = rasterise([mesh], camera)
  let both = 0
  let either = 0
  for (let i = 0; i < mask.data.length; i++) {
    const a = mask.data[i] !== 0
    const b = picture.data[4 * i + 3] > 0
    if (a && b) both++
    if (a || b) either++
  }
  return both / either
}

describe('buildObject', () => {
  for (const [name, inside] of Object.entries(MASKS)) {
    it(`makes a closed, outward, finite solid from ${name}`, () => {
      const mask = maskOf(SIDE, SIDE, inside)
      const begin = performance.now()
      const object = buildObject(twoColours(SIDE, SIDE), mask, { quality: 'draft' })
      const { good, volume } = edgesOf(object.mesh)
      expect(good).toBe(true)
      expect(volume).toBeGreaterThan(0)
      expect(allFinite(object)).toBe(true)
      expect(object.splat.count).toBeGreaterThan(0)
      expect(performance.now() - begin).toBeLessThan(10_000)
    })
  }

  for (const name of [
    'a disc',
    'a ring',
    'a box',
    'an L',
    'one pixel',
    'everything',
    'half, at the border',
  ]) {
    it(`gives the mask of ${name} back through its camera`, () => {
      const mask = maskOf(SIDE, SIDE, MASKS[name])
      const { mesh, camera } = buildObject(twoColours(SIDE, SIDE), mask, { quality: 'standard' })
      expect(projectedIou(mesh, mask, camera)).toBeGreaterThanOrEqual(0.97)
    })
  }

  it('keeps the photo upright and unmirrored: red at -x, the top of the mask at +y', () => {
    const mask = maskOf(200, 100, (x, y) => x > 40 && x < 160 && y > 20 && (y < 80 || (x > 90 && x < 110)))
    const { mesh, bounds } = buildObject(twoColours(200, 100), mask, { quality: 'draft', textureSize: 256 })
    let red = 0
    let blue = 0
    for (let i = 0; i < mesh.positions.length / 3; i++) {
      if (mesh.normals[3 * i + 2] < 0.3 || Math.abs(mesh.positions[3 * i]) < 0.1) continue
      const u = Math.min(255, Math.floor(mesh.uvs[2 * i] * 256))
      const v = Math.min(255, Math.floor(mesh.uvs[2 * i + 1] * 256))
      const o = 4 * (v * 256 + u)
      const isRed = mesh.texture.data[o] > mesh.texture.data[o + 2]
      if (isRed === mesh.positions[3 * i] < 0) red++
      else blue++
    }
    expect(red).toBeGreaterThan(100)
    expect(blue).toBe(0)
    // The narrow foot of the mask is below: the lowest vertices are near the middle.
    let widestLow = 0
    for (let i = 0; i < mesh.positions.length; i += 3)
      if (mesh.positions[i + 1] < bounds.min[1] + 0.05 * (bounds.max[1] - bounds.min[1]))
        widestLow = Math.max(widestLow, Math.abs(mesh.positions[i]))
    expect(widestLow).toBeLessThan(0.3)
  })

  it('stands on the ground with its largest extent 1 metre', () => {
    const { bounds } = buildObject(twoColours(SIDE, SIDE), maskOf(SIDE, SIDE, MASKS['a disc']), {
      quality: 'draft',
    })
    expect(bounds.min[1]).toBeCloseTo(0, 5)
    expect(bounds.min[0] + bounds.max[0]).toBeCloseTo(0, 5)
    expect(bounds.min[2] + bounds.max[2]).toBeCloseTo(0, 5)
    expect(Math.max(...[0, 1, 2].map((d) => bounds.max[d] - bounds.min[d]))).toBeCloseTo(1, 5)
  })

  it('keeps a hole as a hole', () => {
    const { mesh, camera } = buildObject(twoColours(SIDE, SIDE), maskOf(SIDE, SIDE, MASKS['a ring']), {
      quality: 'draft',
    })
    expect(rasterise([mesh], camera).data[4 * (80 * SIDE + 80) + 3]).toBe(0)
  })

  it('follows the wanted numbers of triangles, texels and gaussians', () => {
    const mask = maskOf(SIDE, SIDE, MASKS['a disc'])
    const { mesh, splat } = buildObject(twoColours(SIDE, SIDE), mask, {
      quality: 'draft',
      targetTriangles: 8000,
      textureSize: 300,
    })
    expect(mesh.texture.width).toBe(300)
    expect(mesh.indices.length / 3).toBeGreaterThan(6000)
    expect(mesh.indices.length / 3).toBeLessThan(10_000)
    expect(splat.count).toBeGreaterThan(18_000)
    expect(splat.count).toBeLessThan(22_000)
  })

  it('refuses an empty mask and a mask of another size', () => {
    const photo = twoColours(20, 10)
    expect(() =>
      buildObject(
        photo,
        maskOf(20, 10, () => false),
        { quality: 'draft' },
      ),
    ).toThrow(expect.objectContaining({ code: 'mask_empty' }))
    expect(() =>
      buildObject(
        photo,
        maskOf(10, 20, () => true),
        { quality: 'draft' },
      ),
    ).toThrow(expect.objectContaining({ code: 'mask_size_mismatch' }))
  })
})

describe('buildScene', () => {
  it('places objects as seen: all reproject through one camera, on one ground', async () => {
    const photo = twoColours(200, 160)
    const masks = [maskOf(200, 160, disc(50, 100, 30)), maskOf(200, 160, disc(150, 90, 20))]
    const { objects, camera } = await buildScene(photo, masks, { quality: 'draft' }, async () => {})
    objects.forEach((object, i) => {
      expect(projectedIou(object.mesh, masks[i], camera)).toBeGreaterThanOrEqual(0.97)
      expect(object.bounds.min[1]).toBeCloseTo(0, 4)
    })
    expect(objects[0].bounds.max[0]).toBeLessThan(objects[1].bounds.min[0])
  })

  it('ends with the error of its listener', async () => {
    const cancelled = new Error('cancelled')
    const work = buildScene(
      twoColours(50, 50),
      [maskOf(50, 50, () => true)],
      { quality: 'draft' },
      async () => {
        throw cancelled
      },
    )
    await expect(work).rejects.toBe(cancelled)
  })
})
