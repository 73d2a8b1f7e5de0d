// Python tools of tests/infra (cfn-lint, an AWS emulator) in a virtual environment under .build. Required in CI; elsewhere
// what needs them says that it was skipped.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './steps.ts'

const VENV = join(ROOT, '.build', 'infra-venv')
const BIN = join(VENV, process.platform === 'win32' ? 'Scripts' : 'bin')
const REQUIREMENTS = join(ROOT, 'tests', 'infra', 'requirements.txt')
const STAMP = join(VENV, 'gen3d-requirements.sha256')

const wanted = () => createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex')

/** A program of the environment, or null when it has not been set up for the present requirements. */
export function findInfraTool(name: string): string | null {
  const current = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted()
  return current ? join(BIN, process.platform === 'win32' ? `${name}.exe` : name) : null
}

/** Sets the environment up; throws with the reason and what to do. */
export function setUpInfraTools(): void {
  if (findInfraTool('python')) return
  const run = (program: string, args: readonly string[]) => {
    const done = spawnSync(program, args, { encoding: 'utf8' })
    if (done.status !== 0) {
      throw new Error(
        `Python 3.10 or newer with venv is needed for the template checks (Debian: apt install python3-venv).\n${done.error?.message ?? ''}${done.stderr ?? ''}`,
      )
    }
  }
  run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', VENV])
  run(join(BIN, 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS])
  writeFileSync(STAMP, wanted())
}

if (process.argv[1]?.endsWith('infra-tools.ts')) setUpInfraTools()
