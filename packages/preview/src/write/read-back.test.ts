/** Every file, as readers that are not ours read it, seen by the manifest's camera: it must cover the mask. */
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import type { Mask } from '@gen3d/image/types'
import type { FileFormat } from '@gen3d/shared/formats'
import type { Camera } from '@gen3d/shared/frames'
import { decode as decodePng } from 'fast-png'
import { describe, expect, it } from 'vitest'
import { createPreviewEngine, PREVIEW_FORMATS } from '../engine.ts'
import { MESH_READERS, type ReadMesh, type ReadSplat, SPLAT_READERS } from './foreign-readers.fixture.ts'

const WIDTH = 480
const HEIGHT = 360
const LEAST_IOU = 0.95

function maskOf(inside: (x: number, y: number) => boolean): Mask {
  const data = new Uint8Array(WIDTH * HEIGHT)
  for (let i = 0; i < data.length; i++)
    data[i] = inside((i % WIDTH) + 0.5, Math.floor(i / WIDTH) + 0.5) ? 1 : 0
  return { width: WIDTH, height: HEIGHT, data }
}

/** A disc with a foot and an arm to the right: no mirror image or turn of it is itself. */
const THING = maskOf(
  (x, y) =>
    (x - 160) ** 2 + (y - 140) ** 2 < 90 ** 2 ||
    (x > 140 && x < 180 && y > 140 && y < 320) ||
    (x > 160 && x < 300 && y > 100 && y < 132),
)
const RING = maskOf((x, y) => {
  const r = Math.hypot(x - 380, y - 240)
  return r < 72 && r > 32
})
const BOTH = maskOf(
  (x, y) =>
    THING.data[Math.floor(y) * WIDTH + Math.floor(x)] + RING.data[Math.floor(y) * WIDTH + Math.floor(x)] > 0,
)

const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 4)
for (let i = 0; i < WIDTH * HEIGHT; i++) pixels.set([200 - (i % 120), 90, i % 200, 255], 4 * i)
const result = await createPreviewEngine().reconstruct(
  {
    photo: encodeJpeg({ width: WIDTH, height: HEIGHT, data: pixels }, 90),
    masks: [THING, RING].map((mask, i) => ({ name: `thing ${i}`, png: writeMaskPng(mask) })),
    options: { formats: PREVIEW_FORMATS, quality: 'draft', seed: 1, textureSize: 128, targetTriangles: 6000 },
  },
  { progress: async () => {} },
)

function fileOf(files: readonly { format: FileFormat; bytes: Uint8Array }[], format: FileFormat): Uint8Array {
  const file = files.find((one) => one.format === format)
  if (!file) throw new Error(`no ${format}`)
  return file.bytes
}

function project(camera: Camera, p: ArrayLike<number>, at: number): [number, number, number] {
  const m = camera.objectToCamera
  const [x, y, z] = [0, 1, 2].map(
    (r) => m[r] * p[at] + m[4 + r] * p[at + 1] + m[8 + r] * p[at + 2] + m[12 + r],
  )
  return [camera.cx + (camera.fx * x) / -z, camera.cy - (camera.fy * y) / -z, -z]
}

/** Pixels whose middle lies in a triangle. */
function coverMesh({ corners }: ReadMesh, camera: Camera): Uint8Array {
  const covered = new Uint8Array(WIDTH * HEIGHT)
  for (let t = 0; t < corners.length; t += 9) {
    const [[ax, ay], [bx, by], [cx, cy]] = [0, 3, 6].map((k) => project(camera, corners, t + k))
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if (area === 0) continue
    for (let y = Math.floor(Math.min(ay, by, cy)); y <= Math.max(ay, by, cy); y++)
      for (let x = Math.floor(Math.min(ax, bx, cx)); x <= Math.max(ax, bx, cx); x++) {
        const u = ((cx - bx) * (y + 0.5 - by) - (cy - by) * (x + 0.5 - bx)) / area
        const v = ((ax - cx) * (y + 0.5 - cy) - (ay - cy) * (x + 0.5 - cx)) / area
        if (u >= 0 && v >= 0 && u + v <= 1 && x >= 0 && y >= 0 && x < WIDTH && y < HEIGHT)
          covered[y * WIDTH + x] = 1
      }
  }
  return covered
}

/** Pixels of which the gaussians, drawn as usual, let through less than a half. */
function coverSplat({ centres, covariances, opacities }: ReadSplat, camera: Camera): Uint8Array {
  const through = new Float64Array(WIDTH * HEIGHT).fill(1)
  const m = camera.objectToCamera
  for (let i = 0; i < opacities.length; i++) {
    const [u, v, depth] = project(camera, centres, 3 * i)
    const [x, y] = [(u - camera.cx) / camera.fx, (camera.cy - v) / camera.fy]
    const du = [0, 1, 2].map((c) => (camera.fx / depth) * (m[4 * c] + x * m[4 * c + 2]))
    const dv = [0, 1, 2].map((c) => -(camera.fy / depth) * (m[4 * c + 1] + y * m[4 * c + 2]))
    const [xx, xy, xz, yy, yz, zz] = covariances.subarray(6 * i, 6 * i + 6)
    const times = ([a, b, c]: number[], [d, e, f]: number[]): number =>
      a * (xx * d + xy * e + xz * f) + b * (xy * d + yy * e + yz * f) + c * (xz * d + yz * e + zz * f)
    const [a, b, c] = [times(du, du) + 0.3, times(du, dv), times(dv, dv) + 0.3]
    const [rx, ry] = [3 * Math.sqrt(a), 3 * Math.sqrt(c)]
    for (let py = Math.max(0, Math.ceil(v - ry - 0.5)); py < Math.min(HEIGHT, v + ry - 0.5); py++)
      for (let px = Math.max(0, Math.ceil(u - rx - 0.5)); px < Math.min(WIDTH, u + rx - 0.5); px++) {
        const [dx, dy] = [px + 0.5 - u, py + 0.5 - v]
        const power = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / (a * c - b * b)
        through[py * WIDTH + px] *= 1 - opacities[i] * Math.exp(-power / 2)
      }
  }
  return Uint8Array.from(through, (value) => (value < 0.5 ? 1 : 0))
}

function iou(covered: Uint8Array, mask: Mask): number {
  let both = 0
  let either = 0
  for (let i = 0; i < covered.length; i++) {
    both += covered[i] & mask.data[i]
    either += covered[i] | mask.data[i]
  }
  return both / either
}

const CASES = [
  { what: 'the object', files: result.objects[0].files, mask: THING },
  { what: 'the other object', files: result.objects[1].files, mask: RING },
  { what: 'the scene', files: result.scene?.files ?? [], mask: BOTH },
]

describe('a file read by others', () => {
  for (const { what, files, mask } of CASES) {
    for (const [format, read] of Object.entries(MESH_READERS))
      it(`covers the mask of ${what}: ${format}`, async () => {
        const mesh = await read(fileOf(files, format as FileFormat))
        expect(iou(coverMesh(mesh, result.camera), mask)).toBeGreaterThanOrEqual(LEAST_IOU)
      })
    for (const [format, read] of Object.entries(SPLAT_READERS))
      it(`covers the mask of ${what}: ${format}`, () => {
        const splat = read(fileOf(files, format as FileFormat))
        expect(iou(coverSplat(splat, result.camera), mask)).toBeGreaterThanOrEqual(LEAST_IOU)
      })
    it(`is a picture of ${what} with a clear background: png`, () => {
      const { width, height, channels, data } = decodePng(fileOf(files, 'png'))
      expect([width, height, channels]).toEqual([512, 512, 4])
      expect(data[3]).toBe(0)
      expect(data.filter((value, i) => i % 4 === 3 && value === 255).length).toBeGreaterThan(10_000)
    })
  }

  it('is of every format that the engine writes', () => {
    const read = [...Object.keys(MESH_READERS), ...Object.keys(SPLAT_READERS), 'png']
    expect(read.sort()).toEqual([...PREVIEW_FORMATS].sort())
  })
})
