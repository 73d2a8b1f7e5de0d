import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createBuilds } from '@gen3d/aws/admin/builds'
import { zipSync } from 'fflate'
import { CliError } from '../errors.ts'
import type { Terminal } from '../terminal.ts'
import { followBuild } from './build.ts'
import { outputsOf, type Place } from './deployed.ts'

/** The image’s source. */
export const CONTAINER = fileURLToPath(new URL('../../../../services/inference/container', import.meta.url))
const LEFT_OUT = new Set([
  '__pycache__',
  '.venv',
  'node_modules',
  '.git',
  '.mypy_cache',
  '.ruff_cache',
  '.pytest_cache',
])

/** Zips the container's source, has CodeBuild build and push it, and returns the image's digest as it was recorded. */
export async function buildImage(
  place: Place,
  terminal: Terminal,
  folder = CONTAINER,
  pollSeconds?: number,
): Promise<string> {
  if (!existsSync(join(folder, 'Dockerfile')))
    throw new CliError(`There is no Dockerfile in "${folder}". Take a release that has the GPU container.`)
  const { ImageBuildName } = await outputsOf(place, 'inference')
  const { BucketName } = await outputsOf(place, 'foundation')
  const builds = createBuilds(place.account, place.stage)
  await builds.putSource(BucketName, 'image', zipFolder(folder))
  const id = await builds.start(ImageBuildName)
  terminal.note(`Build ${id}`)
  await followBuild(builds, id, terminal, pollSeconds)
  return builds.recorded('image-uri')
}

/** The same bytes for the same files: names sorted, times left out. */
export function zipFolder(folder: string): Uint8Array {
  const files: Record<string, Uint8Array> = {}
  const visit = (path: string, prefix: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      if (LEFT_OUT.has(entry.name)) continue
      if (entry.isDirectory()) visit(join(path, entry.name), `${prefix}${entry.name}/`)
      else if (entry.isFile()) files[`${prefix}${entry.name}`] = readFileSync(join(path, entry.name))
    }
  }
  visit(folder, '')
  return zipSync(files, { mtime: new Date(1980, 0, 1) })
}
