/** API Gateway in front of deployed functions: routes, preflights, answers of its own, and an authorizer that verifies. */
import { type LocalApiGateway, startApiGateway } from '../lambda/api-gateway.ts'
import type { AwsCalls } from './aws-calls.ts'
import { readDeployedApi } from './rest-api.ts'

export interface DeployedApiOptions {
  readonly name: string
  readonly stage: string
  readonly port: number
  readonly log?: (line: string) => void
}

/** Starts the API of a name as it is deployed now; its functions are called through Lambda's Invoke. */
export async function startDeployedApi(
  calls: AwsCalls,
  { name, stage, port, log }: DeployedApiOptions,
): Promise<LocalApiGateway> {
  const { id, routes, gatewayResponses, userPoolId } = await readDeployedApi(calls, name, stage)
  const names = new Set(routes.map(({ functionKey }) => functionKey))
  return startApiGateway({
    port,
    stage,
    routes,
    functions: Object.fromEntries(
      [...names].map((fn) => [fn, { invoke: (event: unknown) => invoke(calls, fn, event) }]),
    ),
    authorizer: {
      userPoolId,
      clientId: null,
      jwksUrl: `${calls.place.endpoint}/${userPoolId}/.well-known/jwks.json`,
    },
    gatewayResponses,
    apiId: id,
    log,
  })
}

async function invoke(calls: AwsCalls, name: string, event: unknown): Promise<unknown> {
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`
  const answer = await calls.rest('lambda', path, { method: 'POST', body: JSON.stringify(event) })
  const payload: unknown = await answer.json()
  const kind = answer.headers.get('x-amz-function-error')
  if (kind) throw new Error(`${kind}: ${JSON.stringify(payload)}`)
  return payload
}
