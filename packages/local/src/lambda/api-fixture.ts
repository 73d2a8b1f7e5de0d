import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CognitoIdentityProviderClient, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll } from 'vitest'
import { type LocalCognito, startCognito } from '../cognito/cognito.ts'
import { type ApiGatewayOptions, type LocalApiGateway, startApiGateway } from './api-gateway.ts'
import type { HttpRoute } from './http-route.ts'
import { type LocalLambda, startLambda } from './lambda.ts'

const region = 'us-east-1'
export const userPoolId = 'us-east-1_Local0001'
export const clientId = 'localclient0000000000000001'
export const origin = 'http://127.0.0.1:5173'
const source = `
exports.handler = async (event) => {
  if (event.resource === '/{proxy+}') return { statusCode: 200, body: JSON.stringify(event) }
  const { mode } = event.queryStringParameters ?? {}
  if (mode === 'throw') throw new Error('secret detail')
  if (mode === 'exit') process.exit(1)
  if (mode === 'malformed') return { statusCode: 200, body: { not: 'text' } }
  if (mode === 'header') return { statusCode: 200, headers: { 'x-a': 'b\\r\\nc: d' } }
  if (mode === 'nothing') return undefined
  if (mode === 'slow') await new Promise((resolve) => setTimeout(resolve, 5000))
  if (mode === 'long') return { statusCode: 200, body: 'x'.repeat(6 * 1024 * 1024) }
  if (mode === 'binary') return { statusCode: 201, headers: { 'Content-Type': 'image/png' }, body: 'AAEC', isBase64Encoded: true }
  if (mode === 'cookies') return { statusCode: 204, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] } }
  return { statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' }, body: JSON.stringify(event) }
}`

const cors = {
  origins: [origin, 'https://*.example.com'],
  headers: ['Content-Type', 'Authorization'],
  allowCredentials: false,
  maxAgeSeconds: 600,
}
export const routes: HttpRoute[] = [
  {
    method: 'GET',
    path: '/status/{job_id}',
    functionKey: 'f',
    authorizer: 'cognito',
    cors: { ...cors, methods: ['OPTIONS', 'GET'] },
  },
  {
    method: 'DELETE',
    path: '/status/{job_id}',
    functionKey: 'f',
    authorizer: 'cognito',
    cors: { ...cors, methods: ['OPTIONS', 'DELETE'] },
  },
  { method: 'GET', path: '/status/latest', functionKey: 'f', authorizer: null, cors: null },
  { method: 'POST', path: '/echo', functionKey: 'f', authorizer: null, cors: null },
  { method: 'ANY', path: '/{proxy+}', functionKey: 'f', authorizer: null, cors: null },
]
const gatewayResponses = {
  DEFAULT_4XX: { headers: { 'Access-Control-Allow-Origin': origin } },
  DEFAULT_5XX: { headers: { 'Access-Control-Allow-Origin': origin } },
}

let folder: string

/** What the tests of the API share; made once for each file. */
export const world = { nowMs: Date.now() } as {
  cognito: LocalCognito
  lambda: LocalLambda
  api: LocalApiGateway
  tokens: { id: string; access: string }
  /** The pool's public key. */
  publicPem: string
  nowMs: number
}

export async function startApi(more: Partial<ApiGatewayOptions> = {}): Promise<LocalApiGateway> {
  return startApiGateway({
    port: 0,
    stage: 'local',
    routes,
    functions: { f: world.lambda },
    authorizer: { userPoolId, clientId, jwksUrl: world.cognito.jwksUrl },
    gatewayResponses,
    ...more,
  })
}

export async function signIn(): Promise<{ id: string; access: string }> {
  const client = new CognitoIdentityProviderClient({ region, endpoint: world.cognito.endpoint })
  const { AuthenticationResult: result } = await client.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'ann@example.com', PASSWORD: 'Correct-horse-1' },
    }),
  )
  return { id: result!.IdToken!, access: result!.AccessToken! }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gen3d-world.api-'))
  await writeFile(join(folder, 'handler.cjs'), source)
  world.lambda = startLambda({
    name: 'f',
    handlerFile: join(folder, 'handler.cjs'),
    handlerName: 'handler',
    timeoutSeconds: 20,
    log: () => {},
  })
  world.cognito = await startCognito({
    folder,
    port: 0,
    region,
    userPoolId,
    clientId,
    keyOf: () => undefined,
    sendMail: () => {},
    preSignUp: async (event) => ({ ...event, response: { autoConfirmUser: true, autoVerifyEmail: true } }),
    nowMs: () => world.nowMs,
  })
  await fetch(world.cognito.endpoint, {
    method: 'POST',
    headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.SignUp' },
    body: JSON.stringify({ ClientId: clientId, Username: 'ann@example.com', Password: 'Correct-horse-1' }),
  })
  world.tokens = await signIn()
  const { keys } = (await (await fetch(world.cognito.jwksUrl)).json()) as { keys: JsonWebKey[] }
  world.publicPem = createPublicKey({ key: keys[0], format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
  world.api = await startApi()
})
afterAll(async () => {
  await Promise.all([world.api.stop(), world.cognito.stop(), world.lambda.stop()])
  await rm(folder, { recursive: true, force: true })
})

export const get = (path: string, init: RequestInit = {}) => fetch(`${world.api.url}${path}`, init)
export const withToken = (token: string) => ({ headers: { Authorization: token } })
