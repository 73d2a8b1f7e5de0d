import type { Cors, HttpRoute } from './http-route.ts'
import { isTree } from './serverless-yaml.ts'

const toTexts = (value: unknown): string[] | undefined =>
  value === undefined
    ? undefined
    : (Array.isArray(value) ? value : String(value).split(',')).map((one) => String(one).trim())

// What Serverless takes when `cors` is just `true`.
const defaultCorsHeaders =
  'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent,X-Amzn-Trace-Id'

const httpKeys = new Set(['path', 'method', 'cors', 'authorizer', 'integration', 'operationId'])
const corsKeys = ['origin', 'origins', 'headers', 'methods', 'allowCredentials', 'maxAge', 'cacheControl']

function toCors(value: unknown, method: string, at: string): Cors | null {
  if (!value) return null
  const cors = isTree(value) ? value : {}
  const unknown = Object.keys(cors).find((key) => !corsKeys.includes(key))
  if (unknown) throw new Error(`${at}.cors.${unknown} is not supported on this machine.`)
  const methods = toTexts(cors.methods) ?? ['OPTIONS']
  return {
    origins: toTexts(cors.origins) ?? toTexts(cors.origin) ?? ['*'],
    headers: toTexts(cors.headers) ?? defaultCorsHeaders.split(','),
    methods: [...new Set([...methods, 'OPTIONS', method])],
    allowCredentials: cors.allowCredentials === true,
    ...(cors.maxAge ? { maxAgeSeconds: Number(cors.maxAge) } : {}),
    ...(cors.cacheControl ? { cacheControl: String(cors.cacheControl) } : {}),
  }
}

function toAuthorizer(value: unknown, at: string): 'cognito' | null {
  if (value === undefined || value === null) return null
  const authorizer = isTree(value) ? value : { arn: value }
  const isCognito =
    String(authorizer.type).toUpperCase() === 'COGNITO_USER_POOLS' ||
    /:cognito-idp:/.test(String(authorizer.arn))
  if (!isCognito || authorizer.scopes) {
    throw new Error(`${at}.authorizer: only COGNITO_USER_POOLS without scopes is supported on this machine.`)
  }
  return 'cognito'
}

/** Reads an `http` event of a function; throws with its place in the file for what is not supported here. */
export function toRoute(functionKey: string, value: unknown, at: string): HttpRoute {
  const [shortMethod, shortPath] = typeof value === 'string' ? value.split(/\s+/) : []
  const http = isTree(value) ? value : { method: shortMethod, path: shortPath }
  if (typeof http.method !== 'string' || typeof http.path !== 'string')
    throw new Error(`${at} needs method and path.`)
  const unknown = Object.keys(http).find((key) => !httpKeys.has(key))
  if (unknown) throw new Error(`${at}.${unknown} is not supported on this machine.`)
  const integration = String(http.integration ?? 'lambda-proxy')
    .toLowerCase()
    .replace('_', '-')
  if (!['lambda-proxy', 'aws-proxy'].includes(integration)) {
    throw new Error(`${at}.integration: ${integration} is not supported on this machine.`)
  }
  const method = http.method.toUpperCase()
  return {
    method: method === '*' ? 'ANY' : method,
    path: `/${http.path.replace(/^\/|\/$/g, '')}`,
    functionKey,
    authorizer: toAuthorizer(http.authorizer, at),
    cors: toCors(http.cors, method, at),
  }
}
