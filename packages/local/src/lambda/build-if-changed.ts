import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type BuildOptions, build, version } from 'esbuild'

/** What a bundle was made of and with; it lies beside it. */
interface Stamp {
  readonly made: string
  /** Path, and size with time of change. */
  readonly inputs: readonly (readonly [path: string, mark: string])[]
}

const LOCK_FILE = 'pnpm-lock.yaml'

/**
 * Runs esbuild, or leaves the bundle of `outFolder` as it is when neither an option nor a file that went into it has
 * changed since: a second start need not spend seconds on the same bytes.
 */
export async function buildIfChanged(
  outFolder: string,
  options: BuildOptions & { readonly absWorkingDir: string },
): Promise<void> {
  const stampFile = join(outFolder, 'inputs.json')
  const made = JSON.stringify([version, options])
  if (isCurrent(stampFile, made)) return
  rmSync(stampFile, { force: true })
  const { metafile } = await build({ ...options, metafile: true })
  const files = Object.keys(metafile.inputs)
    .map((path) => resolve(options.absWorkingDir, path.replace(/^\(disabled\):/, '')))
    // esbuild's own inventions, such as an empty module, are no files.
    .filter((path) => existsSync(path))
  const stamp: Stamp = {
    made,
    inputs: [...files, ...lockFileAbove(options.absWorkingDir)].map((path) => [path, markOf(path)]),
  }
  mkdirSync(outFolder, { recursive: true })
  writeFileSync(stampFile, JSON.stringify(stamp))
}

function isCurrent(stampFile: string, made: string): boolean {
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8')) as Stamp
    return stamp.made === made && stamp.inputs.every(([path, mark]) => markOf(path) === mark)
  } catch {
    // No stamp, or one of its files is gone.
    return false
  }
}

function markOf(path: string): string {
  const { size, mtimeMs } = statSync(path)
  return `${size} ${mtimeMs}`
}

/** Another version of a dependency lies in another folder: only the lock file tells of it. */
function lockFileAbove(folder: string): string[] {
  const path = join(folder, LOCK_FILE)
  if (existsSync(path)) return [path]
  return dirname(folder) === folder ? [] : lockFileAbove(dirname(folder))
}
