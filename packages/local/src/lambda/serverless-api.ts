import { existsSync } from 'node:fs'
import { dirname, resolve as resolvePath } from 'node:path'
import type { GatewayResponse, GatewayResponses } from './gateway-response.ts'
import type { Cors, HttpRoute } from './http-route.ts'
import { createVariableResolver, type VariableResolver } from './serverless-variables.ts'
import { readYaml } from './serverless-yaml.ts'

export interface ServerlessOptions {
  /** `local` when left out. */
  readonly stage?: string
  readonly region?: string
  readonly accountId?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where the handlers lie, for packaged ones; the file's own folder when left out. */
  readonly codeFolder?: string
}

export interface ServerlessFunction {
  readonly key: string
  readonly name: string
  readonly handlerFile: string
  readonly handlerName: string
  /** Exactly what the function sees: the provider's variables and its own. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  readonly memoryMb: number
  /** All events but `http`, filled: `{schedule: …}`, `{eventBridge: …}`, `{cognitoUserPool: …}`. */
  readonly events: readonly Readonly<Record<string, unknown>>[]
}

export interface ServerlessApi {
  readonly service: string
  readonly stage: string
  readonly functions: readonly ServerlessFunction[]
  readonly routes: readonly HttpRoute[]
  readonly gatewayResponses: GatewayResponses
  readonly binaryMediaTypes: readonly string[]
}

type Tree = Readonly<Record<string, unknown>>
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
// A section may be a list of parts, each from a file of its own.
const toParts = (value: unknown): Tree[] => (Array.isArray(value) ? value : [value]).filter(isTree)
const toTexts = (value: unknown): string[] | undefined =>
  value === undefined
    ? undefined
    : (Array.isArray(value) ? value : String(value).split(',')).map((one) => String(one).trim())

// What Serverless takes when `cors` is just `true`.
const defaultCorsHeaders =
  'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent,X-Amzn-Trace-Id'

const httpKeys = new Set(['path', 'method', 'cors', 'authorizer', 'integration', 'operationId'])
const corsKeys = ['origin', 'origins', 'headers', 'methods', 'allowCredentials', 'maxAge', 'cacheControl']
const otherApis = ['httpApi', 'websocket', 'alb']

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

function toRoute(functionKey: string, value: unknown, at: string): HttpRoute {
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

function toEnvironment(
  variables: VariableResolver,
  parts: readonly [at: string, value: unknown][],
): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [at, value] of parts) {
    for (const [name, raw] of Object.entries(isTree(value) ? value : {})) {
      const filled = variables.resolve(raw, `${at}.${name}`)
      if (typeof filled === 'object' && filled !== null) {
        const [intrinsic] = Object.keys(filled)
        throw new Error(
          `${at}.${name} is a CloudFormation value (${intrinsic}): take it from \${param:…} and give the plain text under params.local.`,
        )
      }
      if (filled !== null) env[name] = String(filled)
    }
  }
  return env
}

function findHandler(
  handler: unknown,
  folder: string,
  at: string,
): { handlerFile: string; handlerName: string } {
  const [, path, handlerName] = /^(.+)\.([^./\\]+)$/.exec(String(handler)) ?? []
  if (path === undefined) throw new Error(`${at}.handler must read FILE.EXPORT.`)
  const base = resolvePath(folder, path)
  const found = ['.ts', '.mts', '.js', '.cjs', '.mjs'].map((ending) => base + ending).find(existsSync)
  if (!found) throw new Error(`${at}.handler: there is no ${base} with .ts, .js, .cjs or .mjs.`)
  return { handlerFile: found, handlerName }
}

function readGatewayResponses(variables: VariableResolver, resources: unknown): GatewayResponses {
  const all: Record<string, GatewayResponse> = {}
  for (const part of toParts(resources)) {
    for (const [name, raw] of Object.entries(isTree(part.Resources) ? part.Resources : {})) {
      if (!isTree(raw) || raw.Type !== 'AWS::ApiGateway::GatewayResponse') continue
      const { ResponseType, ResponseParameters, ResponseTemplates, StatusCode } = variables.resolve(
        isTree(raw.Properties) ? { ...raw.Properties, RestApiId: null } : {},
        `resources.${name}`,
      ) as Record<string, unknown>
      const headers: Record<string, string> = {}
      for (const [target, value] of Object.entries(isTree(ResponseParameters) ? ResponseParameters : {})) {
        const [, header] = /^gatewayresponse\.header\.(.+)$/.exec(target) ?? []
        const [, text] = /^'(.*)'$/.exec(String(value)) ?? []
        if (!header || text === undefined) {
          throw new Error(`resources.${name}: ${target} must be a header with a quoted text on this machine.`)
        }
        headers[header] = text
      }
      const template = isTree(ResponseTemplates) ? ResponseTemplates['application/json'] : undefined
      all[String(ResponseType)] = {
        headers,
        ...(StatusCode ? { statusCode: Number(StatusCode) } : {}),
        ...(template === undefined ? {} : { template: String(template) }),
      }
    }
  }
  return all
}

/**
 * Reads functions, routes, environment and gateway responses of a serverless.yml, with the variables of `stage`
 * (params of the file and `options.params`). What this machine cannot do as AWS would is refused by its name.
 */
export function readServerlessApi(ymlPath: string, options: ServerlessOptions = {}): ServerlessApi {
  const stage = options.stage ?? 'local'
  const document = readYaml(ymlPath)
  if (!isTree(document)) throw new Error(`${ymlPath} is not a serverless.yml.`)
  const variables = createVariableResolver(document, ymlPath, {
    stage,
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '000000000000',
    params: options.params ?? {},
    env: options.env ?? process.env,
  })
  // Filled only where it is read: other parts of the file may well hold what only AWS knows.
  const shallow = (address: string): unknown => {
    const value = address
      .split('.')
      .reduce<unknown>((tree, key) => (isTree(tree) ? tree[key] : undefined), document)
    if (Array.isArray(value))
      return value.map((one) => (typeof one === 'string' ? variables.resolve(one, address) : one))
    return typeof value === 'string' ? variables.resolve(value, address) : value
  }
  const service = String(variables.get('service'))
  const codeFolder = options.codeFolder ?? dirname(ymlPath)
  const routes: HttpRoute[] = []
  const functions: ServerlessFunction[] = []

  for (const part of toParts(shallow('functions'))) {
    for (const [key, raw] of Object.entries(part)) {
      const at = `functions.${key}`
      const {
        environment,
        events: rawEvents = [],
        ...rest
      } = (typeof raw === 'string' ? variables.resolve(raw, at) : raw) as Tree & { events?: unknown }
      const pick = (name: string) => variables.resolve(rest[name], `${at}.${name}`)
      const events: Tree[] = []
      for (const [index, event] of (
        (variables.resolve(rawEvents, `${at}.events`) ?? []) as Tree[]
      ).entries()) {
        const place = `${at}.events.${index}`
        const otherApi = otherApis.find((name) => isTree(event) && name in event)
        if (otherApi) throw new Error(`${place}.${otherApi} is not supported on this machine.`)
        if (isTree(event) && 'http' in event) routes.push(toRoute(key, event.http, `${place}.http`))
        else events.push(event)
      }
      functions.push({
        key,
        name: String(pick('name') ?? `${service}-${stage}-${key}`),
        ...findHandler(pick('handler'), codeFolder, at),
        env: toEnvironment(variables, [
          ['provider.environment', shallow('provider.environment')],
          [
            `${at}.environment`,
            typeof environment === 'string' ? variables.resolve(environment, at) : environment,
          ],
        ]),
        timeoutSeconds: Number(pick('timeout') ?? variables.get('provider.timeout') ?? 6),
        memoryMb: Number(pick('memorySize') ?? variables.get('provider.memorySize') ?? 1024),
        events,
      })
    }
  }
  return {
    service,
    stage,
    functions,
    routes,
    gatewayResponses: readGatewayResponses(variables, shallow('resources')),
    binaryMediaTypes: (variables.get('provider.apiGateway.binaryMediaTypes') ?? []) as string[],
  }
}
