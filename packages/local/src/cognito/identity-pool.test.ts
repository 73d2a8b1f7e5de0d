import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startS3 } from '../s3/s3-server.ts'
import { key, pool, region, signedIn, start, UserPoolId } from './cognito-fixture.ts'

const IdentityPoolId = `${region}:00000000-0000-4000-8000-000000000001`
const provider = `cognito-idp.${region}.amazonaws.com/${UserPoolId}`
const Bucket = 'photos'
let folder = ''
let s3: Awaited<ReturnType<typeof startS3>>

beforeEach(async () => {
  await pool.cognito.stop()
  await start({ identityPoolId: IdentityPoolId })
  folder = await mkdtemp(join(tmpdir(), 'gen3d-identity-'))
  s3 = await startS3({
    folder,
    port: 0,
    region,
    buckets: [Bucket],
    keyOf: (id) => (id === key.accessKeyId ? key : pool.cognito.keyOf(id)),
  })
})
afterEach(async () => {
  await s3.stop()
  await rm(folder, { recursive: true, force: true })
})

async function call(operation: string, input: object): Promise<{ status: number; body: never }> {
  const answer = await fetch(pool.cognito.endpoint, {
    method: 'POST',
    headers: { 'X-Amz-Target': `AWSCognitoIdentityService.${operation}` },
    body: JSON.stringify(input),
  })
  return { status: answer.status, body: (await answer.json()) as never }
}

const subOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as { sub: string }).sub

async function openBucketOf(id: string) {
  const Logins = { [provider]: id }
  const { IdentityId } = (await call('GetId', { IdentityPoolId, Logins })).body
  const { Credentials } = (await call('GetCredentialsForIdentity', { IdentityId, Logins })).body
  const { AccessKeyId, SecretKey, SessionToken } = Credentials as Record<string, string>
  const client = new S3Client({
    region,
    endpoint: s3.endpoint,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretKey, sessionToken: SessionToken },
  })
  const status = async (work: Promise<unknown>): Promise<number> =>
    work.then(
      () => 200,
      (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode,
    )
  return {
    get: (Key: string) => status(client.send(new GetObjectCommand({ Bucket, Key }))),
    put: (Key: string) => status(client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))),
  }
}

test('a signed-in person puts the own photo, reads the own prefix, and can forge nothing', async () => {
  const { id } = await signedIn()
  const mine = `users/${subOf(id)}/sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV`
  const { get, put } = await openBucketOf(id)
  expect(await put(`${mine}/original_image.jpg`)).toBe(200)
  expect(await get(`${mine}/original_image.jpg`)).toBe(200)
  expect(await put(`${mine}/jobs/j/manifest.json`)).toBe(403)
  expect(await put('users/other/sessions/s/original_image.jpg')).toBe(403)
  expect(await get('users/other/sessions/s/original_image.jpg')).toBe(403)
})

test('there are no guests, and a token opens its own identity only', async () => {
  expect((await call('GetId', { IdentityPoolId })).status).toBe(400)
  const { id, access } = await signedIn()
  expect((await call('GetId', { IdentityPoolId, Logins: { [provider]: access } })).status).toBe(400)
  const Logins = { [provider]: id }
  const other = `${region}:00000000-0000-0000-0000-000000000000`
  expect((await call('GetCredentialsForIdentity', { IdentityId: other, Logins })).body).toMatchObject({
    __type: 'NotAuthorizedException',
  })
})
