import { statSync } from 'node:fs'
import { join } from 'node:path'
import { readWeightsManifest, type WeightsManifest } from './weights-manifest.ts'

/**
 * What the conversion will refuse, before 17 GB are read: published files that are not in `folder` or have another size.
 * One sentence a file, with where its licence is accepted.
 */
export function findWeightsFaults(
  folder: string,
  { sources }: WeightsManifest = readWeightsManifest(),
): string[] {
  return sources.flatMap(({ folder: under, repository, revision, accept_at, files }) =>
    files.flatMap(({ name, bytes, sha256 }) => {
      const size = statSync(join(folder, under, name), { throwIfNoEntry: false })?.size
      if (size === bytes || (size && !sha256)) return []
      const what = size === undefined ? 'is missing' : `has ${size} bytes, ${bytes} are published`
      const licence = accept_at ? `, licence at ${accept_at}` : ''
      return [`${under}/${name} ${what} (from ${repository} at ${revision.slice(0, 12)}${licence})`]
    }),
  )
}
