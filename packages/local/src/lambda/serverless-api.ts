import { existsSync } from 'node:fs'
import { dirname, resolve as resolvePath } from 'node:path'
import type { GatewayResponses } from './gateway-response.ts'
import type { HttpRoute } from './http-route.ts'
import { type Fill, readGatewayResponses } from './serverless-gateway-responses.ts'
import { evaluateIntrinsics } from './serverless-intrinsics.ts'
import { toRoute } from './serverless-route.ts'
import { createVariableResolver } from './serverless-variables.ts'
import { isTree, readYaml, type Tree, toParts } from './serverless-yaml.ts'

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
  /** `custom.esbuild`: how serverless-esbuild bundles the functions; null where it does not. */
  readonly esbuild: Tree | null
}

const otherApis = ['httpApi', 'websocket', 'alb']

function toEnvironment(fill: Fill, parts: readonly [at: string, value: unknown][]): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [at, value] of parts) {
    for (const [name, raw] of Object.entries(isTree(value) ? value : {})) {
      const filled = fill(raw, `${at}.${name}`)
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

/**
 * Reads functions, routes, environment and gateway responses of a serverless.yml, with the variables of `stage`
 * (params of the file and `options.params`). What this machine cannot do as AWS would is refused by its name.
 */
export function readServerlessApi(ymlPath: string, options: ServerlessOptions = {}): ServerlessApi {
  const stage = options.stage ?? 'local'
  const document = readYaml(ymlPath)
  if (!isTree(document)) throw new Error(`${ymlPath} is not a serverless.yml.`)
  const { region = 'us-east-1', accountId = '000000000000' } = options
  const pseudo = { 'AWS::Region': region, 'AWS::AccountId': accountId, 'AWS::Partition': 'aws' }
  const variables = createVariableResolver(document, ymlPath, {
    stage,
    region,
    accountId,
    params: options.params ?? {},
    env: options.env ?? process.env,
  })
  const fill: Fill = (value, at) => evaluateIntrinsics(variables.resolve(value, at), pseudo)
  // Filled only where it is read: other parts of the file may well hold what only AWS knows.
  const shallow = (address: string): unknown => {
    let value: unknown = document
    for (const key of address.split('.')) {
      value = variables.follow(isTree(value) ? value[key] : undefined, address)
    }
    return Array.isArray(value) ? value.map((one) => variables.follow(one, address)) : value
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
      } = variables.follow(raw, at) as Tree & { events?: unknown }
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
        env: toEnvironment(fill, [
          ['provider.environment', shallow('provider.environment')],
          [`${at}.environment`, variables.follow(environment, at)],
        ]),
        timeoutSeconds: Number(pick('timeout') ?? variables.get('provider.timeout') ?? 6),
        memoryMb: Number(pick('memorySize') ?? variables.get('provider.memorySize') ?? 1024),
        events,
      })
    }
  }
  const esbuild = variables.get('custom.esbuild')
  return {
    esbuild: isTree(esbuild) ? esbuild : null,
    service,
    stage,
    functions,
    routes,
    gatewayResponses: readGatewayResponses(fill, shallow('resources')),
    binaryMediaTypes: (variables.get('provider.apiGateway.binaryMediaTypes') ?? []) as string[],
  }
}
