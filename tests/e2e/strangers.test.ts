/** Nobody sees what is not theirs; nobody comes in without a token that holds. */
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { ApiError } from '@gen3d/client/errors'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { ROUTES, type Route } from '@gen3d/shared/routes'
import { beforeAll, expect, inject, test } from 'vitest'
import { drawDuck } from '../fixtures/duck.ts'
import { eventually, mailsAbout, signIn, upload } from './session.ts'

const stack = inject('stack')
let owner: Awaited<ReturnType<typeof signIn>>
let stranger: Awaited<ReturnType<typeof signIn>>
let sessionId = ''
let jobId = ''
const duck = drawDuck(320, 240)

/** Signs somebody up as the page does, with the code from the inbox. */
async function signUp(email: string, password: string): Promise<Awaited<ReturnType<typeof signIn>>> {
  await owner.auth.signUp(email, password)
  const code = await eventually('the mail with the code', async () => {
    const mails = (await (await fetch(`${stack.inbox_url}/messages`)).json()) as {
      to: string[] | string
      text: string
    }[]
    return /\b(\d{6})\b/.exec(mails.find((mail) => String(mail.to).includes(email))?.text ?? '')?.[1]
  })
  await owner.auth.confirmSignUp(email, code)
  return signIn(stack, email, password)
}

beforeAll(async () => {
  owner = await signIn(stack)
  stranger = await signUp('stranger@example.com', 'Str4nger!pass')
  sessionId = await upload(owner.client, new Uint8Array(encodeJpeg(duck.image, 90)), 'image/jpeg')
  jobId = (await owner.client.initialize({ session_id: sessionId })).job_id
})

async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ApiError)
  return error as ApiError
}

test('a stranger gets 404 on everything of another user', async () => {
  const { client } = stranger
  const mask = { png_base64: Buffer.from(writeMaskPng(duck.mask)).toString('base64') }
  const calls = {
    readStatus: () => client.readStatus(jobId),
    cancelJob: () => client.cancelJob(jobId),
    retryJob: () => client.retryJob(jobId),
    readSession: () => client.readSession(sessionId),
    renameSession: () => client.renameSession(sessionId, { name: 'mine' }),
    shareSession: () => client.shareSession(sessionId),
    unshareSession: () => client.unshareSession(sessionId),
    deleteSession: () => client.deleteSession(sessionId),
    initialize: () => client.initialize({ session_id: sessionId }),
    reconstruct: () => client.reconstruct({ session_id: sessionId, masks: [mask] }),
  }
  for (const [name, call] of Object.entries(calls)) {
    const error = await failure(call())
    expect({ name, status: error.status, code: error.code }).toEqual({ name, status: 404, code: 'not_found' })
  }
  expect((await client.listSessions()).sessions).toEqual([])
  expect(await client.exportFiles()).toEqual({ files: [], next_cursor: null })
  expect((await owner.client.readSession(sessionId)).session_id).toBe(sessionId)
})

const text = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The owner's own claims, changed and signed by somebody else. */
function forge(header: object, change: object, sign: (data: string) => string): string {
  const claims = JSON.parse(Buffer.from(owner.idToken.split('.')[1], 'base64url').toString()) as object
  const data = `${text(header)}.${text({ ...claims, ...change })}`
  return `${data}.${sign(data)}`
}

test('no token, a forged, an expired, an unsigned and an access token get 401 on every route, with CORS headers', async () => {
  const kid = (
    JSON.parse(Buffer.from(owner.idToken.split('.')[0], 'base64url').toString()) as { kid: string }
  ).kid
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const rs256 = (data: string) => createSign('RSA-SHA256').update(data).sign(privateKey).toString('base64url')
  const access = await accessToken()
  const tokens: Record<string, string | undefined> = {
    missing: undefined,
    'not a token': 'Bearer nonsense',
    'signed by another key': `Bearer ${forge({ alg: 'RS256', kid }, {}, rs256)}`,
    'alg none': `Bearer ${forge({ alg: 'none', kid }, {}, () => '')}`,
    'HMAC with the public key': `Bearer ${forge({ alg: 'HS256', kid }, {}, (data) => createHmac('sha256', kid).update(data).digest('base64url'))}`,
    expired: `Bearer ${forge({ alg: 'RS256', kid }, { exp: 1 }, rs256)}`,
    'an access token': `Bearer ${access}`,
  }
  for (const [what, authorization] of Object.entries(tokens)) {
    for (const route of (Object.values(ROUTES) as Route[]).filter((one) => !one.public)) {
      const path = route.path.replace('{job_id}', jobId).replace('{session_id}', sessionId)
      const answer = await fetch(`${stack.api_url}${path}`, {
        method: route.method,
        headers: { origin: new URL(stack.web_url).origin, ...(authorization ? { authorization } : {}) },
      })
      expect({ what, path, status: answer.status }).toEqual({ what, path, status: 401 })
      expect(answer.headers.get('access-control-allow-origin')).toBeTruthy()
    }
  }
})

async function accessToken(): Promise<string> {
  const answer = await fetch(`${stack.cognito_endpoint}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      ClientId: stack.app_client_id,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: stack.username, PASSWORD: stack.password },
    }),
  })
  return ((await answer.json()) as { AuthenticationResult: { AccessToken: string } }).AuthenticationResult
    .AccessToken
}

test('the bucket answers anonymous reads only under public/ and for the root redirect', async () => {
  const at = (key: string) => `${stack.s3_endpoint}/${stack.bucket}/${key}`
  const claims = JSON.parse(Buffer.from(owner.idToken.split('.')[1], 'base64url').toString()) as {
    sub: string
  }
  const photo = `users/${claims.sub}/sessions/${sessionId}/original_image.jpg`
  for (const key of [photo, 'users/', 'failures/x', 'models/sam3/x', '', '?list-type=2']) {
    expect({ key, status: (await fetch(at(key))).status }).toEqual({ key, status: 403 })
  }
  const { operator } = JSON.parse(
    readFileSync(join(inject('stackFolder'), 'state', 'roles.json'), 'utf8'),
  ) as {
    operator: { accessKeyId: string; secretAccessKey: string }
  }
  const s3 = new S3Client({
    region: stack.region,
    endpoint: stack.s3_endpoint,
    credentials: operator,
  })
  for (const Key of ['public/index.html', 'index.html', 'other.html']) {
    await s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body: 'hello' }))
  }
  for (const key of ['public/index.html', 'index.html']) expect((await fetch(at(key))).status).toBe(200)
  expect((await fetch(at('other.html'))).status).toBe(403)
  expect((await fetch(at('public/x'), { method: 'PUT', body: 'x' })).status).toBe(403)
})

test('a deleted session is gone for its owner, too, and a result that comes later does not bring it back', async () => {
  const { client } = owner
  const second = await upload(client, new Uint8Array(encodeJpeg(duck.image, 90)), 'image/jpeg')
  const mask = { png_base64: Buffer.from(writeMaskPng(duck.mask)).toString('base64') }
  const job = await client.reconstruct({
    session_id: second,
    masks: [mask],
    options: { quality: 'draft', formats: ['glb'] },
  })
  await client.deleteSession(second)
  expect((await failure(client.readSession(second))).status).toBe(404)
  expect((await failure(client.readStatus(job.job_id))).status).toBe(404)
  await new Promise((resolve) => setTimeout(resolve, 6000))
  expect((await failure(client.readStatus(job.job_id))).status).toBe(404)
  expect((await client.listSessions()).sessions.map((one) => one.session_id)).not.toContain(second)
  expect(await mailsAbout(stack, second)).toEqual([])
})
