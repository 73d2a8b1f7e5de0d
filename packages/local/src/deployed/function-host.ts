/**
 * Runs deployed functions: the archive, environment, time-out and memory that AWS (an emulator) holds, with a session of
 * the deployed role. Who calls them (Invoke, rules, schedules, retries, destinations) stays with the emulator, which
 * hands each event over by POST.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { dirname, join, sep } from 'node:path'
import { unzipSync } from 'fflate'
import { type LocalLambda, startLambda } from '../lambda/lambda.ts'
import { LambdaError } from '../lambda/lambda-process.ts'
import { type LoopbackServer, readBody, sendJson, serveLoopback } from '../server.ts'
import type { SigningKey } from '../sigv4.ts'
import type { AwsCalls } from './aws-calls.ts'

export interface FunctionHostOptions {
  /** Where archives are unpacked. */
  readonly folder: string
  readonly port: number
  /** Added to each function's own environment: where the services are. */
  readonly env: () => Readonly<Record<string, string>>
  readonly log: (line: string) => void
}

export interface FunctionHost extends LoopbackServer {
  /** Says where the functions are held; before that every event is refused. */
  readonly connect: (calls: AwsCalls) => void
  /** The sessions that functions run with. */
  readonly keyOf: (accessKeyId: string) => SigningKey | undefined
  /** Names of the functions that ran, each once. */
  readonly ran: () => readonly string[]
}

interface Configuration {
  readonly FunctionName: string
  readonly Handler: string
  readonly Role: string
  readonly Timeout: number
  readonly MemorySize: number
  readonly CodeSha256: string
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> }
}

// Lambda's limit for the event of one invocation.
const largestEventBytes = 6 * 1024 * 1024

/** Starts the host on 127.0.0.1. */
export async function startFunctionHost(options: FunctionHostOptions): Promise<FunctionHost> {
  const { folder, log } = options
  const running = new Map<string, { readonly mark: string; readonly lambda: Promise<LocalLambda> }>()
  const keys = new Map<string, SigningKey>()
  const ran = new Set<string>()
  let calls: AwsCalls | undefined

  /** The function as it is deployed now; a deploy that changed it gives it fresh processes. */
  async function find(name: string): Promise<LocalLambda> {
    if (!calls) throw new Error('The function host is not connected.')
    const answer = await calls.rest('lambda', `/2015-03-31/functions/${encodeURIComponent(name)}`)
    const found = (await answer.json()) as { Configuration: Configuration; Code: { Location: string } }
    const { FunctionName, ...rest } = found.Configuration
    const { CodeSha256, Handler, Role, Timeout, MemorySize, Environment } = rest
    const mark = JSON.stringify([CodeSha256, Handler, Role, Timeout, MemorySize, Environment])
    const standing = running.get(FunctionName)
    if (standing?.mark === mark) return standing.lambda
    const lambda = start(calls, found.Configuration, found.Code.Location)
    running.set(FunctionName, { mark, lambda })
    if (standing) void standing.lambda.then((one) => one.stop())
    lambda.catch(() => running.delete(FunctionName))
    return lambda
  }

  async function start(from: AwsCalls, fn: Configuration, location: string): Promise<LocalLambda> {
    const key = await from.takeRole(fn.Role, 'lambda.amazonaws.com')
    keys.set(key.accessKeyId, key)
    const place = join(folder, `${fn.FunctionName}-${fn.CodeSha256.replace(/\W/g, '').slice(0, 12)}`)
    unpack(new Uint8Array(await (await fetch(location)).arrayBuffer()), place)
    const [, path, handlerName] = /^(.+)\.([^./]+)$/.exec(fn.Handler) ?? []
    const file = ['.js', '.cjs', '.mjs'].map((ending) => join(place, `${path}${ending}`)).find(existsSync)
    if (!file) throw new Error(`The archive of ${fn.FunctionName} has no ${fn.Handler}.`)
    return startLambda({
      name: fn.FunctionName,
      handlerFile: file,
      handlerName,
      region: from.place.region,
      credentials: key,
      env: {
        ...fn.Environment?.Variables,
        ...options.env(),
        ...(key.sessionToken ? { AWS_SESSION_TOKEN: key.sessionToken } : {}),
      },
      timeoutSeconds: fn.Timeout,
      memoryMb: fn.MemorySize,
      log,
    })
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = String(request.headers['x-amzn-lambda-function-name'])
    const event: unknown = JSON.parse((await readBody(request, largestEventBytes)).toString())
    ran.add(name)
    try {
      sendJson(response, 200, (await (await find(name)).invoke(event)) ?? null)
    } catch (error) {
      const { message } = error as Error
      log(`[${name}] failed: ${message}`)
      const errorType = error instanceof LambdaError ? error.errorType : 'Runtime.HandlerError'
      sendJson(response, 500, { errorType, errorMessage: message })
    }
  }

  const server = await serveLoopback({ name: 'The function host', port: options.port, handle })
  return {
    ...server,
    connect(to) {
      calls = to
    },
    keyOf: (id) => keys.get(id),
    ran: () => [...ran],
    async stop() {
      await server.stop()
      await Promise.allSettled([...running.values()].map(async ({ lambda }) => (await lambda).stop()))
    },
  }
}

function unpack(zip: Uint8Array, folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    const path = join(folder, name)
    if (name.endsWith('/') || !path.startsWith(folder + sep)) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
}
