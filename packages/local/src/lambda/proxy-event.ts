import { type IncomingMessage, validateHeaderName, validateHeaderValue } from 'node:http'
import type { RouteMatch } from './http-route.ts'

/** Where an API stands; the words of `requestContext`. */
interface ApiPlace {
  readonly stage: string
  readonly apiId: string
  readonly accountId: string
}

interface ProxyEventParts {
  readonly request: IncomingMessage
  readonly place: ApiPlace
  readonly requestId: string
  readonly match: RouteMatch
  /** Without the stage. */
  readonly path: string
  readonly query: URLSearchParams
  readonly claims: Readonly<Record<string, string>> | null
  readonly body: Buffer
  /** `binaryMediaTypes` of the API: such bodies come in base64. */
  readonly binaryMediaTypes: readonly string[]
}

const orNull = <T extends object>(value: T) => (Object.keys(value).length > 0 ? value : null)

function groupPairs(pairs: Iterable<readonly [string, string]>): Record<string, string[]> {
  const groups: Record<string, string[]> = {}
  for (const [name, value] of pairs) groups[name] = [...(groups[name] ?? []), value]
  return groups
}

const lastOfEach = (groups: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values[values.length - 1]]))

function* headerPairs(request: IncomingMessage, requestId: string): Generator<readonly [string, string]> {
  const { rawHeaders, socket } = request
  for (let at = 0; at < rawHeaders.length; at += 2) yield [rawHeaders[at], rawHeaders[at + 1]]
  yield ['X-Forwarded-For', socket.remoteAddress ?? '127.0.0.1']
  yield ['X-Forwarded-Proto', 'http']
  yield ['X-Forwarded-Port', String(socket.localPort)]
  yield ['X-Amzn-Trace-Id', `Root=1-${requestId.slice(0, 8)}-${requestId.replaceAll('-', '').slice(8)}`]
}

// `25/Nov/2026:22:18:18 +0000`
function toRequestTime(at: Date): string {
  const [, date, month, year, time] = at.toUTCString().split(' ')
  return `${date}/${month}/${year}:${time} +0000`
}

/** Makes the event that a REST API hands to a Lambda proxy integration (payload version 1). */
export function toProxyEvent(parts: ProxyEventParts): object {
  const { request, place, requestId, match, path, query, claims, body } = parts
  const headers = groupPairs(headerPairs(request, requestId))
  const queryValues = groupPairs(query)
  const contentType = (request.headers['content-type'] ?? '').split(';')[0].trim()
  const isBinary = parts.binaryMediaTypes.some((type) => type === '*/*' || type === contentType)
  const now = new Date()
  return {
    resource: match.route.path,
    path,
    httpMethod: request.method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: orNull(lastOfEach(queryValues)),
    multiValueQueryStringParameters: orNull(queryValues),
    pathParameters: match.pathParameters,
    stageVariables: null,
    requestContext: {
      resourceId: 'local',
      resourcePath: match.route.path,
      httpMethod: request.method,
      extendedRequestId: requestId,
      requestTime: toRequestTime(now),
      path: `/${place.stage}${path}`,
      accountId: place.accountId,
      protocol: `HTTP/${request.httpVersion}`,
      stage: place.stage,
      domainPrefix: place.apiId,
      requestTimeEpoch: now.getTime(),
      requestId,
      identity: {
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: request.headers['user-agent'] ?? null,
        accountId: null,
        caller: null,
        user: null,
        userArn: null,
      },
      domainName: request.headers.host,
      apiId: place.apiId,
      ...(claims ? { authorizer: { claims } } : {}),
    },
    body: body.length === 0 ? null : body.toString(isBinary ? 'base64' : 'utf8'),
    isBase64Encoded: isBinary && body.length > 0,
  }
}

/** An answer that can be sent. */
export interface ProxyAnswer {
  readonly status: number
  /** Pairs, because a header may stand more than once. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
}

type HeaderValue = string | number | boolean | null

/** Reads what a proxy handler returned; undefined when API Gateway would call it malformed. */
export function readProxyResult(result: unknown): ProxyAnswer | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = result as {
    statusCode?: unknown
    headers?: Record<string, HeaderValue>
    multiValueHeaders?: Record<string, HeaderValue[]>
    body?: unknown
    isBase64Encoded?: unknown
  }
  const status = Number(statusCode)
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined
  if (body !== undefined && body !== null && typeof body !== 'string') return undefined
  const multiple = Object.entries(multiValueHeaders ?? {})
  const replaced = new Set(multiple.map(([name]) => name.toLowerCase()))
  const single = Object.entries(headers ?? {})
    .filter(([name, value]) => value !== null && !replaced.has(name.toLowerCase()))
    .map(([name, value]) => [name, String(value)] as const)
  const all = [
    ...single,
    ...multiple.flatMap(([name, values]) => values.map((value) => [name, String(value)] as const)),
  ]
  try {
    for (const [name, value] of all) {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    }
  } catch {
    return undefined
  }
  const hasType = all.some(([name]) => name.toLowerCase() === 'content-type')
  return {
    status,
    headers: hasType ? all : [...all, ['Content-Type', 'application/json']],
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  }
}
