// A REST API on this machine over the routes of a serverless.yml, with an authorizer that verifies.
// Why not serverless-offline: docs/adr/0006-local-api-gateway.md.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { BodyTooLarge, type LoopbackServer, readBody, serveLoopback } from '../server.ts'
import { type AuthorizerOptions, createAuthorizer } from './authorizer.ts'
import { type GatewayFailure, type GatewayResponses, toGatewayResponse } from './gateway-response.ts'
import { type HttpRoute, toRouteTable } from './http-route.ts'
import { toPreflightHeaders } from './preflight.ts'
import { type ProxyAnswer, readProxyResult, toProxyEvent } from './proxy-event.ts'

export interface ApiGatewayOptions {
  readonly port: number
  readonly stage: string
  readonly routes: readonly HttpRoute[]
  /** By the key that routes name. */
  readonly functions: Readonly<Record<string, { readonly invoke: (event: unknown) => Promise<unknown> }>>
  /** Needed as soon as one route has an authorizer. */
  readonly authorizer?: AuthorizerOptions
  readonly gatewayResponses?: GatewayResponses
  readonly binaryMediaTypes?: readonly string[]
  readonly apiId?: string
  readonly accountId?: string
  /** How long a function may take; API Gateway's own limit is 29 s. */
  readonly integrationTimeoutSeconds?: number
  /** Takes a line for each answer and the reason of each 502. */
  readonly log?: (line: string) => void
}

export interface LocalApiGateway extends LoopbackServer {
  /** `http://127.0.0.1:PORT/STAGE`, what the page and the CLI are given. */
  readonly url: string
}

const largestBodyBytes = 10 * 1024 * 1024
// Lambda's limit for the event and for the result of one invocation.
const largestPayloadBytes = 6 * 1024 * 1024

/** An answer of the gateway itself. */
class GatewayError extends Error {
  readonly failure: GatewayFailure
  constructor(failure: GatewayFailure, reason?: string) {
    super(reason ?? failure)
    this.failure = failure
  }
}

async function withinTime<T>(work: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GatewayError('INTEGRATION_TIMEOUT')), seconds * 1000)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Starts the API under `/STAGE` on 127.0.0.1; throws when a route names a function or an authorizer that is missing. */
export async function startApiGateway(options: ApiGatewayOptions): Promise<LocalApiGateway> {
  const { stage, routes, functions, gatewayResponses = {}, log = () => {} } = options
  for (const route of routes) {
    const name = `${route.method} ${route.path}`
    if (!functions[route.functionKey]) throw new Error(`${name} needs the function ${route.functionKey}.`)
    if (route.authorizer && !options.authorizer) throw new Error(`${name} needs an authorizer.`)
  }
  const table = toRouteTable(routes)
  const authorize = options.authorizer && createAuthorizer(options.authorizer)
  const place = {
    stage,
    apiId: options.apiId ?? 'local',
    accountId: options.accountId ?? '000000000000',
  }

  async function invoke(functionKey: string, event: object): Promise<ProxyAnswer> {
    if (Buffer.byteLength(JSON.stringify(event)) > largestPayloadBytes)
      throw new GatewayError('REQUEST_TOO_LARGE')
    const work = functions[functionKey].invoke(event).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      throw new GatewayError('INTEGRATION_FAILURE', `${functionKey}: ${reason}`)
    })
    const result = await withinTime(work, options.integrationTimeoutSeconds ?? 29)
    if (Buffer.byteLength(JSON.stringify(result ?? null)) > largestPayloadBytes) {
      throw new GatewayError('INTEGRATION_FAILURE', `${functionKey}: the result is longer than 6 MB`)
    }
    const answer = readProxyResult(result)
    if (!answer)
      throw new GatewayError('INTEGRATION_FAILURE', `${functionKey}: malformed Lambda proxy response`)
    return answer
  }

  async function answer(request: IncomingMessage, requestId: string): Promise<ProxyAnswer> {
    const method = request.method ?? 'GET'
    const [fullPath, query = ''] = (request.url ?? '/').split(/\?(.*)/s)
    if (fullPath !== `/${stage}` && !fullPath.startsWith(`/${stage}/`))
      throw new GatewayError('ACCESS_DENIED')
    const path = fullPath.slice(stage.length + 1) || '/'
    const match = table.match(method, path)
    if (!match) {
      const preflight =
        method === 'OPTIONS' &&
        toPreflightHeaders(table.find(path)?.resource.routes ?? [], request.headers.origin)
      if (!preflight) throw new GatewayError('MISSING_AUTHENTICATION_TOKEN')
      return { status: 200, headers: Object.entries(preflight), body: Buffer.alloc(0) }
    }
    const claims = match.route.authorizer ? await authorize?.(request.headers.authorization) : null
    if (claims === undefined) throw new GatewayError('UNAUTHORIZED')
    const event = toProxyEvent({
      request,
      place,
      requestId,
      match,
      path,
      query: new URLSearchParams(query),
      claims,
      body: await readBody(request, largestBodyBytes),
      binaryMediaTypes: options.binaryMediaTypes ?? [],
    })
    return await invoke(match.route.functionKey, event)
  }

  function toFailureAnswer(error: unknown, requestId: string): ProxyAnswer {
    const known = error instanceof BodyTooLarge ? new GatewayError('REQUEST_TOO_LARGE') : error
    if (!(known instanceof GatewayError)) throw error
    if (known.message !== known.failure) log(`api ${requestId} ${known.message}`)
    const { status, headers, body } = toGatewayResponse(known.failure, gatewayResponses, requestId)
    return { status, headers: Object.entries(headers), body: Buffer.from(body) }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID()
    const startedAt = performance.now()
    const result = await answer(request, requestId).catch((error) => toFailureAnswer(error, requestId))
    // What was refused unread must still leave the connection.
    request.resume()
    response.setHeader('x-amzn-RequestId', requestId)
    for (const [name, value] of result.headers) response.appendHeader(name, value)
    // Written whole: the length is this server's to say.
    response.setHeader('Content-Length', result.body.length)
    response.writeHead(result.status).end(result.body)
    log(
      `api ${request.method} ${request.url?.split('?')[0]} ${result.status} ${Math.round(performance.now() - startedAt)} ms`,
    )
  }

  const server = await serveLoopback({ name: 'The local API', port: options.port, handle })
  return { ...server, url: `${server.endpoint}/${stage}` }
}
