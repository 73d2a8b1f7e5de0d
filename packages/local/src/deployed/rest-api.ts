/** A REST API as it is deployed: its routes, what it answers by itself, and the pool whose tokens it takes. */
import type { GatewayResponses } from '../lambda/gateway-response.ts'
import type { Cors, HttpRoute } from '../lambda/http-route.ts'
import type { AwsCalls } from './aws-calls.ts'

export interface DeployedApi {
  readonly id: string
  /** `functionKey` is the function's name. */
  readonly routes: readonly HttpRoute[]
  readonly gatewayResponses: GatewayResponses
  readonly userPoolId: string
}

type Parameters = Readonly<Record<string, string>>
interface Method {
  readonly authorizationType?: string
  readonly authorizerId?: string
  readonly methodIntegration?: {
    readonly type?: string
    readonly uri?: string
    readonly integrationResponses?: Readonly<Record<string, { readonly responseParameters?: Parameters }>>
  }
}
interface Resource {
  readonly path: string
  readonly resourceMethods?: Readonly<Record<string, Method>>
}

/** Reads the API of a name; throws when it is missing, has no such stage, or does what this machine cannot. */
export async function readDeployedApi(calls: AwsCalls, name: string, stage: string): Promise<DeployedApi> {
  const list = async <T>(path: string): Promise<T[]> => {
    const answer = (await (await calls.rest('apigateway', path)).json()) as { item?: T[] }
    return answer.item ?? []
  }
  const api = (await list<{ id: string; name: string }>('/restapis?limit=500')).find(
    (one) => one.name === name,
  )
  if (!api) throw new Error(`There is no API ${name}.`)
  await calls.rest('apigateway', `/restapis/${api.id}/stages/${stage}`)
  const [resources, authorizers, responses] = await Promise.all([
    list<Resource>(`/restapis/${api.id}/resources?embed=methods&limit=500`),
    list<Authorizer>(`/restapis/${api.id}/authorizers`),
    list<Response>(`/restapis/${api.id}/gatewayresponses`),
  ])
  return {
    id: api.id,
    routes: resources.flatMap(toRoutes),
    gatewayResponses: Object.fromEntries(responses.flatMap(toGatewayResponse)),
    userPoolId: toUserPoolId(authorizers),
  }
}

interface Authorizer {
  readonly type: string
  readonly providerARNs?: readonly string[]
}

function toUserPoolId(authorizers: readonly Authorizer[]): string {
  const [first] = authorizers
  const [, pool] = /:userpool\/(.+)$/.exec(first?.providerARNs?.[0] ?? '') ?? []
  if (authorizers.length !== 1 || first.type !== 'COGNITO_USER_POOLS' || !pool)
    throw new Error('The API needs one authorizer of a Cognito user pool.')
  return pool
}

const unquote = (value: string | undefined) => value?.replace(/^'|'$/g, '')

function toRoutes({ path, resourceMethods = {} }: Resource): HttpRoute[] {
  const cors = resourceMethods.OPTIONS ? toCors(resourceMethods.OPTIONS) : null
  return Object.entries(resourceMethods)
    .filter(([method]) => method !== 'OPTIONS')
    .map(([method, { authorizationType, methodIntegration }]) => {
      const [, functionKey] = /:function:([^/:]+)/.exec(methodIntegration?.uri ?? '') ?? []
      if (methodIntegration?.type !== 'AWS_PROXY' || !functionKey)
        throw new Error(`${method} ${path} has no Lambda proxy integration.`)
      const authorizer = authorizationType === 'COGNITO_USER_POOLS' ? 'cognito' : null
      if (!authorizer && authorizationType !== 'NONE')
        throw new Error(`${method} ${path} has the authorization ${authorizationType}.`)
      return { method, path, functionKey, authorizer, cors }
    })
}

/** What the mock integration of a preflight answers. */
function toCors({ methodIntegration }: Method): Cors {
  const [{ responseParameters = {} } = {}] = Object.values(methodIntegration?.integrationResponses ?? {})
  const header = (name: string) => unquote(responseParameters[`method.response.header.${name}`])
  const list = (name: string) => header(`Access-Control-Allow-${name}`)?.split(',') ?? []
  const maxAge = header('Access-Control-Max-Age')
  return {
    origins: list('Origin'),
    headers: list('Headers'),
    methods: list('Methods'),
    allowCredentials: header('Access-Control-Allow-Credentials') === 'true',
    ...(maxAge ? { maxAgeSeconds: Number(maxAge) } : {}),
  }
}

interface Response {
  readonly responseType: string
  readonly statusCode?: string
  readonly responseParameters?: Parameters
  readonly responseTemplates?: Parameters
  /** True for those that the API has not set. */
  readonly defaultResponse?: boolean
}

function toGatewayResponse(response: Response): [string, GatewayResponses[string]][] {
  if (response.defaultResponse) return []
  const prefix = 'gatewayresponse.header.'
  const headers = Object.entries(response.responseParameters ?? {})
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), unquote(value) ?? ''])
  const template = response.responseTemplates?.['application/json']
  return [
    [
      response.responseType,
      {
        ...(response.statusCode ? { statusCode: Number(response.statusCode) } : {}),
        headers: Object.fromEntries(headers),
        ...(template ? { template } : {}),
      },
    ],
  ]
}
