import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CognitoIdentityProviderClient, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalCognito, startCognito } from '../cognito/cognito.ts'
import { type ApiGatewayOptions, type LocalApiGateway, startApiGateway } from './api-gateway.ts'
import type { HttpRoute } from './http-route.ts'
import { type LocalLambda, startLambda } from './lambda.ts'

const region = 'us-east-1'
const userPoolId = 'us-east-1_Local0001'
const clientId = 'localclient0000000000000001'
const origin = 'http://127.0.0.1:5173'
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
const routes: HttpRoute[] = [
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
let cognito: LocalCognito
let lambda: LocalLambda
let api: LocalApiGateway
let tokens: { id: string; access: string }
let publicPem: string
let nowMs = Date.now()

async function startApi(more: Partial<ApiGatewayOptions> = {}): Promise<LocalApiGateway> {
  return startApiGateway({
    port: 0,
    stage: 'local',
    routes,
    functions: { f: lambda },
    authorizer: { userPoolId, clientId, jwksUrl: cognito.jwksUrl },
    gatewayResponses,
    ...more,
  })
}

async function signIn(): Promise<{ id: string; access: string }> {
  const client = new CognitoIdentityProviderClient({ region, endpoint: cognito.endpoint })
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
  folder = await mkdtemp(join(tmpdir(), 'gen3d-api-'))
  await writeFile(join(folder, 'handler.cjs'), source)
  lambda = startLambda({
    name: 'f',
    handlerFile: join(folder, 'handler.cjs'),
    handlerName: 'handler',
    timeoutSeconds: 20,
    log: () => {},
  })
  cognito = await startCognito({
    folder,
    port: 0,
    region,
    userPoolId,
    clientId,
    keyOf: () => undefined,
    sendMail: () => {},
    preSignUp: async (event) => ({ ...event, response: { autoConfirmUser: true, autoVerifyEmail: true } }),
    nowMs: () => nowMs,
  })
  await fetch(cognito.endpoint, {
    method: 'POST',
    headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.SignUp' },
    body: JSON.stringify({ ClientId: clientId, Username: 'ann@example.com', Password: 'Correct-horse-1' }),
  })
  tokens = await signIn()
  const { keys } = (await (await fetch(cognito.jwksUrl)).json()) as { keys: JsonWebKey[] }
  publicPem = createPublicKey({ key: keys[0], format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
  api = await startApi()
})
afterAll(async () => {
  await Promise.all([api.stop(), cognito.stop(), lambda.stop()])
  await rm(folder, { recursive: true, force: true })
})

const get = (path: string, init: RequestInit = {}) => fetch(`${api.url}${path}`, init)
const withToken = (token: string) => ({ headers: { Authorization: token } })

describe('the event', () => {
  test('is that of a REST API with a Cognito authorizer', async () => {
    const response = await get('/status/01ABC?mode=echo&tag=a&tag=b%20c', {
      headers: { Authorization: `Bearer ${tokens.id}`, 'X-Thing': 'yes' },
    })
    expect(response.status).toBe(200)
    const event = await response.json()
    expect(event).toMatchObject({
      resource: '/status/{job_id}',
      path: '/status/01ABC',
      httpMethod: 'GET',
      pathParameters: { job_id: '01ABC' },
      queryStringParameters: { mode: 'echo', tag: 'b c' },
      multiValueQueryStringParameters: { mode: ['echo'], tag: ['a', 'b c'] },
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
      requestContext: {
        stage: 'local',
        path: '/local/status/01ABC',
        resourcePath: '/status/{job_id}',
        httpMethod: 'GET',
        apiId: 'local',
        identity: { sourceIp: '127.0.0.1' },
      },
    })
    expect(event.requestContext.requestId).toBe(response.headers.get('x-amzn-requestid'))
    const { claims } = event.requestContext.authorizer
    expect(claims).toMatchObject({
      email: 'ann@example.com',
      email_verified: 'true',
      token_use: 'id',
      aud: clientId,
    })
    expect(claims.sub).toBe(claims['cognito:username'])
    expect(claims.exp).toMatch(/^\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}$/)
  })

  test('carries a text body as text, and no authorizer where there is none', async () => {
    const event = await (await get('/echo', { method: 'POST', body: '{"a":"ü"}' })).json()
    expect(event.body).toBe('{"a":"ü"}')
    expect(event.requestContext.authorizer).toBeUndefined()
    expect(event.queryStringParameters).toBeNull()
    expect(event.pathParameters).toBeNull()
  })

  test('carries a binary body in base64 when the API lists its type', async () => {
    const binary = await startApi({ binaryMediaTypes: ['image/png'] })
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'image/png' },
      body: new Uint8Array([0, 1, 255]),
    }
    const event = await (await fetch(`${binary.url}/echo`, init)).json()
    await binary.stop()
    expect([event.body, event.isBase64Encoded]).toEqual(['AAH/', true])
  })

  test('comes from the route that fits best', async () => {
    const fixed = await (await get('/status/latest')).json()
    expect(fixed.resource).toBe('/status/latest')
    const greedy = await (await get('/a/b%2Fc', { method: 'PUT' })).json()
    expect([greedy.resource, greedy.pathParameters.proxy]).toEqual(['/{proxy+}', 'a/b%2Fc'])
  })
})

describe('the authorizer', () => {
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signWith = (
    header: object,
    claims: object,
    pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ) => {
    const signed = `${encode(header)}.${encode(claims)}`
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), pem).toString('base64url')}`
  }

  test('lets an id token pass, with or without Bearer', async () => {
    expect((await get('/status/1', withToken(tokens.id))).status).toBe(200)
    expect((await get('/status/1', withToken(`Bearer ${tokens.id}`))).status).toBe(200)
  })

  test.each<[string, () => string | undefined]>([
    ['no token', () => undefined],
    ['rubbish', () => 'Bearer rubbish'],
    ['an access token', () => tokens.access],
    [
      'an altered token',
      () => {
        const [header, payload, signature] = tokens.id.split('.')
        return `${header}.${encode({ ...decode(payload), sub: 'someone-else' })}.${signature}`
      },
    ],
    [
      'a token of another key under the same key id',
      () => {
        const [header, payload] = tokens.id.split('.')
        return signWith(decode(header), decode(payload))
      },
    ],
    [
      'a token of another key under its own key id',
      () => {
        const [, payload] = tokens.id.split('.')
        return signWith({ alg: 'RS256', kid: 'mine' }, decode(payload))
      },
    ],
    [
      'algorithm none',
      () => {
        const [header, payload] = tokens.id.split('.')
        return `${encode({ ...decode(header), alg: 'none' })}.${payload}.`
      },
    ],
    [
      'HS256 with the public key as its secret',
      () => {
        const [header, payload] = tokens.id.split('.')
        const signed = `${encode({ ...decode(header), alg: 'HS256' })}.${payload}`
        return `${signed}.${createHmac('sha256', publicPem).update(signed).digest('base64url')}`
      },
    ],
  ])('answers 401 with CORS headers to %s', async (_, token) => {
    const sent = token()
    const response = await get('/status/1', sent === undefined ? {} : withToken(sent))
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ message: 'Unauthorized' })
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    expect(response.headers.get('x-amzn-errortype')).toBe('UnauthorizedException')
  })

  test('refuses an expired token and tokens of another client or pool, signed by the right key', async () => {
    nowMs -= 3_601_000
    const expired = (await signIn()).id
    nowMs += 3_601_000
    expect((await get('/status/1', withToken(expired))).status).toBe(401)
    for (const other of [{ clientId: 'another' }, { userPoolId: 'us-east-1_Other0001' }]) {
      const strict = await startApi({
        authorizer: { userPoolId, clientId, jwksUrl: cognito.jwksUrl, ...other },
      })
      const response = await fetch(`${strict.url}/status/1`, withToken(tokens.id))
      await strict.stop()
      expect(response.status).toBe(401)
    }
    expect((await get('/status/1', withToken(tokens.id))).status).toBe(200)
  })
})

describe('OPTIONS', () => {
  const preflight = (path: string, from: string) =>
    get(path, { method: 'OPTIONS', headers: { Origin: from } })

  test('answers as the cors of all methods of the resource says, without a token', async () => {
    const response = await preflight('/status/1', origin)
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    expect(response.headers.get('access-control-allow-headers')).toBe('Content-Type,Authorization')
    expect(response.headers.get('access-control-allow-methods')?.split(',').sort()).toEqual([
      'DELETE',
      'GET',
      'OPTIONS',
    ])
    expect(response.headers.get('access-control-max-age')).toBe('600')
  })

  test('mirrors an origin that fits a pattern, and names the first for strangers', async () => {
    const known = await preflight('/status/1', 'https://app.example.com')
    expect(known.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    const strange = await preflight('/status/1', 'https://evil.example')
    expect(strange.headers.get('access-control-allow-origin')).toBe(origin)
  })

  test('is no method of a resource without cors', async () => {
    expect((await preflight('/echo', origin)).status).toBe(403)
  })
})

describe('failures', () => {
  const call = (mode: string) => get(`/status/1?mode=${mode}`, withToken(tokens.id))

  test.each(['throw', 'exit', 'malformed', 'nothing', 'header', 'long'])(
    'answers 502 when the function does: %s',
    async (mode) => {
      const response = await call(mode)
      expect(response.status).toBe(502)
      expect(await response.json()).toEqual({ message: 'Internal server error' })
      expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    },
  )

  test('answers 504 when the function takes too long', async () => {
    const hasty = await startApi({ integrationTimeoutSeconds: 0.2 })
    const response = await fetch(`${hasty.url}/status/1?mode=slow`, withToken(tokens.id))
    await hasty.stop()
    expect(response.status).toBe(504)
    expect(await response.json()).toEqual({ message: 'Endpoint request timed out' })
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
  })

  test('answers 413 to more than 10 MB, and to what Lambda cannot take', async () => {
    for (const megabytes of [11, 7]) {
      const response = await get('/echo', { method: 'POST', body: 'x'.repeat(megabytes * 1024 * 1024) })
      expect(response.status).toBe(413)
      expect(await response.json()).toEqual({ message: 'Request Too Long' })
      expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    }
    expect((await get('/echo', { method: 'POST', body: 'x' })).status).toBe(200)
  })

  test('answers 403 to unknown routes, methods and stages', async () => {
    const strict = await startApi({ routes: routes.slice(0, 4) })
    for (const [path, method] of [
      ['/nowhere', 'GET'],
      ['/echo', 'GET'],
      ['/', 'GET'],
      ['/status/1/2', 'GET'],
    ]) {
      const response = await fetch(`${strict.url}${path}`, { method })
      expect([response.status, await response.json()]).toEqual([
        403,
        { message: 'Missing Authentication Token' },
      ])
      expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    }
    expect((await fetch(`${strict.endpoint}/prod/echo`)).status).toBe(403)
    await strict.stop()
  })

  test('speaks through the response templates of the serverless.yml', async () => {
    const template =
      '{"error":{"code":"$context.error.responseType","message":$context.error.messageString,"request_id":"$context.requestId"}}'
    const shaped = await startApi({
      gatewayResponses: { UNAUTHORIZED: { headers: { 'X-A': 'b' }, template } },
    })
    const response = await fetch(`${shaped.url}/status/1`)
    await shaped.stop()
    expect(response.headers.get('x-a')).toBe('b')
    expect(await response.json()).toEqual({
      error: {
        code: 'UNAUTHORIZED',
        message: 'Unauthorized',
        request_id: response.headers.get('x-amzn-requestid'),
      },
    })
  })
})

test('sends binary results, several cookies and empty answers', async () => {
  const binary = await get('/status/1?mode=binary', withToken(tokens.id))
  expect(binary.status).toBe(201)
  expect(new Uint8Array(await binary.arrayBuffer())).toEqual(new Uint8Array([0, 1, 2]))
  const cookies = await get('/status/1?mode=cookies', withToken(tokens.id))
  expect([cookies.status, cookies.headers.getSetCookie()]).toEqual([204, ['a=1', 'b=2']])
})

test('says at the start which function or authorizer is missing', async () => {
  await expect(startApi({ functions: {} })).rejects.toThrow('GET /status/{job_id} needs the function f.')
  await expect(startApi({ authorizer: undefined })).rejects.toThrow('needs an authorizer')
})
