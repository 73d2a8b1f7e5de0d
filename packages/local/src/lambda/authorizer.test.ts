import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { clientId, get, origin, signIn, startApi, userPoolId, withToken, world } from './api-fixture.ts'

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
    expect((await get('/status/1', withToken(world.tokens.id))).status).toBe(200)
    expect((await get('/status/1', withToken(`Bearer ${world.tokens.id}`))).status).toBe(200)
  })

  test.each<[string, () => string | undefined]>([
    ['no token', () => undefined],
    ['rubbish', () => 'Bearer rubbish'],
    ['an access token', () => world.tokens.access],
    [
      'an altered token',
      () => {
        const [header, payload, signature] = world.tokens.id.split('.')
        return `${header}.${encode({ ...decode(payload), sub: 'someone-else' })}.${signature}`
      },
    ],
    [
      'a token of another key under the same key id',
      () => {
        const [header, payload] = world.tokens.id.split('.')
        return signWith(decode(header), decode(payload))
      },
    ],
    [
      'a token of another key under its own key id',
      () => {
        const [, payload] = world.tokens.id.split('.')
        return signWith({ alg: 'RS256', kid: 'mine' }, decode(payload))
      },
    ],
    [
      'algorithm none',
      () => {
        const [header, payload] = world.tokens.id.split('.')
        return `${encode({ ...decode(header), alg: 'none' })}.${payload}.`
      },
    ],
    [
      'HS256 with the public key as its secret',
      () => {
        const [header, payload] = world.tokens.id.split('.')
        const signed = `${encode({ ...decode(header), alg: 'HS256' })}.${payload}`
        return `${signed}.${createHmac('sha256', world.publicPem).update(signed).digest('base64url')}`
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

  test('refuses an expired token and world.tokens of another client or pool, signed by the right key', async () => {
    world.nowMs -= 3_601_000
    const expired = (await signIn()).id
    world.nowMs += 3_601_000
    expect((await get('/status/1', withToken(expired))).status).toBe(401)
    for (const other of [{ clientId: 'another' }, { userPoolId: 'us-east-1_Other0001' }]) {
      const strict = await startApi({
        authorizer: { userPoolId, clientId, jwksUrl: world.cognito.jwksUrl, ...other },
      })
      const response = await fetch(`${strict.url}/status/1`, withToken(world.tokens.id))
      await strict.stop()
      expect(response.status).toBe(401)
    }
    expect((await get('/status/1', withToken(world.tokens.id))).status).toBe(200)
  })
})
