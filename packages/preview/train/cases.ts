/** Photos and masks of a folder with index.json, their regions kept in a cache folder between runs. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { decodeImage } from '@gen3d/image/decode'
import { readMaskPng } from '@gen3d/image/mask-png'
import { findRegions, type Regions } from '../src/select/regions.ts'
import { toWorkingImage } from '../src/select/working-image.ts'
import type { Truth } from './robot.ts'

export interface Row {
  readonly id: string
  readonly set: string
  readonly image: string
  readonly mask: string
}

export interface Case {
  readonly row: Row
  readonly regions: Regions
  /** The truth at working size. */
  readonly truth: Truth
  /** Share of each region inside the object. */
  readonly share: Float32Array
}

export function readIndex(folder: string): Row[] {
  const rows: unknown = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
  if (!Array.isArray(rows)) throw new Error(`${folder}/index.json is not a list`)
  return rows.filter((r) => typeof r.mask === 'string')
}

/** The regions of a photo, from the cache where it has them. */
export async function loadRegions(folder: string, image: string, cache: string): Promise<Regions> {
  mkdirSync(cache, { recursive: true })
  const file = join(cache, `${image.replaceAll('/', '_')}.regions`)
  if (existsSync(file)) return deserialize(readFileSync(file))
  const regions = findRegions(toWorkingImage(await decodeImage(readFileSync(join(folder, image)))))
  writeFileSync(`${file}.${process.pid}`, serialize(regions))
  renameSync(`${file}.${process.pid}`, file)
  return regions
}

export async function loadTruth(folder: string, mask: string): Promise<Truth> {
  const read = readMaskPng(readFileSync(join(folder, mask)))
  return { width: read.width, height: read.height, mask: read.data }
}

export async function loadCases(folder: string, cache: string, every = 1): Promise<Case[]> {
  const known = new Map<string, Regions>()
  const cases: Case[] = []
  for (const row of readIndex(folder).filter((_, i) => i % every === 0)) {
    let regions = known.get(row.image)
    if (regions === undefined) {
      regions = await loadRegions(folder, row.image, cache)
      known.set(row.image, regions)
    }
    const full = await loadTruth(folder, row.mask)
    const { width, height, labels, count, area } = regions.topology
    const mask = new Uint8Array(width * height)
    const share = new Float32Array(count)
    let inside = 0
    for (let y = 0; y < height; y++) {
      const from = Math.floor(((y + 0.5) * full.height) / height) * full.width
      for (let x = 0; x < width; x++) {
        const v = full.mask[from + Math.floor(((x + 0.5) * full.width) / width)]
        mask[y * width + x] = v
        share[labels[y * width + x]] += v
        inside += v
      }
    }
    for (let i = 0; i < count; i++) share[i] /= area[i]
    if (inside > 0) cases.push({ row, regions, truth: { width, height, mask }, share })
  }
  return cases
}
