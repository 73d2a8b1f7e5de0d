/** For tests: a terminal that remembers, and `gen3d` called in this process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { COMMANDS } from './commands.ts'
import { runCommand } from './run-command.ts'

export interface Run {
  readonly exit: number
  readonly out: string
  readonly notes: string
}

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs `gen3d` as in `folder`, whose `config` holds the sign-ins. */
export async function gen3d(
  folder: string,
  args: readonly string[],
  options: {
    readonly input?: string
    readonly signal?: AbortSignal
    readonly onDraw?: (text: string) => void
  } = {},
): Promise<Run> {
  const out: string[] = []
  const notes: string[] = []
  const exit = await runCommand(COMMANDS, args, {
    out: (text) => void out.push(text),
    note: (text) => void notes.push(text),
    draw: options.onDraw ?? null,
    stdin: Readable.from(options.input === undefined ? [] : [options.input]),
    stderr: new PassThrough(),
    env: { GEN3D_CONFIG_DIR: join(folder, 'config') },
    folder,
    signal: options.signal ?? new AbortController().signal,
  })
  return { exit, out: out.join('\n'), notes: notes.join('\n') }
}
