// Builds the page when its sources changed since the last build.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runStep } from './steps.ts'

export const WEB_DIST = join(ROOT, 'apps', 'web', 'dist')
const STAMP = join(ROOT, '.build', 'web.sha256')
const SOURCES = [
  'apps/web',
  'packages/shared/src',
  'packages/shared/generated',
  'packages/image/src',
  'packages/preview/src',
  'packages/client/src',
]
const LEFT_OUT = new Set(['node_modules', 'dist'])

function hashFolder(folder: string, hash: ReturnType<typeof createHash>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (LEFT_OUT.has(entry.name) || entry.name.endsWith('.test.ts')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) hashFolder(path, hash)
    else hash.update(path).update(readFileSync(path))
  }
}

function hashSources(): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'pnpm-lock.yaml')))
  for (const folder of SOURCES) hashFolder(join(ROOT, folder), hash)
  return hash.digest('hex')
}

/** Makes apps/web/dist; does nothing when it is there and nothing changed. Throws with Vite's own words. */
export async function buildWeb(): Promise<void> {
  const wanted = hashSources()
  const present =
    existsSync(STAMP) && existsSync(join(WEB_DIST, 'index.html')) ? readFileSync(STAMP, 'utf8') : ''
  if (present === wanted) return
  const vite = join(ROOT, 'apps', 'web', 'node_modules', 'vite', 'bin', 'vite.js')
  mkdirSync(join(ROOT, '.build'), { recursive: true })
  // Beside the old one until it is whole: another stack may be serving that, or building at the same time.
  const fresh = join(ROOT, '.build', `web-${process.pid}`)
  const { code, output } = await runStep({
    name: 'page',
    command: ['node', vite, 'build', join(ROOT, 'apps', 'web'), '--outDir', fresh, '--emptyOutDir'],
    // A test runner sets its own, and Vite would then take the libraries' builds for debugging.
    env: { NODE_ENV: 'production' },
  })
  if (code !== 0) throw new Error(`The page could not be built:\n${output}`)
  rmSync(WEB_DIST, { recursive: true, force: true })
  renameSync(fresh, WEB_DIST)
  writeFileSync(STAMP, wanted)
}
