import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExecuteAnswer } from '@gen3d/jobs/execute-job'
import type { Log } from '@gen3d/jobs/ports'
import { INFERENCE_CONTENT_TYPE } from '@gen3d/shared/inference'
import { QueueClosed } from './fair-queue.ts'

/** What stands behind the two routes. */
export interface Work {
  /** Resolves when the engine has proven that it works. */
  load(): Promise<void>
  /** Runs one job to its end. The signal says that nobody waits for the answer any more. */
  run(request: unknown, signal: AbortSignal): Promise<ExecuteAnswer>
  /** Takes nothing new; resolves when what ran has ended. */
  drain(): Promise<void>
  /** Ends what still runs. */
  abandon(): Promise<void>
}

export interface Container {
  readonly port: number
  /** Why the engine could not be loaded; pending while it can be used. */
  readonly failed: Promise<Error>
  /** Ends within 28 s: SageMaker kills 30 s after SIGTERM. */
  stop(): Promise<void>
}

/** A request is a few hundred bytes of JSON: keys, no pictures. */
const MAX_REQUEST_BYTES = 1_000_000
const DRAIN_SECONDS = 20
const ABANDON_SECONDS = 8

type State = 'loading' | 'ready' | 'failed' | 'stopping'

const PING_STATUS: Record<State, number> = { loading: 503, ready: 200, failed: 500, stopping: 503 }

/** Serves the container contract of SageMaker: GET /ping and POST /invocations. Resolves once the port is open. */
export async function serveContainer(
  work: Work,
  options: { readonly host: string; readonly port: number; readonly log: Log },
): Promise<Container> {
  const { log } = options
  let state: State = 'loading'
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      log.error('request failed', { error: String(error) })
      send(response, 500, errorBody('internal', 'The engine’s process failed. Try again.'))
    })
  })
  // A job may take longer than Node's 5 minutes.
  server.requestTimeout = 0

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0]
    if (path === '/ping' && request.method === 'GET') {
      send(response, PING_STATUS[state], { state })
    } else if (path === '/invocations' && request.method === 'POST') {
      await invoke(request, response)
    } else {
      send(response, 404, errorBody('not_found', 'There are GET /ping and POST /invocations.'))
    }
  }

  async function invoke(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (state !== 'ready') {
      request.resume()
      send(response, 503, errorBody('unavailable', `The engine is ${state}.`))
      return
    }
    const text = await readText(request)
    if (text === null) {
      send(response, 413, errorBody('too_large', `A request has at most ${MAX_REQUEST_BYTES} bytes.`))
      return
    }
    let job: unknown
    try {
      job = JSON.parse(text)
    } catch {
      send(response, 400, errorBody('invalid_json', 'The body is not JSON.'))
      return
    }
    const gone = new AbortController()
    response.on('close', () => gone.abort(new Error('nobody waits for the answer')))
    try {
      const { status, body } = await work.run(job, gone.signal)
      send(response, status, body)
    } catch (error) {
      if (!(error instanceof QueueClosed)) throw error
      send(response, 503, errorBody('unavailable', error.message))
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const failed = new Promise<Error>((resolve) => {
    work.load().then(
      () => {
        if (state === 'loading') state = 'ready'
        log.info('engine ready')
      },
      (error: Error) => {
        // A stop ends the loading, too: that is no failure.
        if (state === 'stopping') return
        state = 'failed'
        resolve(error)
      },
    )
  })
  return {
    port: (server.address() as AddressInfo).port,
    failed,
    async stop() {
      state = 'stopping'
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      if (!(await endsWithin(work.drain(), DRAIN_SECONDS))) log.warn('a job is abandoned: its time is up')
      await work.abandon()
      const force = setTimeout(() => server.closeAllConnections(), ABANDON_SECONDS * 1000)
      server.closeIdleConnections()
      await closed
      clearTimeout(force)
    },
  }
}

async function endsWithin(work: Promise<void>, seconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000)
  })
  const ended = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return ended
}

/** Null when it is too long. */
async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length <= MAX_REQUEST_BYTES) chunks.push(chunk)
  }
  return length > MAX_REQUEST_BYTES ? null : Buffer.concat(chunks).toString('utf8')
}

function errorBody(code: string, message: string): object {
  return { error: { code, message } }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'Content-Type': INFERENCE_CONTENT_TYPE,
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
}
