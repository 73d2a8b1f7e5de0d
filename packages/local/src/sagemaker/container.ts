import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { machineEnvironment } from '../machine-environment.ts'

/** How to start a model container: here a process that listens on the port in `SAGEMAKER_BIND_TO_PORT`. */
export interface ContainerOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Takes each line that the container writes. */
  readonly log: (line: string) => void
}

export interface ContainerAnswer {
  readonly status: number
  readonly contentType: string
  readonly hasLength: boolean
  readonly body: Buffer
}

export interface Container {
  readonly pid: number | undefined
  readonly isRunning: () => boolean
  readonly exited: Promise<void>
  /** One HTTP request; rejects when the container dies or `timeoutMs` is over (`name` is then `TimeoutError`). */
  readonly call: (
    method: string,
    path: string,
    timeoutMs: number,
    headers?: Readonly<Record<string, string>>,
    body?: Uint8Array,
  ) => Promise<ContainerAnswer>
  /** SIGTERM, then SIGKILL after the grace. */
  readonly stop: (graceSeconds: number) => Promise<void>
}

const guardFile = fileURLToPath(new URL('./container-guard.mjs', import.meta.url))

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a container process on a free port of 127.0.0.1; it is not ready before its `/ping` says so. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const port = await findFreePort()
  const guard = spawn(process.execPath, [guardFile, options.command, ...options.args], {
    cwd: options.cwd,
    env: { ...machineEnvironment(), ...options.env, SAGEMAKER_BIND_TO_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C goes to the whole group of the terminal; a container must hear it from the stack only, in order.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  for (const stream of [guard.stdout, guard.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', options.log)
  }
  let running = true
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      running = false
      resolve()
    }
    guard.once('exit', end)
    guard.once('error', (error) => {
      options.log(error.message)
      end()
    })
  })
  const signal = (name: NodeJS.Signals) => {
    // The channel may close between the look and the send; then the guard ends the container anyway.
    if (running && guard.connected) guard.send(name, () => {})
  }

  return {
    pid: guard.pid,
    isRunning: () => running,
    exited,
    call(method, path, timeoutMs, headers = {}, body = new Uint8Array()) {
      return new Promise((resolve, reject) => {
        // `fetch` gives up after 5 minutes without headers; an invocation may take an hour.
        const outgoing = httpRequest(
          {
            host: '127.0.0.1',
            port,
            method,
            path,
            agent: false,
            headers: { ...headers, ...(method === 'POST' ? { 'Content-Length': body.length } : {}) },
            signal: AbortSignal.timeout(Math.max(1, timeoutMs)),
          },
          async (incoming) => {
            try {
              const chunks: Buffer[] = []
              for await (const chunk of incoming) chunks.push(chunk)
              resolve({
                status: incoming.statusCode ?? 0,
                contentType: incoming.headers['content-type'] ?? 'application/octet-stream',
                hasLength: incoming.headers['content-length'] !== undefined,
                body: Buffer.concat(chunks),
              })
            } catch (error) {
              reject(error)
            }
          },
        )
        outgoing.on('error', (error) => {
          const { cause } = error
          reject(cause instanceof Error ? cause : error)
        })
        outgoing.end(body)
      })
    },
    async stop(graceSeconds) {
      signal('SIGTERM')
      const timer = setTimeout(() => signal('SIGKILL'), graceSeconds * 1000)
      await exited
      clearTimeout(timer)
    },
  }
}
