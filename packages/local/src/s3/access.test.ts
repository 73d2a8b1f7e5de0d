import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, it } from 'vitest'
import type { S3Action, S3Credential } from './principal.ts'
import { BUCKET, OWNER, s3ForTest } from './s3-fixture.ts'

const at = (Key: string) => ({ Bucket: BUCKET, Key })
const codeOf = async (answer: Response) => [answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]]
const who = (name: string, allow?: (action: S3Action, key: string | undefined) => boolean): S3Credential => ({
  accessKeyId: name,
  secretAccessKey: `${name}-secret`,
  allow,
})

it('lets anybody read public/ and the root redirect, and nothing else', async () => {
  const { client, endpoint } = await s3ForTest()
  for (const key of ['public/index.html', 'index.html', 'users/a/photo.png', 'public']) {
    await client.send(
      new PutObjectCommand({ ...at(key), Body: 'x', WebsiteRedirectLocation: '/public/index.html' }),
    )
  }
  const get = (key: string, init?: RequestInit) => fetch(`${endpoint}/${BUCKET}/${key}`, init)
  expect((await get('public/index.html')).status).toBe(200)
  expect((await get('public/index.html', { method: 'HEAD' })).status).toBe(200)
  expect((await get('index.html')).headers.get('x-amz-website-redirect-location')).toBe('/public/index.html')
  for (const key of [
    'users/a/photo.png',
    'public',
    'public/missing',
    'missing',
    '',
    '?list-type=2&prefix=public/',
  ]) {
    expect(await codeOf(await get(key)), key).toEqual([403, 'AccessDenied'])
  }
  expect(await codeOf(await get('public/..%2Fusers/a/photo.png'))).toEqual([403, 'AccessDenied'])
  expect(await codeOf(await get('public/x', { method: 'PUT', body: 'x' }))).toEqual([403, 'AccessDenied'])
  expect(await codeOf(await get('public/index.html', { method: 'DELETE' }))).toEqual([403, 'AccessDenied'])
  expect(await codeOf(await get('public/index.html?response-content-type=text/evil'))).toEqual([
    400,
    'InvalidRequest',
  ])
})

it('refuses unknown keys, wrong secrets, wrong tokens and other regions', async () => {
  const temporary = { ...who('TEMPORARY'), sessionToken: 'token' }
  const { clientOf, endpoint } = await s3ForTest({
    credentials: [temporary, { ...who('ENDED'), sessionToken: 't', expiresAt: Date.now() - 1 }],
  })
  const head = (credential: S3Credential) =>
    clientOf(credential).send(new ListObjectsV2Command({ Bucket: BUCKET }))
  await expect(head(who('STRANGER'))).rejects.toMatchObject({ name: 'InvalidAccessKeyId' })
  await expect(head({ ...OWNER, secretAccessKey: 'guess' })).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
  })
  await expect(head({ ...temporary, sessionToken: 'other' })).rejects.toMatchObject({ name: 'InvalidToken' })
  await expect(head({ ...temporary, sessionToken: undefined })).rejects.toMatchObject({
    name: 'InvalidToken',
  })
  await expect(head({ ...who('ENDED'), sessionToken: 't' })).rejects.toMatchObject({ name: 'ExpiredToken' })
  expect((await head(temporary)).KeyCount).toBe(0)
  const unsigned = await fetch(`${endpoint}/${BUCKET}?list-type=2`, {
    headers: { authorization: 'Bearer x' },
  })
  expect(await codeOf(unsigned)).toEqual([400, 'InvalidRequest'])
})

it('asks the rights of the key pair for every action', async () => {
  const asked: unknown[] = []
  const reader = who('READER', (action, key) => {
    asked.push([action, key])
    return action === 's3:GetObject' && key?.startsWith('users/') === true
  })
  const { client, clientOf } = await s3ForTest({ credentials: [reader] })
  await client.send(new PutObjectCommand({ ...at('users/a'), Body: 'x' }))
  const limited = clientOf(reader)
  expect((await limited.send(new GetObjectCommand(at('users/a')))).ContentLength).toBe(1)
  await expect(limited.send(new GetObjectCommand(at('models/a')))).rejects.toMatchObject({
    name: 'AccessDenied',
  })
  await expect(limited.send(new PutObjectCommand({ ...at('users/a'), Body: 'y' }))).rejects.toMatchObject({
    name: 'AccessDenied',
  })
  await expect(
    limited.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'users/' })),
  ).rejects.toMatchObject({
    name: 'AccessDenied',
  })
  expect(asked.at(-1)).toEqual(['s3:ListBucket', 'users/'])
  await expect(limited.send(new HeadBucketCommand({ Bucket: BUCKET }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  })
  const { Errors } = await limited.send(
    new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: 'users/a' }] } }),
  )
  expect(Errors).toMatchObject([{ Key: 'users/a', Code: 'AccessDenied' }])
  expect((await client.send(new GetObjectCommand(at('users/a')))).ContentLength).toBe(1)
})

it('answers 403 instead of 404 to a principal that may not list', async () => {
  const blind = who('BLIND', (action) => action !== 's3:ListBucket')
  const byPrefix = who(
    'BYPREFIX',
    (action, key) => action !== 's3:ListBucket' || key?.startsWith('users/') === true,
  )
  const { client, clientOf } = await s3ForTest({ credentials: [blind, byPrefix] })
  const status = (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode
  const head = (with_: typeof client) => with_.send(new HeadObjectCommand(at('users/none'))).catch(status)
  expect([await head(client), await head(clientOf(blind)), await head(clientOf(byPrefix))]).toEqual([
    404, 403, 403,
  ])
  expect(
    (await clientOf(byPrefix).send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'users/' }))).KeyCount,
  ).toBe(0)
})

it('serves presigned GET, HEAD and PUT until they expire, for exactly what was signed', async () => {
  let now = Date.now()
  const { client, endpoint } = await s3ForTest({ now: () => now })
  await client.send(new PutObjectCommand({ ...at('users/a b/ä.glb'), Body: 'glTF' }))
  const get = await getSignedUrl(
    client,
    new GetObjectCommand({
      ...at('users/a b/ä.glb'),
      ResponseContentDisposition: 'attachment; filename="chair (1).glb"',
      ResponseContentType: 'model/gltf-binary',
    }),
    { expiresIn: 900 },
  )
  expect(get.startsWith(`${endpoint}/${BUCKET}/users/a%20b/`)).toBe(true)
  const answer = await fetch(get)
  expect([answer.status, await answer.text()]).toEqual([200, 'glTF'])
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="chair (1).glb"')
  expect(answer.headers.get('content-type')).toBe('model/gltf-binary')
  expect((await fetch(get, { headers: { range: 'bytes=-2' } })).status).toBe(206)
  expect(await codeOf(await fetch(get, { method: 'HEAD' }))).toEqual([403, undefined])
  expect(
    (
      await fetch(await getSignedUrl(client, new HeadObjectCommand(at('users/a b/ä.glb'))), {
        method: 'HEAD',
      })
    ).status,
  ).toBe(200)
  expect(await codeOf(await fetch(get.replace('chair', 'table')))).toEqual([403, 'SignatureDoesNotMatch'])
  expect(await codeOf(await fetch(get.replace('Expires=900', 'Expires=9000')))).toEqual([
    403,
    'SignatureDoesNotMatch',
  ])
  expect(await codeOf(await fetch(get, { headers: { 'x-amz-meta-a': 'b' } }))).toEqual([403, 'AccessDenied'])
  now += 901_000
  expect(await codeOf(await fetch(get))).toEqual([403, 'AccessDenied'])
})

it('takes a presigned PUT with its type, and refuses the empty-body checksum that the SDK signs by default', async () => {
  const { client } = await s3ForTest()
  const byDefault = await getSignedUrl(client, new PutObjectCommand(at('a')))
  expect(byDefault).toContain('x-amz-checksum-crc32=AAAAAA')
  expect(await codeOf(await fetch(byDefault, { method: 'PUT', body: 'photo' }))).toEqual([400, 'BadDigest'])
  client.config.requestChecksumCalculation = async () => 'WHEN_REQUIRED'
  const url = await getSignedUrl(client, new PutObjectCommand({ ...at('a'), ContentType: 'image/png' }), {
    signableHeaders: new Set(['content-type']),
  })
  const put = (type: string) =>
    fetch(url, { method: 'PUT', body: 'photo', headers: { 'content-type': type } })
  expect(await codeOf(await put('text/html'))).toEqual([403, 'SignatureDoesNotMatch'])
  expect((await put('image/png')).status).toBe(200)
  expect((await client.send(new HeadObjectCommand(at('a')))).ContentType).toBe('image/png')
})

it('answers pages by the CORS rules of the bucket, preflight included', async () => {
  const site = 'http://127.0.0.1:5173'
  const { client, endpoint } = await s3ForTest({
    cors: [
      {
        AllowedOrigins: [site],
        AllowedMethods: ['GET', 'HEAD', 'POST'],
        AllowedHeaders: ['content-*', 'x-amz-date'],
        ExposedHeaders: ['ETag'],
        MaxAge: 600,
      },
    ],
  })
  await client.send(new PutObjectCommand({ ...at('a'), Body: 'x' }))
  const preflight = (origin: string, method: string, headers: string) =>
    fetch(`${endpoint}/${BUCKET}/a`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
    })
  const allowed = await preflight(site, 'POST', 'Content-Type')
  expect(allowed.status).toBe(200)
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    'access-control-allow-origin': site,
    'access-control-allow-methods': 'GET, HEAD, POST',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': '600',
    'access-control-expose-headers': 'ETag',
  })
  expect(await codeOf(await preflight('https://evil.example', 'POST', ''))).toEqual([403, 'AccessForbidden'])
  expect(await codeOf(await preflight(site, 'PUT', ''))).toEqual([403, 'AccessForbidden'])
  expect(await codeOf(await preflight(site, 'GET', 'x-other'))).toEqual([403, 'AccessForbidden'])
  const url = await getSignedUrl(client, new GetObjectCommand(at('a')))
  expect((await fetch(url, { headers: { origin: site } })).headers.get('access-control-allow-origin')).toBe(
    site,
  )
  expect(
    (await fetch(url, { headers: { origin: 'https://evil.example' } })).headers.get(
      'access-control-allow-origin',
    ),
  ).toBeNull()
  const refused = await fetch(`${endpoint}/${BUCKET}/a`, { headers: { origin: site } })
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, site])
})
