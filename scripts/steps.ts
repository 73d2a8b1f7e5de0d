// Runs commands one after another and says of each how it ended; the output is shown where it helps.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Vitest, which names again at its end what failed. */
export const VITEST = ['vitest', 'run', '--reporter=default', '--reporter=./scripts/list-failed.ts'] as const

export interface Step {
  readonly name: string
  /** Program and arguments; programs of node_modules/.bin are found by their name. */
  readonly command: readonly string[]
  readonly env?: Record<string, string>
  /** The repository's root when left out. */
  readonly cwd?: string
  /** Shows the output as it comes instead of only after a failure. */
  readonly live?: true
}

/** Runs one step; resolves with its exit code and what it printed (nothing, when live). */
export function runStep(step: Step): Promise<{ code: number; output: string }> {
  const [program, ...args] = step.command
  const bin = join(ROOT, 'node_modules', '.bin')
  const separator = process.platform === 'win32' ? ';' : ':'
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: step.cwd ?? ROOT,
      env: {
        ...process.env,
        PATH: `${bin}${separator}${process.env.PATH}`,
        ...step.env,
      },
      stdio: step.live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      // Programs of node_modules/.bin are .cmd files on Windows.
      shell: process.platform === 'win32',
    })
    let output = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
    })
    child.stderr?.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** Runs all steps, also after one failed, and resolves with the names of those that failed. */
export async function runSteps(steps: readonly Step[]): Promise<string[]> {
  const failed: string[] = []
  for (const step of steps) {
    const start = performance.now()
    if (step.live) console.log(`\n— ${step.name}`)
    const { code, output } = await runStep(step)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${seconds} s)`)
    if (code !== 0) {
      failed.push(step.name)
      if (output) console.log(output.trimEnd())
    }
  }
  return failed
}
