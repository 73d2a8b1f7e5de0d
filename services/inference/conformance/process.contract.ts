/** The engine's process alone, spoken to by HTTP as SageMaker speaks to its containers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { ENV } from '@gen3d/shared/names'
import { type Answer, becomeReady, type Host, type RunningEngine, type Start } from './engine.contract.ts'

const DEFAULT_TIMEOUT_SECONDS = 900

interface Running {
  readonly child: ChildProcess
  readonly url: string
  /** The exit code; null when a signal ended it. */
  readonly exit: Promise<number | null>
  /** Undefined while it lives. */
  code?: number | null
}

export const asProcess: Host = {
  keepsJobs: false,
  async start(start, bucket): Promise<RunningEngine> {
    let output = ''
    const spawned = () =>
      spawnProcess({ ...start, env: { ...bucket.env, ...start.env } }, (text) => {
        output += text
      })
    let running = await spawned()
    let wasReady = false

    async function get(path: string): Promise<number | null> {
      const answer = await fetch(`${running.url}${path}`).catch(() => null)
      await answer?.body?.cancel()
      return answer?.status ?? null
    }

    const engine: RunningEngine = {
      get,
      async health() {
        const status = await get('/ping')
        wasReady ||= status === 200
        if (status === null) return 'gone'
        return status === 200 ? 'ready' : 'starting'
      },
      invoke: (request, options) => post(running, request, options?.timeoutSeconds),
      failedStart() {
        const { code } = running
        return code === undefined || wasReady ? null : `the process ended with ${code}`
      },
      async stop() {
        running.child.kill('SIGTERM')
        const code = await running.exit
        if (code !== 0) throw new Error(`the process ended with ${code}:\n${output}`)
      },
      async revive() {
        await running.exit
        wasReady = false
        running = await spawned()
        await becomeReady(engine)
      },
      async end() {
        running.child.kill('SIGKILL')
        await running.exit
      },
      output: () => output,
    }
    return engine
  },
}

async function spawnProcess({ command, env }: Start, onText: (text: string) => void): Promise<Running> {
  const port = await freePort()
  const [file, ...args] = command
  const child = spawn(file, args, {
    env: { ...process.env, ...env, [ENV.enginePort]: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => onText(String(data)))
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  const running: Running = { child, url: `http://127.0.0.1:${port}`, exit }
  void exit.then((code) => {
    running.code = code
  })
  return running
}

async function post(
  { url }: Running,
  request: object | string,
  timeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
): Promise<Answer> {
  try {
    const answer = await fetch(`${url}/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof request === 'string' ? request : JSON.stringify(request),
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    })
    return { status: answer.status, body: await answer.json() }
  } catch (error) {
    return { status: (error as Error).name === 'TimeoutError' ? 'late' : 'died', body: null }
  }
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
