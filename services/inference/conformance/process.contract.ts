import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { ENV } from '@gen3d/shared/names'

/** How an engine's process is started. It takes its port from SAGEMAKER_BIND_TO_PORT. */
export interface Start {
  readonly command: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface EngineProcess {
  /** The status of GET /ping; null while nothing listens. */
  ping(): Promise<number | null>
  /** POST /invocations; an object is sent as JSON, text as it stands. */
  invoke(request: object | string): Promise<Answer>
  fetch(path: string): Promise<number>
  kill(signal: NodeJS.Signals): void
  /** The exit code; null when a signal ended it. */
  readonly exit: Promise<number | null>
  /** What it wrote so far, both streams. */
  output(): string
}

/** An engine that imports torch takes half a minute on a busy machine. */
export const STARTED_SECONDS = 150
const LOOK_MS = 50

/** Starts the process and returns at once. */
export async function startProcess({ command, env }: Start): Promise<EngineProcess> {
  const port = await freePort()
  const [file, ...args] = command
  const child = spawn(file, args, {
    env: { ...process.env, ...env, [ENV.enginePort]: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const url = `http://127.0.0.1:${port}`
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
  return {
    async ping() {
      const answer = await fetch(`${url}/ping`).catch(() => null)
      await answer?.body?.cancel()
      return answer?.status ?? null
    },
    async invoke(request) {
      const answer = await fetch(`${url}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof request === 'string' ? request : JSON.stringify(request),
      })
      return { status: answer.status, body: await answer.json() }
    },
    fetch: async (path) => (await fetch(`${url}${path}`)).status,
    kill: (signal) => void child.kill(signal),
    exit: exitOf(child),
    output: () => output,
  }
}

/** Starts the process and waits for its first healthy answer; rejects when it ends or takes too long. */
export async function startReady(start: Start): Promise<EngineProcess> {
  const engine = await startProcess(start)
  let ended = false
  void engine.exit.then(() => {
    ended = true
  })
  const end = Date.now() + STARTED_SECONDS * 1000
  while ((await engine.ping()) !== 200) {
    if (ended || Date.now() > end) throw new Error(`the engine did not become healthy:\n${engine.output()}`)
    await pause(LOOK_MS)
  }
  return engine
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** Looks again and again until the value is there; rejects after the time that a start may take. */
export async function until<T>(look: () => Promise<T | null>): Promise<T> {
  const end = Date.now() + STARTED_SECONDS * 1000
  for (;;) {
    const value = await look()
    if (value !== null) return value
    if (Date.now() > end) throw new Error(`this did not happen within ${STARTED_SECONDS} s`)
    await pause(LOOK_MS)
  }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
