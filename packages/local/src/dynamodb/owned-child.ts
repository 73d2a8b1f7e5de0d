import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A program that belongs to this process and ends with it. */
export interface OwnedChildOptions {
  /** Names it in error messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Remembers the child for the next start; removed when it ended. */
  readonly pidFile: string
  /** Occurs in the child's command line and in no other program's: the folder it works in, for example. */
  readonly mark: string
  /** How the child learns that this process is gone: it sees the end of its standard input, or a shell sees it for it. */
  readonly watch: 'own-stdin' | 'shell'
}

/** A running child. */
export interface OwnedChild {
  readonly pid: number
  /** Resolves with a sentence when the child has ended, whoever ended it. */
  readonly exited: Promise<string>
  /** Asks it to end, forces it after 3 s, and resolves when it is gone. */
  stop(): Promise<void>
}

const GRACE_MS = 3000
const ERROR_TAIL_CHARACTERS = 2000

// The shell becomes the program and keeps its pid. Beside it a subshell reads our pipe: a line is the farewell of an
// orderly stop, an end without one means that this process was killed. Background jobs get no standard input of their
// own, hence descriptor 3.
const SHELL_WATCH =
  'exec 3<&0; { if ! read -r _ <&3; then kill -9 $$; fi; } 2>/dev/null & exec "$0" "$@" </dev/null 3<&-'

/** Ends what a killed predecessor left behind, then starts the program; throws when the pid file's owner still runs. */
export async function startOwnedChild(options: OwnedChildOptions): Promise<OwnedChild> {
  await endStaleChild(options)
  const [command, args] =
    options.watch === 'shell'
      ? ['/bin/sh', ['-c', SHELL_WATCH, options.command, ...options.args]]
      : [options.command, [...options.args]]
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'], windowsHide: true })
  const exited = watchExit(options.name, child)
  if (child.pid === undefined) throw new Error(await exited)
  child.stdin?.on('error', () => {
    // It ended before it read the farewell: `exited` tells.
  })
  mkdirSync(dirname(options.pidFile), { recursive: true })
  writeFileSync(options.pidFile, JSON.stringify({ pid: child.pid, parent_pid: process.pid }))
  return {
    pid: child.pid,
    exited,
    async stop() {
      child.stdin?.end('bye\n')
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      await exited
      clearTimeout(force)
      rmSync(options.pidFile, { force: true })
    },
  }
}

/** The command line of a running process; undefined when there is none of that id. */
export async function commandLineOf(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined
  const run = promisify(execFile)
  try {
    if (existsSync('/proc/self/cmdline')) {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    }
    const { stdout } =
      process.platform === 'win32'
        ? await run('powershell', [
            '-NoProfile',
            '-Command',
            `(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').CommandLine`,
          ])
        : await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)])
    return stdout.trim()
  } catch {
    // It ended between the two looks.
    return undefined
  }
}

async function endStaleChild({ name, pidFile, mark }: OwnedChildOptions): Promise<void> {
  const left = readPidFile(pidFile)
  if (!left || !(await commandLineOf(left.pid))?.includes(mark)) return
  // Our own folder is in its command line, so it is ours; is it still somebody's?
  const parent = await commandLineOf(left.parent_pid)
  if (parent?.includes('node')) {
    throw new Error(
      `${name} already runs in ${mark} (process ${left.pid}, started by ${left.parent_pid}). End that one first.`,
    )
  }
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(left.pid, signal)
    } catch {
      // It has just ended by itself.
    }
    for (let waited = 0; waited < GRACE_MS; waited += 20) {
      if (!isAlive(left.pid)) return
      await delay(20)
    }
  }
  throw new Error(`${name}: the process ${left.pid} of an earlier start does not end. End it by hand.`)
}

function readPidFile(path: string): { readonly pid: number; readonly parent_pid: number } | undefined {
  try {
    const { pid, parent_pid } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    if (Number.isInteger(pid) && Number.isInteger(parent_pid) && Number(pid) > 1) {
      return { pid: Number(pid), parent_pid: Number(parent_pid) }
    }
  } catch {
    // No file, or one that a kill cut short: whatever runs cannot be known to be ours.
  }
  return undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function watchExit(name: string, child: ChildProcess): Promise<string> {
  let tail = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    tail = (tail + bytes.toString('utf8')).slice(-ERROR_TAIL_CHARACTERS)
  })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`${name} did not start: ${error.message}.`))
    child.once('exit', (code, signal) => {
      const said = code === 0 || tail.trim() === '' ? '' : ` It said: ${tail.trim()}`
      resolve(`${name} ended with ${signal ?? `code ${code}`}.${said}`)
    })
  })
}
