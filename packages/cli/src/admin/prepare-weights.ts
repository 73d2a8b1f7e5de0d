/** Has the container's own Python check and convert published files that lie on this machine. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CliError } from '../errors.ts'
import type { Terminal } from '../terminal.ts'
import { CONTAINER } from './image.ts'
import { findWeightsFaults } from './needed-weights.ts'
import { readWeightsManifest, type WeightsManifest } from './weights-manifest.ts'

export const LOCK = 'weights.lock.json'
const MADE = 'prepared'
export const PYTHONS = process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']
/** The oldest minor version of Python 3. */
const OLDEST = 10
/** A program that ends with 0 where Python is new enough. */
export const NEW_ENOUGH = `import sys; raise SystemExit(sys.version_info[:2] < (3, ${OLDEST}))`

/** What lies beside the weights: each file's size and hash, and the published files that they were made from. */
export interface WeightsLock {
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>
  readonly sources: Readonly<Record<string, { readonly revision: string; readonly sha256: string }>>
}

export function readLock(folder: string): WeightsLock {
  return JSON.parse(readFileSync(join(folder, LOCK), 'utf8'))
}

/**
 * The folder with the converted weights: `folder` itself where it holds them, else `folder`/prepared, made now unless it
 * stands there from an earlier call. Throws with the name of each published file that is missing or another.
 */
export async function prepareWeights(
  folder: string,
  terminal: Terminal,
  container = CONTAINER,
): Promise<string> {
  const manifest = readWeightsManifest(container)
  for (const made of [folder, join(folder, MADE)])
    if (existsSync(join(made, LOCK)) && fits(readLock(made), manifest)) {
      terminal.note(`${made} holds converted weights`)
      return made
    }
  const faults = findWeightsFaults(folder, manifest)
  if (faults.length > 0) throw new CliError(`"${folder}" is not whole:\n${faults.join('\n')}`)
  const made = join(folder, MADE)
  await runStaging(['prepare', folder, made], terminal, container)
  return made
}

/** Made from this release's published files, and with all that its container loads. */
function fits({ files, sources }: WeightsLock, manifest: WeightsManifest): boolean {
  return (
    Object.entries(manifest.models).every(([model, names]) =>
      names.every((name) => Object.hasOwn(files, `${model}/${name}`)),
    ) &&
    manifest.sources.every(({ folder, revision, files: published }) =>
      published.every(({ name }) => sources[`${folder}/${name}`]?.revision === revision),
    )
  )
}

async function runStaging(args: readonly string[], terminal: Terminal, container: string): Promise<void> {
  const python = await findPython(terminal)
  terminal.note('Checking and converting: minutes, and as much room again on the disk.')
  const child = spawn(python, ['-m', 'gen3d_engine.staging', ...args], {
    cwd: terminal.folder,
    env: { ...terminal.env, PYTHONPATH: container, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: terminal.signal,
  })
  let last = ''
  const lines = createInterface({ input: child.stderr })
  lines.on('line', (line) => {
    last = line
    terminal.note(line)
  })
  const code = await ended(child)
  if (code !== 0) throw new CliError(`The weights were not converted. ${last}`)
}

async function findPython(terminal: Terminal): Promise<string> {
  for (const name of [terminal.env.GEN3D_PYTHON, ...PYTHONS]) {
    if (!name) continue
    const child = spawn(name, ['-c', NEW_ENOUGH], { env: { ...terminal.env }, stdio: 'ignore' })
    if ((await ended(child).catch(() => 1)) === 0) return name
  }
  throw new CliError(
    `Converting needs Python 3.${OLDEST} or newer, without any package: install it or name it with ` +
      'GEN3D_PYTHON. Or have AWS fetch and convert them: --token-stdin.',
  )
}

function ended(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
