/**
 * Meshes as GLB (glTF 2.0 binary): metres, Y up, with the photo's camera as a node.
 *
 *   12 bytes   "glTF", u32 version 2, u32 length of the file
 *   chunk      u32 length, "JSON", the text, padded with spaces to 4 bytes
 *   chunk      u32 length, "BIN\0", the data, padded with zeros to 4 bytes; for each mesh in order
 *                positions  3 float32 a vertex
 *                normals    3 float32 a vertex
 *                uvs        2 float32 a vertex, v = 0 at the texture's top
 *                indices    u32, three a triangle, counter-clockwise from outside
 *                texture    JPEG or PNG, padded to 4 bytes
 *
 * The material is unlit: the photo's light is in the texture already. Viewers without that extension light it.
 */
import type { Camera } from '@gen3d/shared/frames'
import { atan } from '../reconstruct/arithmetic.ts'
import { boundsOf, type Mesh } from '../reconstruct/mesh.ts'
import { byteWriter } from './byte-writer.ts'
import type { EncodedTexture } from './texture.ts'

const FLOAT = 5126
const UNSIGNED_INT = 5125
const ARRAY_BUFFER = 34962
const ELEMENT_ARRAY_BUFFER = 34963
const LINEAR = 9729
const LINEAR_MIPMAP_LINEAR = 9987
const CLAMP_TO_EDGE = 33071

/** One mesh of a file. */
export interface GlbMesh {
  readonly name: string
  readonly mesh: Mesh
  readonly texture: EncodedTexture
}

/** Inverse of a rigid matrix, column-major. */
function invertRigid(m: readonly number[]): number[] {
  const move = (c: number): number => -(m[4 * c] * m[12] + m[4 * c + 1] * m[13] + m[4 * c + 2] * m[14])
  return [m[0], m[4], m[8], 0, m[1], m[5], m[9], 0, m[2], m[6], m[10], 0, move(0), move(1), move(2), 1]
}

/** Writes named meshes, with their encoded textures, as one scene. */
export function writeGlb(
  meshes: readonly GlbMesh[],
  camera: Camera,
  generator: string,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  const bufferViews: object[] = []
  const accessors: object[] = []
  let length = 0
  const view = (bytes: Uint8Array, target?: number): number => {
    bufferViews.push({
      buffer: 0,
      byteOffset: length,
      byteLength: bytes.length,
      ...(target ? { target } : {}),
    })
    parts.push(bytes)
    length += (bytes.length + 3) & ~3
    return bufferViews.length - 1
  }
  const floats = (values: Float32Array, type: 'VEC2' | 'VEC3', bounds: object): number => {
    const width = type === 'VEC2' ? 2 : 3
    const bufferView = view(littleEndian(values), ARRAY_BUFFER)
    accessors.push({ bufferView, componentType: FLOAT, count: values.length / width, type, ...bounds })
    return accessors.length - 1
  }
  const json = {
    asset: { version: '2.0', generator },
    extensionsUsed: ['KHR_materials_unlit'],
    scene: 0,
    scenes: [{ nodes: meshes.map((_, i) => i).concat(meshes.length) }],
    nodes: [
      ...meshes.map(({ name }, i) => ({ name, mesh: i })),
      { name: 'photo camera', camera: 0, matrix: invertRigid(camera.objectToCamera) },
    ],
    cameras: [
      {
        name: 'photo camera',
        type: 'perspective',
        perspective: {
          aspectRatio: camera.width / camera.height,
          yfov: 2 * atan(camera.height / (2 * camera.fy)),
          znear: 0.01,
        },
      },
    ],
    meshes: meshes.map(({ name, mesh }, i) => {
      const attributes = {
        POSITION: floats(mesh.positions, 'VEC3', boundsOf(mesh.positions)),
        NORMAL: floats(mesh.normals, 'VEC3', {}),
        TEXCOORD_0: floats(mesh.uvs, 'VEC2', {}),
      }
      const bufferView = view(littleEndian(mesh.indices), ELEMENT_ARRAY_BUFFER)
      accessors.push({ bufferView, componentType: UNSIGNED_INT, count: mesh.indices.length, type: 'SCALAR' })
      return { name, primitives: [{ attributes, indices: accessors.length - 1, material: i }] }
    }),
    materials: meshes.map(({ name }, i) => ({
      name,
      pbrMetallicRoughness: { baseColorTexture: { index: i }, metallicFactor: 0, roughnessFactor: 0.9 },
      extensions: { KHR_materials_unlit: {} },
    })),
    textures: meshes.map((_, i) => ({ sampler: 0, source: i })),
    samplers: [
      { magFilter: LINEAR, minFilter: LINEAR_MIPMAP_LINEAR, wrapS: CLAMP_TO_EDGE, wrapT: CLAMP_TO_EDGE },
    ],
    images: meshes.map(({ texture }) => ({ bufferView: view(texture.bytes), mimeType: texture.mediaType })),
    accessors,
    bufferViews,
    buffers: [{ byteLength: length }],
  }
  json.buffers[0].byteLength = length
  const text = new TextEncoder().encode(JSON.stringify(json))
  const textLength = (text.length + 3) & ~3
  const out = byteWriter(12 + 8 + textLength + 8 + length)
  out.ascii('glTF')
  out.u32(2)
  out.u32(out.bytes.length)
  out.u32(textLength)
  out.ascii('JSON')
  out.raw(text)
  out.align(4, 0x20)
  out.u32(length)
  out.ascii('BIN\0')
  for (const part of parts) {
    out.raw(part)
    out.align(4)
  }
  return out.bytes
}

function littleEndian(values: Float32Array | Uint32Array): Uint8Array {
  const out = byteWriter(values.length * 4)
  const put = values instanceof Float32Array ? out.f32 : out.u32
  for (const value of values) put(value)
  return out.bytes
}
