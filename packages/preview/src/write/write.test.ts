import { createHash } from 'node:crypto'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import type { Image, Mask } from '@gen3d/image/types'
import { WebIO } from '@gltf-transform/core'
import { unzipSync } from 'fflate'
import { validateBytes } from 'gltf-validator'
import type { BufferGeometry, Group } from 'three'
import { OBJLoader } from 'three/examples/jsm/loaders/OBJLoader.js'
import { PLYLoader } from 'three/examples/jsm/loaders/PLYLoader.js'
import { SPZLoader } from 'three/examples/jsm/loaders/SPZLoader.js'
import { STLLoader } from 'three/examples/jsm/loaders/STLLoader.js'
import { USDLoader } from 'three/examples/jsm/loaders/USDLoader.js'
import { describe, expect, it } from 'vitest'
// PlayCanvas does not export its unpacker, only the engine around it.
import { GSplatCompressedData } from '../../node_modules/playcanvas/build/playcanvas/src/scene/gsplat/gsplat-compressed-data.js'
import { ln } from '../reconstruct/arithmetic.ts'
import { buildObject } from '../reconstruct.ts'
import { writeCompressedPly } from './compressed-ply.ts'
import { writeGlb } from './glb.ts'
import { writeObjZip } from './obj.ts'
import { SH_C0, writePly } from './ply.ts'
import { drawPoster, POSTER_SIZE } from './poster.ts'
import { writeSpz } from './spz.ts'
import { writeStl } from './stl.ts'
import type { EncodedTexture } from './texture.ts'
import { writeUsdz } from './usdz.ts'

/** SHA-256; changes whenever shapes, textures, the JPEG encoder or the file's layout change, and only then. */
const GOLDEN_GLB = 'f521ce3041d912f48783c5122149a6c9e5b9e1e1cd3462c1e19222dab98034b7'
const WIDTH = 120
const HEIGHT = 90

/** Left half red, right half blue; the object is a disc with a foot. */
function fixture(): { photo: Image; mask: Mask } {
  const photo = new Uint8ClampedArray(WIDTH * HEIGHT * 4)
  const mask = new Uint8Array(WIDTH * HEIGHT)
  for (let i = 0; i < mask.length; i++) {
    const x = i % WIDTH
    const y = Math.floor(i / WIDTH)
    photo.set(x < 60 ? [220, 30, 30, 255] : [30, 30, 220, 255], 4 * i)
    if ((x - 60) ** 2 + (y - 40) ** 2 < 30 * 30 || (x > 55 && x < 65 && y >= 40 && y < 85)) mask[i] = 1
  }
  return {
    photo: { width: WIDTH, height: HEIGHT, data: photo },
    mask: { width: WIDTH, height: HEIGHT, data: mask },
  }
}

const { photo, mask } = fixture()
const built = buildObject(photo, mask, { quality: 'draft', textureSize: 256, targetTriangles: 3000 })
const { mesh, splat, bounds, camera } = built
const texture: EncodedTexture = {
  bytes: encodeJpeg(mesh.texture, 88),
  mediaType: 'image/jpeg',
  extension: 'jpg',
}
const triangles = mesh.indices.length / 3

function boxOf(values: ArrayLike<number>): { min: number[]; max: number[] } {
  const min = [Infinity, Infinity, Infinity]
  const max = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    min[i % 3] = Math.min(min[i % 3], values[i])
    max[i % 3] = Math.max(max[i % 3], values[i])
  }
  return { min, max }
}

function expectBox(
  found: { min: number[]; max: number[] },
  min: readonly number[],
  max: readonly number[],
): void {
  for (let d = 0; d < 3; d++) {
    expect(found.min[d]).toBeCloseTo(min[d], 4)
    expect(found.max[d]).toBeCloseTo(max[d], 4)
  }
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer
}

describe('writeGlb', () => {
  const glb = writeGlb([{ name: 'thing', mesh, texture }], camera, 'test')

  it('has the bytes that every engine and system must give', () => {
    expect(createHash('sha256').update(glb).digest('hex')).toBe(GOLDEN_GLB)
  })

  it('passes the Khronos validator without an error or a warning', async () => {
    const { issues } = await validateBytes(glb)
    expect(issues.messages).toEqual([])
  })

  it('is read by glTF-Transform with its box, its texture and the photo camera', async () => {
    const document = await new WebIO().readBinary(glb)
    const root = document.getRoot()
    const primitive = root.listMeshes()[0].listPrimitives()[0]
    expect(primitive.getIndices()?.getCount()).toBe(mesh.indices.length)
    expectBox(boxOf(primitive.getAttribute('POSITION')?.getArray() ?? []), bounds.min, bounds.max)
    expect(root.listTextures()[0].getSize()).toEqual([256, 256])
    const node = root.listNodes().find((n) => n.getCamera() !== null)
    expect(node?.getCamera()?.getYFov()).toBeCloseTo(2 * Math.atan(HEIGHT / 2 / camera.fy), 12)
    // The camera stands in front of the object, on the side of +z, looking at it from above.
    const [, y, z] = node?.getTranslation() ?? []
    expect(z).toBeGreaterThan(bounds.max[2])
    expect(y).toBeGreaterThan(0)
  })
})

describe('writePly', () => {
  it('is read by three with positions turned by 180 degrees about Z and the 3DGS fields', () => {
    const loader = new PLYLoader()
    loader.setCustomPropertyNameMapping({
      dc: ['f_dc_0', 'f_dc_1', 'f_dc_2'],
      opacity: ['opacity'],
      scale: ['scale_0', 'scale_1', 'scale_2'],
      rot: ['rot_0', 'rot_1', 'rot_2', 'rot_3'],
    })
    const read = loader.parse(bufferOf(writePly([splat])))
    const position = read.getAttribute('position')
    expect(position.count).toBe(splat.count)
    for (const i of [0, 777, splat.count - 1]) {
      expect(position.getX(i)).toBeCloseTo(-splat.positions[3 * i], 5)
      expect(position.getY(i)).toBeCloseTo(-splat.positions[3 * i + 1], 5)
      expect(position.getZ(i)).toBeCloseTo(splat.positions[3 * i + 2], 5)
      expect(0.5 + SH_C0 * read.getAttribute('dc').getX(i)).toBeCloseTo(splat.colors[3 * i], 5)
      expect(1 / (1 + Math.exp(-read.getAttribute('opacity').getX(i)))).toBeCloseTo(splat.opacities[i], 5)
      expect(Math.exp(read.getAttribute('scale').getY(i))).toBeCloseTo(splat.scales[3 * i + 1], 6)
      const q = [0, 1, 2, 3].map((k) => read.getAttribute('rot').getComponent(i, k))
      expect(q.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(1, 5)
    }
  })
})

describe('writeCompressedPly', () => {
  it('is unpacked by PlayCanvas to the same gaussians, in another order', () => {
    const bytes = writeCompressedPly([splat])
    const end = 'end_header\n'
    const text = new TextDecoder('latin1').decode(bytes.subarray(0, 2000))
    const head = text.indexOf(end) + end.length
    const count = Number(/element vertex (\d+)/.exec(text)?.[1])
    const chunks = Number(/element chunk (\d+)/.exec(text)?.[1])
    const data = new GSplatCompressedData()
    data.numSplats = count
    data.chunkData = new Float32Array(bufferOf(bytes.subarray(head, head + chunks * 72)))
    data.vertexData = new Uint32Array(bufferOf(bytes.subarray(head + chunks * 72)))
    const read = data.decompress()
    const column = (name: string): number[] => Array.from(read.getProp(name) as Float32Array)
    expect(count).toBe(splat.count)
    const sum = (values: Iterable<number>): number => {
      let total = 0
      for (const value of values) total += value
      return total
    }
    const every = (values: Float32Array, step: number, k: number): number =>
      sum(values.filter((_, i) => i % step === k)) / count
    expect(sum(column('x')) / count).toBeCloseTo(-every(splat.positions, 3, 0), 4)
    expect(sum(column('y')) / count).toBeCloseTo(-every(splat.positions, 3, 1), 4)
    expect(sum(column('z')) / count).toBeCloseTo(every(splat.positions, 3, 2), 4)
    expect(0.5 + (SH_C0 * sum(column('f_dc_0'))) / count).toBeCloseTo(every(splat.colors, 3, 0), 2)
    expect(sum(column('scale_0')) / count).toBeCloseTo(
      sum(splat.scales.filter((_, i) => i % 3 === 0).map(ln)) / count,
      2,
    )
    // Largest |component| of the turned quaternion (-z, -y, x, w), as plain numbers without a sign.
    const rotation = [0, 1, 2, 3].map((k) => sum(column(`rot_${k}`).map(Math.abs)) / count)
    const expected = [3, 2, 1, 0].map((k) => every(splat.rotations.map(Math.abs), 4, k))
    for (let k = 0; k < 4; k++) expect(rotation[k]).toBeCloseTo(expected[k], 2)
  })
})

describe('writeSpz', () => {
  it('is read by three to the same gaussians, upright, in another order', () => {
    const read = new SPZLoader().parse(bufferOf(writeSpz([splat]))) as BufferGeometry
    const part = (name: string): ArrayLike<number> => read.getAttribute(name).array
    const [centers, covariances, colours] = [part('position'), part('covariance'), part('color')]
    expect(centers.length).toBe(3 * splat.count)
    const mean = (values: ArrayLike<number>, step: number, k: number): number => {
      let sum = 0
      for (let i = k; i < values.length; i += step) sum += values[i]
      return (sum * step) / values.length
    }
    for (let d = 0; d < 3; d++) {
      expect(mean(centers, 3, d)).toBeCloseTo(mean(splat.positions, 3, d), 4)
      expect(mean(colours, 4, d) / 255).toBeCloseTo(mean(splat.colors, 3, d), 2)
    }
    expect(boxOf(centers).max[1]).toBeCloseTo(boxOf(splat.positions).max[1], 4)
    expect(mean(colours, 4, 3) / 255).toBeCloseTo(mean(splat.opacities, 1, 0), 2)
    // Sums of the covariances: yy tells the scales and the rotations apart from any other order of axes.
    const own = [0, 0, 0]
    for (let i = 0; i < splat.count; i++) {
      const [w, x, y, z] = splat.rotations.subarray(4 * i, 4 * i + 4)
      const [a, b, c] = splat.scales.subarray(3 * i, 3 * i + 3)
      own[0] +=
        (a * (1 - 2 * (y * y + z * z))) ** 2 + (b * 2 * (x * y - w * z)) ** 2 + (c * 2 * (x * z + w * y)) ** 2
      own[1] +=
        (a * 2 * (x * y + w * z)) ** 2 + (b * (1 - 2 * (x * x + z * z))) ** 2 + (c * 2 * (y * z - w * x)) ** 2
      own[2] +=
        (a * 2 * (x * z - w * y)) ** 2 + (b * 2 * (y * z + w * x)) ** 2 + (c * (1 - 2 * (x * x + y * y))) ** 2
    }
    const [xx, yy, zz] = [0, 3, 5].map((k) => mean(covariances, 6, k))
    expect((xx * splat.count) / own[0]).toBeCloseTo(1, 1)
    expect((yy * splat.count) / own[1]).toBeCloseTo(1, 1)
    expect((zz * splat.count) / own[2]).toBeCloseTo(1, 1)
  })
})

describe('writeStl', () => {
  it('is read by three: millimetres, Z up', () => {
    const read = new STLLoader().parse(bufferOf(writeStl([mesh])))
    const position = read.getAttribute('position')
    expect(position.count).toBe(3 * triangles)
    const box = boxOf(position.array)
    expect(box.max[2]).toBeCloseTo(1000 * bounds.max[1], 1)
    expect(box.min[2]).toBeCloseTo(0, 3)
    expect(box.min[1]).toBeCloseTo(-1000 * bounds.max[2], 1)
  })
})

describe('writeObjZip', () => {
  it('is read by three; the ZIP holds the material and the texture, and a fixed date', () => {
    const zip = writeObjZip([mesh], [texture])
    const files = unzipSync(zip)
    expect(Object.keys(files).sort()).toEqual(['object.mtl', 'object.obj', 'object_1.jpg'])
    expect(files['object_1.jpg']).toEqual(texture.bytes)
    expect(new TextDecoder().decode(files['object.mtl'])).toContain('map_Kd object_1.jpg')
    const group = new OBJLoader().parse(new TextDecoder().decode(files['object.obj']))
    const part = group.children[0] as unknown as {
      geometry: { getAttribute(n: string): { array: Float32Array } }
    }
    const position = part.geometry.getAttribute('position').array
    expect(position.length).toBe(9 * triangles)
    expectBox(boxOf(position), bounds.min, bounds.max)
    expect(writeObjZip([mesh], [texture])).toEqual(zip)
  })
})

describe('writeUsdz', () => {
  it('holds text and texture uncompressed at multiples of 64 bytes', () => {
    const usdz = writeUsdz([mesh], [texture])
    const files = unzipSync(usdz)
    expect(Object.keys(files)).toEqual(['object.usda', 'object_1.jpg'])
    const view = new DataView(usdz.buffer, usdz.byteOffset)
    let at = 0
    for (const file of Object.values(files)) {
      expect(view.getUint32(at, true)).toBe(0x04034b50)
      expect(view.getUint16(at + 8, true)).toBe(0)
      const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true)
      expect(start % 64).toBe(0)
      expect(usdz.subarray(start, start + file.length)).toEqual(file)
      at = start + file.length
    }
  })

  it('is read by three: metres, Y up', () => {
    const text = new TextDecoder().decode(unzipSync(writeUsdz([mesh], [texture]))['object.usda'])
    // Without the texture's file name three asks for no picture, which Node could not draw.
    const group = new USDLoader().parse(text.replace('@object_1.jpg@', '@@')) as unknown as Group
    const boxes: { min: number[]; max: number[] }[] = []
    group.traverse((node) => {
      const part = node as Partial<{ geometry: { getAttribute(n: string): { array: Float32Array } } }>
      if (part.geometry) boxes.push(boxOf(part.geometry.getAttribute('position').array))
    })
    expect(boxes.length).toBe(1)
    expectBox(boxes[0], bounds.min, bounds.max)
  })
})

describe('drawPoster', () => {
  it('shows the object on a clear background, red on the left and blue on the right', () => {
    const { width, height, data } = drawPoster([mesh])
    expect([width, height]).toEqual([POSTER_SIZE, POSTER_SIZE])
    expect(data[3]).toBe(0)
    let redAt = 0
    let reds = 0
    let blueAt = 0
    let blues = 0
    for (let i = 0; i < width * height; i++) {
      if (data[4 * i + 3] < 255) continue
      if (data[4 * i] > data[4 * i + 2]) {
        redAt += i % width
        reds++
      } else {
        blueAt += i % width
        blues++
      }
    }
    expect(reds).toBeGreaterThan(5000)
    expect(blues).toBeGreaterThan(5000)
    expect(redAt / reds).toBeLessThan(blueAt / blues)
  })
})
