/**
 * A mesh as a ZIP with object.obj, object.mtl and textures (JPEG). OBJ counts from 1 and puts v = 0 at the texture's
 * bottom. Vertices at one place are one `v`, so that programs see a closed surface. The entries carry a fixed date:
 * the same mesh gives the same bytes.
 */
import { zipSync } from 'fflate'
import type { Mesh } from '../reconstruct/mesh.ts'
import type { EncodedTexture } from './texture.ts'

/** ZIP dates start in 1980, written in local time: noon of the second day is in 1980 everywhere. */
export const ZIP_DATE = '1980-01-02T12:00:00'

function lines(
  mesh: Mesh,
  name: string,
  first: { v: number; vt: number },
): { text: string; v: number; vt: number } {
  const { positions, normals, uvs, indices } = mesh
  const count = positions.length / 3
  const welded = new Uint32Array(count)
  const seen = new Map<string, number>()
  const out: string[] = [`o ${name}`, `usemtl ${name}`]
  const places: string[] = []
  for (let i = 0; i < count; i++) {
    const key = `${positions[3 * i].toFixed(6)} ${positions[3 * i + 1].toFixed(6)} ${positions[3 * i + 2].toFixed(6)}`
    let v = seen.get(key)
    if (v === undefined) {
      v = seen.size
      seen.set(key, v)
      places.push(`v ${key}`)
    }
    welded[i] = v
  }
  out.push(...places)
  for (let i = 0; i < count; i++) out.push(`vt ${uvs[2 * i].toFixed(6)} ${(1 - uvs[2 * i + 1]).toFixed(6)}`)
  for (let i = 0; i < count; i++)
    out.push(
      `vn ${normals[3 * i].toFixed(4)} ${normals[3 * i + 1].toFixed(4)} ${normals[3 * i + 2].toFixed(4)}`,
    )
  const corner = (i: number): string => `${welded[i] + first.v}/${i + first.vt}/${i + first.vt}`
  for (let i = 0; i < indices.length; i += 3)
    out.push(`f ${corner(indices[i])} ${corner(indices[i + 1])} ${corner(indices[i + 2])}`)
  return { text: out.join('\n'), v: first.v + seen.size, vt: first.vt + count }
}

/** Writes meshes with their encoded textures, in the same order, as one ZIP. */
export function writeObjZip(meshes: readonly Mesh[], textures: readonly EncodedTexture[]): Uint8Array {
  const obj: string[] = ['# Gen3D: metres, Y up', 'mtllib object.mtl']
  const mtl: string[] = []
  const files: Record<string, Uint8Array> = {}
  let first = { v: 1, vt: 1 }
  meshes.forEach((mesh, i) => {
    const name = `object_${i + 1}`
    const texture = `${name}.${textures[i].extension}`
    const part = lines(mesh, name, first)
    first = { v: part.v, vt: part.vt }
    obj.push(part.text)
    mtl.push(`newmtl ${name}`, 'Ka 1 1 1', 'Kd 1 1 1', 'Ks 0 0 0', 'illum 1', `map_Kd ${texture}`, '')
    files[texture] = textures[i].bytes
  })
  const encoder = new TextEncoder()
  const entries = {
    'object.obj': encoder.encode(`${obj.join('\n')}\n`),
    'object.mtl': encoder.encode(mtl.join('\n')),
    ...files,
  }
  return zipSync(entries, { level: 6, mtime: ZIP_DATE })
}
