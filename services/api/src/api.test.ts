import { readFileSync } from 'node:fs'
import { JsonLog } from '@gen3d/aws/log'
import { createMemoryWorld } from '@gen3d/aws/memory/world'
import { AwsCallError } from '@gen3d/aws/signed-call'
import { READS_PER_ADDRESS } from '@gen3d/jobs/read-shared'
import middy from '@middy/core'
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { respond } from './respond.ts'
import { route } from './router.ts'
import type { ApiWorld } from './wire.ts'

const SITE = 'https://gen3d.example'
const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../events/${name}.json`, import.meta.url), 'utf8')) as APIGatewayProxyEvent

function open(settings: Parameters<typeof createMemoryWorld>[0] = {}) {
  const world = createMemoryWorld(settings)
  const api: ApiWorld = { ...world, log: new JsonLog() }
  const handler = middy()
    .use(respond(SITE, api.log))
    .handler((event: APIGatewayProxyEvent) => route(api, event))
  const call = async (event: APIGatewayProxyEvent) => {
    const answer = (await handler(event, {} as Context)) as APIGatewayProxyResult
    return { ...answer, json: JSON.parse(answer.body) }
  }
  return { world, call }
}

const upload = sample('post-get-upload-url')

let lines: string[] = []
beforeEach(() => {
  lines = []
  vi.spyOn(console, 'log').mockImplementation((line) => lines.push(line))
})

describe('the API', () => {
  it('answers its sample events', async () => {
    const { call } = open()
    const opened = await call(upload)
    expect(opened).toMatchObject({
      statusCode: 200,
      json: { upload: { fields: { 'Content-Type': 'image/jpeg' } } },
    })
    expect(await call(sample('get-capabilities'))).toMatchObject({
      statusCode: 200,
      json: { engine: 'preview' },
    })
    const refused = await call(sample('post-get-upload-url-refused'))
    expect(refused).toMatchObject({
      statusCode: 400,
      json: { error: { code: 'invalid_request', field: 'content_type' } },
    })
  })

  it('carries CORS and the request id on every answer', async () => {
    const { call } = open()
    const events = [upload, sample('post-get-upload-url-refused'), { ...upload, resource: '/nope' }]
    for (const event of events) {
      const { headers, json } = await call(event)
      expect(headers).toMatchObject({
        'Access-Control-Allow-Origin': SITE,
        'X-Request-Id': upload.requestContext.requestId,
        'Content-Type': 'application/json; charset=utf-8',
      })
      if (json.error) expect(json.error.request_id).toBe(upload.requestContext.requestId)
    }
  })

  it.each([
    ['no claims', undefined],
    ['an access token', { sub: 'a', token_use: 'access' }],
    ['no sub', { token_use: 'id' }],
  ])('answers 401 to %s', async (_name, claims) => {
    const { call } = open()
    const requestContext = { ...upload.requestContext, authorizer: claims && { claims } }
    const answer = await call({ ...upload, requestContext } as APIGatewayProxyEvent)
    expect(answer).toMatchObject({ statusCode: 401, json: { error: { code: 'unauthorized' } } })
  })

  it.each([
    ['no body', { body: null }, 400, 'invalid_json'],
    ['broken JSON', { body: '{' }, 400, 'invalid_json'],
    ['JSON that is no object', { body: '[]' }, 400, 'invalid_request'],
    ['another media type', { headers: { 'Content-Type': 'text/plain' } }, 415, 'unsupported_media_type'],
    ['no media type', { headers: {} }, 415, 'unsupported_media_type'],
    ['too large a body', { body: `"${'x'.repeat(4_000_000)}"` }, 413, 'too_large'],
    ['another method', { httpMethod: 'PUT' }, 405, 'method_not_allowed'],
    ['another path', { resource: '/nope' }, 404, 'not_found'],
  ])('refuses %s', async (_name, change, statusCode, code) => {
    const { call } = open()
    expect(await call({ ...upload, ...change } as APIGatewayProxyEvent)).toMatchObject({
      statusCode,
      json: { error: { code } },
    })
  })

  it('takes headers in any case and a body in base64', async () => {
    const { call } = open()
    const body = Buffer.from(upload.body ?? '').toString('base64')
    const headers = { 'content-TYPE': 'application/json; charset=utf-8' }
    expect(await call({ ...upload, headers, body, isBase64Encoded: true })).toMatchObject({ statusCode: 200 })
  })

  it('reads share links without a token, and says when one may be read again', async () => {
    const { call } = open()
    const requestContext = { ...upload.requestContext, authorizer: undefined }
    const read = (token: string) =>
      call({
        ...{ ...upload, httpMethod: 'GET', resource: '/shared/{token}', body: null, headers: {} },
        ...{ pathParameters: { token }, requestContext },
      } as APIGatewayProxyEvent)
    const forged = await read('A'.repeat(43))
    expect(forged).toMatchObject({ statusCode: 404, json: { error: { code: 'not_found' } } })
    expect(forged.headers).toMatchObject({ 'Access-Control-Allow-Origin': SITE, 'Cache-Control': 'no-store' })
    const answers = await Promise.all(Array.from({ length: READS_PER_ADDRESS }, (_, i) => read(`x${i}`)))
    const limited = answers.filter(({ statusCode }) => statusCode === 429)
    expect(limited).toHaveLength(1)
    expect(Number(limited[0].headers?.['Retry-After'])).toBeGreaterThan(0)
    expect(Date.parse(limited[0].json.error.retry_at)).toBeGreaterThan(Date.now())
    expect(lines.join()).not.toContain('A'.repeat(43))
  })

  it.each(['', ' ', 'x'.repeat(121), 7])('refuses %j as a name', async (name) => {
    const { call } = open()
    const pathParameters = { session_id: (await call(upload)).json.session_id }
    const rename = { ...upload, httpMethod: 'PATCH', resource: '/sessions/{session_id}', pathParameters }
    expect(await call({ ...rename, body: JSON.stringify({ name }) })).toMatchObject({
      statusCode: 400,
      json: { error: { code: 'invalid_request', field: 'name' } },
    })
    expect(await call({ ...rename, body: '{"name":"x"}' })).toMatchObject({ json: { name: 'x' } })
  })

  it.each(['', ' \n', 'x'.repeat(201), 7, undefined])('refuses %j as words to find', async (text) => {
    const { call } = open({ engine: 'sam3d' })
    const { session_id } = (await call(upload)).json
    const event = { ...upload, resource: '/select' }
    expect(await call({ ...event, body: JSON.stringify({ session_id, text }) })).toMatchObject({
      statusCode: 400,
      json: { error: { code: 'invalid_request', field: 'text' } },
    })
  })

  it('finds by words where the engine can, and answers 409 where it cannot', async () => {
    for (const engine of ['sam3d', 'preview'] as const) {
      const { world, call } = open({ engine })
      const { session_id, upload: form } = (await call(upload)).json
      await world.objects.put(form.fields.key, 'photo', { contentType: 'image/jpeg' })
      const etag = (await world.objects.head(form.fields.key))?.etag ?? ''
      const sub = upload.requestContext.authorizer?.claims.sub
      await world.sessions.setPhoto(sub, session_id, { etag, sizeBytes: 5, width: 1, height: 1 })
      const body = JSON.stringify({ session_id, text: 'yellow duck' })
      const answer = await call({ ...upload, resource: '/select', body })
      const expected =
        engine === 'sam3d'
          ? { statusCode: 202, json: { session_id, kind: 'select', state: 'QUEUED' } }
          : { statusCode: 409, json: { error: { code: 'no_text_prompts' } } }
      expect(answer).toMatchObject(expected)
      expect(lines.join()).not.toContain('yellow duck')
    }
  })

  it('says when a limit may be tried again', async () => {
    const { world, call } = open()
    await world.limits.add('engine-seconds#2026-03', world.settings.maxGpuSecondsPerMonth, 1e9, 4e9)
    const { session_id, upload: form } = (await call(upload)).json
    const photo = readFileSync(new URL('../../../packages/shared/package.json', import.meta.url))
    await world.objects.put(form.fields.key, photo, { contentType: 'image/jpeg' })
    const event = { ...upload, resource: '/initialize', body: JSON.stringify({ session_id }) }
    // Refused before the limit: it is no photo.
    expect(await call(event)).toMatchObject({ statusCode: 422, json: { error: { field: 'session_id' } } })
    await world.sessions.setPhoto(upload.requestContext.authorizer?.claims.sub, session_id, {
      etag: (await world.objects.head(form.fields.key))?.etag ?? '',
      sizeBytes: 1,
      width: 1,
      height: 1,
    })
    const limited = await call(event)
    expect(limited).toMatchObject({ statusCode: 429, json: { error: { code: 'limit_reached' } } })
    expect(Date.parse(limited.json.error.retry_at)).toBeGreaterThan(Date.now())
    expect(Number(limited.headers?.['Retry-After'])).toBeGreaterThan(0)
  })

  it('asks to come again while a job runs', async () => {
    const { world, call } = open()
    const { session_id, upload: form } = (await call(upload)).json
    const sub = upload.requestContext.authorizer?.claims.sub
    await world.objects.put(form.fields.key, 'photo', { contentType: 'image/jpeg' })
    const etag = (await world.objects.head(form.fields.key))?.etag ?? ''
    await world.sessions.setPhoto(sub, session_id, { etag, sizeBytes: 5, width: 1, height: 1 })
    const made = await call({ ...upload, resource: '/initialize', body: JSON.stringify({ session_id }) })
    expect(made).toMatchObject({ statusCode: 202, headers: { 'Retry-After': '1' } })
    const pathParameters = { job_id: made.json.job_id }
    const status = { ...upload, httpMethod: 'GET', resource: '/status/{job_id}', body: null, pathParameters }
    expect(await call(status)).toMatchObject({ statusCode: 200, headers: { 'Retry-After': '1' } })
    const cancelled = await call({ ...status, httpMethod: 'POST', resource: '/jobs/{job_id}/cancel' })
    expect(cancelled).toMatchObject({ statusCode: 200, json: { state: 'CANCELLED' } })
    expect(cancelled.headers?.['Retry-After']).toBeUndefined()
  })

  it.each([
    [new TypeError('secret: table Gen3DJobsTable'), 500, 'internal'],
    [new AwsCallError('lambda', 503, 'ServiceUnavailable', 'secret'), 503, 'unavailable'],
    [Object.assign(new Error('secret'), { name: 'ThrottlingException' }), 503, 'unavailable'],
  ])('shows nothing of %s but the request id', async (error, statusCode, code) => {
    const { world, call } = open()
    world.sessions.create = () => Promise.reject(error)
    const answer = await call(upload)
    expect(answer).toMatchObject({ statusCode, json: { error: { code } } })
    expect(answer.body).not.toContain('secret')
    expect(lines.some((line) => line.includes('secret') && line.includes('"level":"error"'))).toBe(true)
  })

  it('logs no address, no body and no signed URL', async () => {
    const { call } = open()
    await call(upload)
    await call(sample('post-get-upload-url-refused'))
    for (const line of lines) expect(line).not.toMatch(/anna@|chair|notes\.txt|https:\/\/objects/)
  })
})
