import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A running server of the local stack, reachable from this machine only. */
export interface LoopbackServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly endpoint: string
  readonly port: number
  /** Refuses new connections, lets running requests end (at most `graceSeconds`), then closes what is left. */
  stop(): Promise<void>
}

/** What `serveLoopback` is told. */
export interface LoopbackOptions {
  /** Names the server in error messages. */
  readonly name: string
  /** 0 takes any free port. */
  readonly port: number
  /** Host names that are taken beside this machine's own, without a port. */
  readonly hosts?: readonly string[]
  /** May throw or reject: the caller of the server then gets a bare 500 and `onError` the cause. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void
  readonly onError?: (error: unknown) => void
  /** How long `stop` waits for running requests (default 2 s). */
  readonly graceSeconds?: number
}

/** A body is longer than its reader allows. */
export class BodyTooLarge extends Error {
  readonly limitBytes: number
  constructor(limitBytes: number) {
    super(`The body is longer than ${limitBytes} bytes.`)
    this.name = 'BodyTooLarge'
    this.limitBytes = limitBytes
  }
}

// A page on the internet can point its own name at 127.0.0.1 (DNS rebinding) and then read a server that has no
// signatures. Such a request carries that name as its host.
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i

/**
 * Serves HTTP on 127.0.0.1 and resolves once the port accepts connections; rejects with a sentence that says what to
 * do (its cause is Node's error) when the port is taken.
 */
export async function serveLoopback(options: LoopbackOptions): Promise<LoopbackServer> {
  const onError = options.onError ?? ((error) => console.error(`${options.name}:`, error))
  const server = createServer((request, response) => {
    const { host = '' } = request.headers
    if (!LOOPBACK_HOST.test(host) && !options.hosts?.includes(host.replace(/:\d+$/, ''))) {
      response.writeHead(421, { 'Content-Type': 'text/plain' }).end('Ask for 127.0.0.1.\n')
      return
    }
    response.on('error', onError)
    Promise.resolve()
      .then(() => options.handle(request, response))
      .catch((error) => {
        onError(error)
        if (response.headersSent) response.destroy()
        else response.writeHead(500, { 'Content-Type': 'text/plain' }).end('Internal error.\n')
      })
  })
  // Uploads over a slow link may take longer than Node's 5 minutes.
  server.requestTimeout = 0
  // A client may send on a connection in the moment in which it is closed for idleness, and the call is lost: longer
  // than the clients keep theirs.
  server.keepAliveTimeout = 65_000
  server.headersTimeout = 70_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'the port is taken; choose another' : cause.message
      reject(new Error(`${options.name} cannot listen on 127.0.0.1:${options.port}: ${why}.`, { cause }))
    })
    server.listen(options.port, '127.0.0.1', resolve)
  })
  server.on('error', onError)
  const { port } = server.address() as AddressInfo
  let stopping: Promise<void> | undefined
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    stop() {
      stopping ??= new Promise((resolve) => {
        const force = setTimeout(() => server.closeAllConnections(), (options.graceSeconds ?? 2) * 1000)
        // A connection that was busy when the server closed stays open for its keep-alive time.
        const sweep = setInterval(() => server.closeIdleConnections(), 20)
        server.close(() => {
          clearTimeout(force)
          clearInterval(sweep)
          resolve()
        })
      })
      return stopping
    },
  }
}

/** Reads a whole body of at most `limitBytes`; throws `BodyTooLarge` beyond, and leaves the connection usable for the answer. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  // Leaving the loop must not destroy the request: its socket still has to carry the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length
    if (length > limitBytes) break
    chunks.push(chunk)
  }
  if (length > limitBytes) {
    request.resume()
    throw new BodyTooLarge(limitBytes)
  }
  return Buffer.concat(chunks, length)
}

/** Answers with JSON; `headers` come on top. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
    ...headers,
  })
  response.end(bytes)
}
