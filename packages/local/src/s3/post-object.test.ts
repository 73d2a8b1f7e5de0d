import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post'
import { expect, it, vi } from 'vitest'
import type { ObjectCreation } from './object-created.ts'
import { BUCKET, OWNER, s3ForTest } from './s3-fixture.ts'

const KEY = 'users/u/sessions/s/original_image.png'

async function setUp(policy: Partial<PresignedPostOptions> = {}) {
  let now = Date.now()
  const events: ObjectCreation[] = []
  const s3 = await s3ForTest({
    now: () => now,
    publish: (creation, change) => {
      events.push(creation)
      return change()
    },
    credentials: [{ accessKeyId: 'NOBODY', secretAccessKey: 'none', allow: () => false }],
  })
  const post = await createPresignedPost(s3.client, {
    Bucket: BUCKET,
    Key: KEY,
    Conditions: [
      ['content-length-range', 3, 10],
      ['starts-with', '$x-amz-meta-name', 'photo'],
    ],
    Fields: { 'Content-Type': 'image/png', 'x-amz-meta-name': 'photo 1' },
    Expires: 900,
    ...policy,
  })
  const send = async (change: Record<string, string | undefined> = {}, body = 'pixels', url = post.url) => {
    const form = new FormData()
    for (const [name, value] of Object.entries({ ...post.fields, ...change })) {
      if (value !== undefined) form.append(name, value)
    }
    form.append('file', new Blob([body], { type: 'text/plain' }), 'my photo.png')
    const answer = await fetch(url, { method: 'POST', body: form, redirect: 'manual' })
    const text = await answer.text()
    return {
      answer,
      text,
      outcome: [answer.status, /<Code>(\w+)/.exec(text)?.[1], /<Message>([^<]*)/.exec(text)?.[1]],
    }
  }
  const later = (ms: number) => {
    now += ms
  }
  return { ...s3, post, send, later, events }
}

it('stores a form upload with the type and metadata that were signed', async () => {
  const { send, client, events } = await setUp()
  const { answer } = await send()
  const md5 = createHash('md5').update('pixels').digest('hex')
  expect([answer.status, answer.headers.get('etag')]).toEqual([204, `"${md5}"`])
  const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }))
  expect(await got.Body?.transformToString()).toBe('pixels')
  expect(got).toMatchObject({ ContentType: 'image/png', Metadata: { name: 'photo 1' } })
  expect(events.map(({ reason, key }) => [reason, key])).toEqual([['POST Object', KEY]])
})

it('answers 201 with XML when asked to', async () => {
  const { send } = await setUp({
    Fields: { 'Content-Type': 'image/png', 'x-amz-meta-name': 'photo', success_action_status: '201' },
  })
  const { answer, text } = await send()
  expect(answer.status).toBe(201)
  expect(text).toContain(`<Bucket>${BUCKET}</Bucket><Key>${KEY}</Key><ETag>&quot;`)
})

it('refuses a file that is too large or too small, and leaves nothing behind', async () => {
  const { send, folder, client } = await setUp()
  expect((await send({}, 'x'.repeat(11))).outcome.slice(0, 2)).toEqual([400, 'EntityTooLarge'])
  const huge = await send({}, 'x'.repeat(5_000_000))
  expect(huge.outcome.slice(0, 2)).toEqual([400, 'EntityTooLarge'])
  expect(huge.text).toContain('<MaxSizeAllowed>10</MaxSizeAllowed>')
  expect((await send({}, 'x')).outcome.slice(0, 2)).toEqual([400, 'EntityTooSmall'])
  expect(readdirSync(join(folder, `bucket-${BUCKET}`, 'blobs'))).toEqual([])
  await expect(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: KEY }))).rejects.toMatchObject({
    name: 'NotFound',
  })
  expect((await send({}, 'x'.repeat(10))).answer.status).toBe(204)
})

it('enforces every condition, allows no field without one, and no other signature', async () => {
  const { send, post, endpoint, client } = await setUp()
  const denied = async (
    change: Record<string, string | undefined>,
    message: RegExp | string,
    code = 'AccessDenied',
    status = 403,
  ) => {
    const { outcome } = await send(change)
    expect(outcome.slice(0, 2)).toEqual([status, code])
    expect(outcome[2]).toMatch(message)
  }
  await denied({ key: 'users/other/x.png' }, /Policy Condition failed: \[&quot;eq&quot;,&quot;\$key&quot;/)
  await denied({ 'Content-Type': 'text/html' }, /Policy Condition failed: .*\$Content-Type/)
  await denied({ 'Content-Type': undefined }, /Policy Condition failed/)
  await denied({ 'x-amz-meta-name': 'virus' }, /Policy Condition failed: .*starts-with/)
  await denied({ 'Cache-Control': 'no-store' }, 'Extra input fields: cache-control')
  await denied({ 'X-Amz-Signature': '0'.repeat(64) }, /signature we calculated/, 'SignatureDoesNotMatch')
  const policy = JSON.parse(Buffer.from(post.fields.Policy, 'base64').toString())
  const wider = { ...policy, conditions: policy.conditions.filter((c: unknown) => !Array.isArray(c)) }
  await denied(
    { Policy: Buffer.from(JSON.stringify(wider)).toString('base64') },
    /signature/,
    'SignatureDoesNotMatch',
  )
  await denied({ Policy: undefined }, 'Access Denied')
  await denied({ key: undefined }, /field named/, 'InvalidArgument', 400)
  await denied(
    { 'X-Amz-Credential': post.fields['X-Amz-Credential'].replace(OWNER.accessKeyId, 'STRANGER') },
    /does not exist/,
    'InvalidAccessKeyId',
  )
  await client.send(new CreateBucketCommand({ Bucket: 'another-bucket' }))
  expect((await send({}, 'pixels', `${endpoint}/another-bucket`)).outcome.slice(0, 2)).toEqual([
    403,
    'AccessDenied',
  ])
  expect((await send({ 'x-ignore-me': 'x' })).answer.status).toBe(204)
})

it('refuses an upload after the policy has expired', async () => {
  const { send, later } = await setUp()
  later(901_000)
  expect((await send()).outcome).toEqual([
    403,
    'AccessDenied',
    'Invalid according to Policy: Policy expired.',
  ])
})

it('puts the name of the file where the key asks for it', async () => {
  const { send, client } = await setUp({
    // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's placeholder for the file's name.
    Key: 'users/u/${filename}',
    Fields: {},
    Conditions: [['starts-with', '$key', 'users/u/']],
  })
  expect((await send()).answer.status).toBe(204)
  await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'users/u/my photo.png' }))
})

it('refuses a form without a file, a broken form, and a signer without the right', async () => {
  const { post, clientOf, endpoint } = await setUp()
  const form = new FormData()
  for (const [name, value] of Object.entries(post.fields)) form.append(name, value)
  expect(await (await fetch(post.url, { method: 'POST', body: form })).text()).toContain(
    'exactly one file upload',
  )
  const broken = await fetch(post.url, {
    method: 'POST',
    body: '--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nvalue',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
  })
  expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining('MalformedPOSTRequest')])
  const noBoundary = await fetch(post.url, {
    method: 'POST',
    body: 'x',
    headers: { 'content-type': 'multipart/form-data; x=y' },
  })
  expect(noBoundary.status).toBe(400)
  const nobody = clientOf({ accessKeyId: 'NOBODY', secretAccessKey: 'none' })
  const unable = await createPresignedPost(nobody, { Bucket: BUCKET, Key: KEY })
  const refused = new FormData()
  for (const [name, value] of Object.entries(unable.fields)) refused.append(name, value)
  refused.append('file', new Blob(['x']))
  expect((await fetch(`${endpoint}/${BUCKET}`, { method: 'POST', body: refused })).status).toBe(403)
})

it('makes no object of a form that was cut off', async () => {
  const { post, folder, events, errors } = await setUp({ Conditions: [], Fields: {} })
  const fields = Object.entries(post.fields).map(
    ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
  const { host, port, pathname } = new URL(post.url)
  const cut = (body: string, length: number) =>
    new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        const head = `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: multipart/form-data; boundary=b\r\n`
        socket.write(`${head}Content-Length: ${length}\r\n\r\n${body}`)
        setTimeout(() => socket.destroy(), 100)
      })
      socket.on('close', () => resolve())
    })
  const body = `${fields.join('')}${file}${'x'.repeat(200_000)}`
  await cut(body, body.length + 1000)
  const whole = await fetch(post.url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
  })
  expect([whole.status, await whole.text()]).toEqual([400, expect.stringContaining('MalformedPOSTRequest')])
  await vi.waitFor(() => expect(readdirSync(join(folder, `bucket-${BUCKET}`, 'blobs'))).toEqual([]))
  expect(events).toEqual([])
  expect(errors).toEqual([])
})
