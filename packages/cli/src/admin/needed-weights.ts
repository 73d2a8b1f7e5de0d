import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CONTAINER } from './image.ts'

interface NeededFile {
  readonly name: string
  readonly least_bytes: number
  readonly repository?: string
}

interface NeededModel {
  readonly repository: string
  readonly accept_at: string
  readonly files: readonly NeededFile[]
}

/**
 * What the container will refuse at its start, before 20 GB are sent: files of `folder` that are not there or too short
 * to be whole. One sentence a file, with where its licence is accepted.
 */
export function findWeightsFaults(folder: string): string[] {
  const text = readFileSync(join(CONTAINER, 'gen3d_engine', 'weights.json'), 'utf8')
  const { models } = JSON.parse(text) as { models: Record<string, NeededModel> }
  return Object.entries(models).flatMap(([model, { repository, accept_at, files }]) =>
    files.flatMap((file) => {
      const size = statSync(join(folder, model, file.name), { throwIfNoEntry: false })?.size
      if (size !== undefined && size >= file.least_bytes) return []
      const what =
        size === undefined ? 'is missing' : `has ${size} bytes, at least ${file.least_bytes} are expected`
      const from = file.repository ?? `${repository}, licence at ${accept_at}`
      return [`${model}/${file.name} ${what} (from ${from})`]
    }),
  )
}
