/** Runs `npm start`'s own script in a folder of its own, as a person would, and stops or kills it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readStackFile, type StackFile } from '../../scripts/stack-file.ts'
import { ROOT } from '../../scripts/steps.ts'

const READY_WITHIN_MS = 90_000

export interface TestStack {
  readonly file: StackFile
  /** What the terminal showed so far. */
  output(): string
  /** The stack's log: every part's lines. */
  log(): string
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>
  /** kill -9 of the process and of everything that it started. */
  kill(): Promise<void>
}

export function newStackFolder(): string {
  return mkdtempSync(join(tmpdir(), 'gen3d-stack-'))
}

export function removeStackFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)))
}

/** A port that nobody holds now: away from the developer's own stack, and from other runs. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** Starts the stack in a folder, with more variables where they are given, and resolves when it has said where it is. */
export async function startTestStack(
  folder: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<TestStack> {
  const port = await freePort()
  let output = ''
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'scripts', 'start.ts'), '--port', String(port)],
    {
      cwd: ROOT,
      env: { ...process.env, ...environment, GEN3D_LOCAL_FOLDER: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that all of it can be killed at once.
      detached: process.platform !== 'win32',
    },
  )
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk
    })
  }
  const end = Date.now() + READY_WITHIN_MS
  for (;;) {
    const file = readStackFile(folder)
    if (file && file.pid === child.pid) {
      return {
        file,
        output: () => output,
        log: () => readFileSync(join(folder, 'stack.log'), 'utf8'),
        async stop() {
          child.kill('SIGINT')
          return ended(child)
        },
        async kill() {
          if (process.platform === 'win32') child.kill('SIGKILL')
          else process.kill(-(child.pid as number), 'SIGKILL')
          await ended(child)
        },
      }
    }
    if (child.exitCode !== null) throw new Error(`The stack ended with ${child.exitCode}:\n${output}`)
    if (Date.now() > end) {
      child.kill('SIGKILL')
      throw new Error(`The stack was not ready in time:\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
