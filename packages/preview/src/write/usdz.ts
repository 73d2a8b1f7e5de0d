/**
 * Meshes as USDZ: a ZIP without compression whose entries' data start at multiples of 64 bytes (padded by an extra
 * field in the entry's head), first `object.usda`, text, then one texture a mesh. Metres, Y up; USD puts v = 0 at the
 * texture's bottom. The entries carry a fixed date: the same meshes give the same bytes.
 */
import { zipSync } from 'fflate'
import type { Mesh } from '../reconstruct/mesh.ts'
import { ZIP_DATE } from './obj.ts'
import type { EncodedTexture } from './texture.ts'

const ALIGNMENT = 64
/** Bytes of a ZIP entry's head before the name, and of an extra field's own head (id and length). */
const ENTRY_HEAD = 30
const EXTRA_HEAD = 4
/** Any id that no tool uses. */
const PADDING_ID = 0x3039

function tuples(
  values: ArrayLike<number>,
  width: number,
  digits: number,
  map: (v: number, k: number) => number,
): string {
  const out: string[] = []
  for (let i = 0; i < values.length; i += width) {
    const parts: string[] = []
    for (let k = 0; k < width; k++) parts.push(map(values[i + k], k).toFixed(digits))
    out.push(`(${parts.join(', ')})`)
  }
  return out.join(', ')
}

function meshText(mesh: Mesh, name: string): string {
  const plain = (v: number): number => v
  return `  def Mesh "${name}" (
    prepend apiSchemas = ["MaterialBindingAPI"]
  )
  {
    int[] faceVertexCounts = [${new Array(mesh.indices.length / 3).fill(3).join(', ')}]
    int[] faceVertexIndices = [${mesh.indices.join(', ')}]
    point3f[] points = [${tuples(mesh.positions, 3, 6, plain)}]
    normal3f[] normals = [${tuples(mesh.normals, 3, 4, plain)}] (
      interpolation = "vertex"
    )
    texCoord2f[] primvars:st = [${tuples(mesh.uvs, 2, 6, (v, k) => (k === 1 ? 1 - v : v))}] (
      interpolation = "vertex"
    )
    uniform token subdivisionScheme = "none"
    rel material:binding = </Root/Materials/${name}>
  }
`
}

function materialText(name: string, texture: string): string {
  const path = `/Root/Materials/${name}`
  return `    def Material "${name}"
    {
      token outputs:surface.connect = <${path}/surface.outputs:surface>
      def Shader "surface"
      {
        uniform token info:id = "UsdPreviewSurface"
        color3f inputs:diffuseColor.connect = <${path}/texture.outputs:rgb>
        float inputs:metallic = 0
        float inputs:roughness = 0.9
        token outputs:surface
      }
      def Shader "st"
      {
        uniform token info:id = "UsdPrimvarReader_float2"
        string inputs:varname = "st"
        float2 outputs:result
      }
      def Shader "texture"
      {
        uniform token info:id = "UsdUVTexture"
        asset inputs:file = @${texture}@
        float2 inputs:st.connect = <${path}/st.outputs:result>
        token inputs:sourceColorSpace = "sRGB"
        token inputs:wrapS = "clamp"
        token inputs:wrapT = "clamp"
        float3 outputs:rgb
      }
    }
`
}

/** Writes meshes with their encoded textures, in the same order, as one USDZ. */
export function writeUsdz(meshes: readonly Mesh[], textures: readonly EncodedTexture[]): Uint8Array {
  const names = meshes.map((_, i) => `object_${i + 1}`)
  const files = names.map((name, i) => `${name}.${textures[i].extension}`)
  const text = `#usda 1.0
(
  defaultPrim = "Root"
  metersPerUnit = 1
  upAxis = "Y"
)

def Xform "Root"
{
${meshes.map((mesh, i) => meshText(mesh, names[i])).join('\n')}
  def Scope "Materials"
  {
${names.map((name, i) => materialText(name, files[i])).join('\n')}  }
}
`
  const entries: [string, Uint8Array][] = [['object.usda', new TextEncoder().encode(text)]]
  files.forEach((file, i) => {
    entries.push([file, textures[i].bytes])
  })
  let at = 0
  const zip: Parameters<typeof zipSync>[0] = {}
  for (const [name, bytes] of entries) {
    const start = at + ENTRY_HEAD + name.length + EXTRA_HEAD
    const padding = (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT
    zip[name] = [bytes, { level: 0, mtime: ZIP_DATE, extra: { [PADDING_ID]: new Uint8Array(padding) } }]
    at = start + padding + bytes.length
  }
  return zipSync(zip)
}
