import { describe, expect, test } from 'vitest'
import { clientId, get, origin, routes, startApi, withToken, world } from './api-fixture.ts'

describe('the event', () => {
  test('is that of a REST API with a Cognito authorizer', async () => {
    const response = await get('/status/01ABC?mode=echo&tag=a&tag=b%20c', {
      headers: { Authorization: `Bearer ${world.tokens.id}`, 'X-Thing': 'yes' },
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

describe('failures', () => {
  const call = (mode: string) => get(`/status/1?mode=${mode}`, withToken(world.tokens.id))

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
    const response = await fetch(`${hasty.url}/status/1?mode=slow`, withToken(world.tokens.id))
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
  const binary = await get('/status/1?mode=binary', withToken(world.tokens.id))
  expect(binary.status).toBe(201)
  expect(new Uint8Array(await binary.arrayBuffer())).toEqual(new Uint8Array([0, 1, 2]))
  const cookies = await get('/status/1?mode=cookies', withToken(world.tokens.id))
  expect([cookies.status, cookies.headers.getSetCookie()]).toEqual([204, ['a=1', 'b=2']])
})

test('says at the start which function or authorizer is missing', async () => {
  await expect(startApi({ functions: {} })).rejects.toThrow('GET /status/{job_id} needs the function f.')
  await expect(startApi({ authorizer: undefined })).rejects.toThrow('needs an authorizer')
})
