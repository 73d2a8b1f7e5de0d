// The Python environment of services/inference/container under .build: torch for a CPU, what the tests need, the linters.
// Torch on PyPI is the CUDA build: 5.8 GB on disk, 2.5 minutes with a fast line; what torch loads only on a GPU is left out.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './steps.ts'

export const CONTAINER = join(ROOT, 'services', 'inference', 'container')
export const BUILD = join(ROOT, '.build')
const VENV = join(BUILD, 'container-venv')
const LOCK = join(CONTAINER, 'requirements', 'test.lock')
const STAMP = join(VENV, 'gen3d-lock.sha256')
const UV = 'uv==0.13.9'
/** The locks are made for it. */
const VERSION = '3.11'

const wanted = () => createHash('sha256').update(readFileSync(LOCK)).digest('hex')

export function containerTool(name: string): string {
  return join(VENV, 'bin', name)
}

/** Why the environment cannot be made here; null where it can. */
export function whyNoContainer(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'its locks are for Linux on x86-64'
  return findPython() ? null : `no Python ${VERSION} with venv was found (python${VERSION}, python3)`
}

/** Makes the environment where the present lock has none; throws with the reason. */
export function setUpContainerTools(): void {
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted()) return
  const python = findPython()
  if (!python) throw new Error(whyNoContainer() ?? '')
  // Over what is there: torch is most of it, and seldom changes.
  run(python, ['-m', 'venv', VENV])
  run(containerTool('python'), ['-m', 'pip', 'install', '--quiet', UV])
  run(containerTool('uv'), [
    ...['pip', 'install', '--quiet', '--no-cache', '--python', containerTool('python')],
    ...['--no-deps', '--require-hashes', '--requirement', LOCK],
  ])
  writeFileSync(STAMP, wanted())
}

function findPython(): string | undefined {
  return [`python${VERSION}`, 'python3'].find((name) => {
    const test = `import sys, venv, ensurepip; raise SystemExit(sys.version_info[:2] != (${VERSION.replace('.', ', ')}))`
    return spawnSync(name, ['-c', test]).status === 0
  })
}

function run(program: string, args: readonly string[]): void {
  const done = spawnSync(program, args, { encoding: 'utf8' })
  if (done.status !== 0)
    throw new Error(`${program} ${args[0]} failed.\n${done.stderr ?? done.error?.message}`)
}
