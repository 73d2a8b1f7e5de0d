/** weights.json of the container: which published files the engine is made from, and where each licence is accepted. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toSize } from '../report.ts'
import { CONTAINER } from './image.ts'

export interface PublishedFile {
  readonly name: string
  /** Where the hash is unknown, about. */
  readonly bytes: number
  /** Null where nobody could read it: then the hub's own record decides. */
  readonly sha256: string | null
}

export interface WeightsSource {
  /** Under the folder of all weights. */
  readonly folder: string
  readonly repository: string
  /** A commit: what lies there cannot change. */
  readonly revision: string
  readonly licence: string
  /** Null where nobody asks for that. */
  readonly accept_at: string | null
  readonly files: readonly PublishedFile[]
}

export interface WeightsManifest {
  readonly sources: readonly WeightsSource[]
  /** By model, the files that the container loads, made of the published ones. */
  readonly models: Readonly<Record<string, readonly string[]>>
}

/** Of S3 Standard in us-east-1, the first 50 TB. */
const USD_PER_GB_MONTH = 0.023
/** Converted to half precision; everything else keeps its size. */
const HALVED = 'sam3/model.safetensors'

export function readWeightsManifest(container = CONTAINER): WeightsManifest {
  return JSON.parse(readFileSync(join(container, 'gen3d_engine', 'weights.json'), 'utf8'))
}

/** For people, before anything is fetched: how much, what it costs, and every licence with where it is accepted. */
export function describeWeights({ sources }: WeightsManifest): string[] {
  const files = sources.flatMap(({ folder, files }) =>
    files.map(({ name, bytes }) => ({ path: `${folder}/${name}`, bytes })),
  )
  const fetched = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const kept = files.reduce((sum, { path, bytes }) => sum + (path === HALVED ? bytes / 2 : bytes), 0)
  const cost = ((kept / 1e9) * USD_PER_GB_MONTH).toFixed(2)
  return [
    `${toSize(fetched)} are published; about ${toSize(kept)} are kept in the bucket, about $${cost} a month.`,
    ...sources.map(({ repository, licence, accept_at }) => {
      const accept = accept_at ? `accept it at ${accept_at}` : 'there is nothing to accept'
      return `${repository}, ${licence}: ${accept}`
    }),
  ]
}
