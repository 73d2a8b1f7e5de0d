/**
 * Measures the preview engine's shapes: for every folder of --data with photo.jpg, mask.png, points.bin, normals.bin
 * and meta.json. --out DIR keeps one GLB an object, its vertices turned into the camera's frame; --json prints JSON.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readMaskPng } from '@gen3d/image/mask-png'
import { createPreviewEngine } from '@gen3d/preview/engine'
import type { Camera } from '@gen3d/shared/frames'
import { type Document, Logger, NodeIO } from '@gltf-transform/core'
import { isWatertight, type ShapeScore, scoreShape, type TriangleSoup } from './shape-metric.ts'
import { type Coverage, coverageOf, iou, projectFront, projectThrough } from './silhouettes.ts'

interface Row extends ShapeScore {
  readonly id: string
  readonly category: string
  readonly watertight: boolean
  readonly silhouetteIou: number
  readonly frontIou: number
  readonly seconds: number
}

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
    quality: { type: 'string', default: 'standard' },
  },
})
if (!values.data) {
  process.stderr.write(
    'usage: bench:shapes --data DIR [--out DIR] [--json] [--quality draft|standard|high]\n',
  )
  process.exit(2)
}
const quality = values.quality === 'draft' || values.quality === 'high' ? values.quality : 'standard'
if (values.out) mkdirSync(values.out, { recursive: true })

const engine = createPreviewEngine()
const io = new NodeIO().setLogger(new Logger(Logger.Verbosity.ERROR))

/** The GLB's one mesh; with a camera its vertices and normals are turned into the camera's frame, in the document too. */
function turnedMesh(document: Document, { objectToCamera: m }: Camera): TriangleSoup {
  const primitive = document.getRoot().listMeshes()[0].listPrimitives()[0]
  for (const name of ['POSITION', 'NORMAL']) {
    const accessor = primitive.getAttribute(name)
    const array = accessor?.getArray()
    if (!accessor || !array) throw new Error(`the GLB has no ${name}`)
    const turned = new Float32Array(array.length)
    for (let i = 0; i < array.length; i += 3)
      for (let r = 0; r < 3; r++)
        turned[i + r] = m[r] * array[i] + m[4 + r] * array[i + 1] + m[8 + r] * array[i + 2]
    accessor.setArray(turned)
  }
  return soupOf(document)
}

function soupOf(document: Document): TriangleSoup {
  const primitive = document.getRoot().listMeshes()[0].listPrimitives()[0]
  const positions = primitive.getAttribute('POSITION')?.getArray()
  const indices = primitive.getIndices()?.getArray()
  if (!positions || !indices) throw new Error('the GLB has no indexed positions')
  return { positions: Float64Array.from(positions), indices: Uint32Array.from(indices) }
}

function floats(file: string): Float64Array {
  const bytes = readFileSync(file)
  return Float64Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
}

async function measure(folder: string, id: string): Promise<Row> {
  const meta: { category?: string } = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'))
  const photo = new Uint8Array(readFileSync(join(folder, 'photo.jpg')))
  const png = new Uint8Array(readFileSync(join(folder, 'mask.png')))
  const options = {
    formats: ['glb', 'ply'],
    quality,
    seed: 1,
    textureSize: 1024,
    targetTriangles: 40_000,
  } as const
  const begin = performance.now()
  const result = await engine.reconstruct(
    { photo, masks: [{ name: id, png }], options },
    { progress: async () => {} },
  )
  const seconds = (performance.now() - begin) / 1000
  const glb = result.objects[0].files.find((file) => file.format === 'glb')
  if (!glb) throw new Error('the engine wrote no GLB')
  const document = await io.readBinary(glb.bytes)
  const upright = soupOf(document)
  const mesh = turnedMesh(document, result.camera)
  if (values.out) writeFileSync(join(values.out, `${id}.glb`), await io.writeBinary(document))
  const mask: Coverage = coverageOf(readMaskPng(png))
  const reference = {
    points: floats(join(folder, 'points.bin')),
    normals: floats(join(folder, 'normals.bin')),
  }
  return {
    id,
    category: meta.category ?? 'all',
    ...scoreShape(mesh, reference),
    watertight: isWatertight(upright),
    silhouetteIou: iou(projectThrough(upright, result.camera), mask),
    frontIou: iou(projectFront(mesh, mask), mask),
    seconds,
  }
}

function mean(rows: readonly Row[], value: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + value(row), 0) / rows.length
}

function summary(rows: readonly Row[]) {
  const round = (value: number): number => Number(value.toFixed(4))
  return {
    n: rows.length,
    chamfer_percent: round(mean(rows, (row) => row.chamferPercent)),
    f2: round(mean(rows, (row) => row.f2)),
    f5: round(mean(rows, (row) => row.f5)),
    normal_consistency: round(mean(rows, (row) => row.normalConsistency)),
    watertight: round(mean(rows, (row) => Number(row.watertight))),
    silhouette_iou: round(mean(rows, (row) => row.silhouetteIou)),
    front_iou: round(mean(rows, (row) => row.frontIou)),
  }
}

const rows: Row[] = []
for (const entry of readdirSync(values.data, { withFileTypes: true }).sort((a, b) =>
  a.name < b.name ? -1 : 1,
)) {
  if (!entry.isDirectory()) continue
  const row = await measure(join(values.data, entry.name), entry.name)
  rows.push(row)
  if (!values.json)
    process.stdout.write(
      `${row.id.padEnd(20)} ${row.category.padEnd(6)} ${row.chamferPercent.toFixed(2)} % F2 ${row.f2.toFixed(3)} F5 ${row.f5.toFixed(3)} NC ${row.normalConsistency.toFixed(3)} IoU ${row.silhouetteIou.toFixed(4)} ${row.seconds.toFixed(2)} s\n`,
    )
}
if (rows.length === 0) {
  process.stderr.write(`no object in ${values.data}\n`)
  process.exit(2)
}
const times = rows.map((row) => row.seconds).sort((a, b) => a - b)
const at = (part: number): number =>
  Number(times[Math.min(times.length - 1, Math.floor(part * times.length))].toFixed(3))
const categories = [...new Set(rows.map((row) => row.category))].sort()
const report = {
  ...summary(rows),
  seconds: { p50: at(0.5), p95: at(0.95) },
  per_category: Object.fromEntries(
    categories.map((c) => [c, summary(rows.filter((row) => row.category === c))]),
  ),
}
process.stdout.write(`${JSON.stringify(report, null, values.json ? undefined : 2)}\n`)
