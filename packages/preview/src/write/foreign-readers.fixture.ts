/** Readers that are not ours, each giving what a file holds in the manifest's frame, metres. */
import { FORMATS } from '@gen3d/shared/formats'
import { FILE_FRAMES, FILE_UNITS } from '@gen3d/shared/frames'
import { WebIO } from '@gltf-transform/core'
import { unzipSync } from 'fflate'
import type { BufferGeometry, Object3D } from 'three'
import { GaussianSplatPLYLoader } from 'three/examples/jsm/loaders/GaussianSplatPLYLoader.js'
import { OBJLoader } from 'three/examples/jsm/loaders/OBJLoader.js'
import { SPZLoader } from 'three/examples/jsm/loaders/SPZLoader.js'
import { STLLoader } from 'three/examples/jsm/loaders/STLLoader.js'
import { USDLoader } from 'three/examples/jsm/loaders/USDLoader.js'
// PlayCanvas does not export its unpacker, only the engine around it.
import { GSplatCompressedData } from '../../node_modules/playcanvas/build/playcanvas/src/scene/gsplat/gsplat-compressed-data.js'

/** Corners of triangles, three of x, y, z each. */
export interface ReadMesh {
  readonly corners: Float64Array
}

export interface ReadSplat {
  readonly centres: Float64Array
  /** xx, xy, xz, yy, yz, zz per gaussian, metres squared. */
  readonly covariances: Float64Array
  /** 0-1. */
  readonly opacities: Float64Array
}

type MeshFormat = 'glb' | 'obj' | 'stl' | 'usdz'
type SplatFormat = 'ply' | 'compressed_ply' | 'spz'

export const MESH_READERS: Readonly<Record<MeshFormat, (bytes: Uint8Array) => Promise<ReadMesh>>> = {
  glb: async (bytes) => {
    const root = (await new WebIO().readBinary(bytes)).getRoot()
    const corners: number[] = []
    for (const mesh of root.listMeshes()) {
      const [primitive] = mesh.listPrimitives()
      const positions = primitive.getAttribute('POSITION')?.getArray() ?? []
      for (const i of primitive.getIndices()?.getArray() ?? [])
        corners.push(positions[3 * i], positions[3 * i + 1], positions[3 * i + 2])
    }
    return upright('glb', corners)
  },
  obj: async (bytes) => {
    const text = new TextDecoder().decode(unzipSync(bytes)['object.obj'])
    return upright('obj', cornersOf(new OBJLoader().parse(text)))
  },
  stl: async (bytes) => upright('stl', new STLLoader().parse(bufferOf(bytes)).getAttribute('position').array),
  usdz: async (bytes) => {
    const text = new TextDecoder().decode(unzipSync(bytes)['object.usda'])
    // Without the textures' file names three asks for no picture, which Node could not draw.
    const scene = new USDLoader().parse(text.replaceAll(/@object_\d+\.jpg@/g, '@@')) as unknown as Object3D
    return upright('usdz', cornersOf(scene))
  },
}

export const SPLAT_READERS: Readonly<Record<SplatFormat, (bytes: Uint8Array) => ReadSplat>> = {
  ply: (bytes) =>
    turned('ply', fromGeometry(new GaussianSplatPLYLoader().parse(bufferOf(bytes)) as BufferGeometry)),
  spz: (bytes) => turned('spz', fromGeometry(new SPZLoader().parse(bufferOf(bytes)) as BufferGeometry)),
  compressed_ply: (bytes) => {
    const end = 'end_header\n'
    const text = new TextDecoder('latin1').decode(bytes.subarray(0, 2000))
    const head = text.indexOf(end) + end.length
    const data = new GSplatCompressedData()
    data.numSplats = Number(/element vertex (\d+)/.exec(text)?.[1])
    const chunks = Number(/element chunk (\d+)/.exec(text)?.[1]) * 72
    data.chunkData = new Float32Array(bufferOf(bytes.subarray(head, head + chunks)))
    data.vertexData = new Uint32Array(bufferOf(bytes.subarray(head + chunks)))
    const read = data.decompress()
    const column = (name: string): Float32Array => read.getProp(name) as Float32Array
    const count = data.numSplats
    const centres = new Float64Array(3 * count)
    const covariances = new Float64Array(6 * count)
    ;['x', 'y', 'z'].forEach((name, k) => {
      column(name).forEach((value, i) => {
        centres[3 * i + k] = value
      })
    })
    const [q, s] = [4, 3].map((n) =>
      Array.from({ length: n }, (_, k) => column(`${n === 4 ? 'rot' : 'scale'}_${k}`)),
    )
    for (let i = 0; i < count; i++) {
      const scales = s.map((values) => Math.exp(values[i])) as [number, number, number]
      const rotation = q.map((values) => values[i]) as [number, number, number, number]
      covariances.set(covarianceOf(rotation, scales), 6 * i)
    }
    const opacities = Float64Array.from(column('opacity'), (value) => 1 / (1 + Math.exp(-value)))
    return turned('compressed_ply', { centres, covariances, opacities })
  },
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer
}

function cornersOf(scene: Object3D): number[] {
  const corners: number[] = []
  scene.traverse((node) => {
    const { geometry } = node as Object3D & { geometry?: BufferGeometry }
    if (!geometry) return
    const flat = geometry.index ? geometry.toNonIndexed() : geometry
    for (const value of flat.getAttribute('position').array) corners.push(value)
  })
  return corners
}

/** File coordinates to the manifest's frame, metres. */
function upright(format: MeshFormat, values: ArrayLike<number>): ReadMesh {
  const { frame, unit } = FORMATS[format]
  const m = FILE_FRAMES[frame].toManifest
  const corners = new Float64Array(values.length)
  for (let i = 0; i < values.length; i += 3)
    for (let r = 0; r < 3; r++)
      corners[i + r] =
        FILE_UNITS[unit] * (m[r] * values[i] + m[4 + r] * values[i + 1] + m[8 + r] * values[i + 2])
  return { corners }
}

function fromGeometry(geometry: BufferGeometry): ReadSplat {
  const colours = geometry.getAttribute('color').array
  return {
    centres: Float64Array.from(geometry.getAttribute('position').array),
    covariances: Float64Array.from(geometry.getAttribute('covariance').array),
    opacities: Float64Array.from({ length: colours.length / 4 }, (_, i) => colours[4 * i + 3] / 255),
  }
}

/** Splats stand in frames that differ by half turns: signs alone. */
function turned(format: SplatFormat, splat: ReadSplat): ReadSplat {
  const m = FILE_FRAMES[FORMATS[format].frame].toManifest
  const sign = [m[0], m[5], m[10]]
  const pairs = [sign[0] * sign[0], sign[0] * sign[1], sign[0] * sign[2], 1, sign[1] * sign[2], 1]
  return {
    centres: splat.centres.map((value, i) => value * sign[i % 3]),
    covariances: splat.covariances.map((value, i) => value * pairs[i % 6]),
    opacities: splat.opacities,
  }
}

function covarianceOf(
  [w, x, y, z]: readonly [number, number, number, number],
  s: readonly [number, number, number],
): number[] {
  const rows = [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ]
  const at = (i: number, j: number): number =>
    [0, 1, 2].reduce((sum, k) => sum + rows[i][k] * rows[j][k] * s[k] * s[k], 0)
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 1), at(1, 2), at(2, 2)]
}
