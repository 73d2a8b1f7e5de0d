import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateEmailIdentityCommand,
  GetEmailIdentityCommand,
  SESv2Client,
  SendEmailCommand,
  type SendEmailCommandInput,
} from '@aws-sdk/client-sesv2'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoredMail } from './mail-log.ts'
import { type LocalSes, startSes } from './ses.ts'

const key = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret' }
const keyOf = (id: string) => (id === key.accessKeyId ? key : undefined)
let folder: string
let ses: LocalSes

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gen3d-ses-'))
  ses = await startSes({ folder, port: 0, region: 'us-east-1', keyOf })
})
afterEach(async () => {
  await ses.stop()
  await rm(folder, { recursive: true, force: true })
})

function client(maxAttempts = 1, credentials = key): SESv2Client {
  return new SESv2Client({ region: 'us-east-1', endpoint: ses.endpoint, credentials, maxAttempts })
}

function toMail(to: string, more: Partial<SendEmailCommandInput> = {}): SendEmailCommand {
  return new SendEmailCommand({
    FromEmailAddress: 'Gen3D <no-reply@example.com>',
    Destination: { ToAddresses: [to] },
    Content: {
      Simple: {
        Subject: { Data: 'Your chair is ready' },
        Body: { Text: { Data: 'Look: 5 < 6' }, Html: { Data: '<p>Look</p><script>top.hacked = 1</script>' } },
      },
    },
    ...more,
  })
}

async function inbox(): Promise<StoredMail[]> {
  return (await (await fetch(`${ses.endpoint}/messages`)).json()) as StoredMail[]
}

async function errorOf(promise: Promise<unknown>): Promise<[name: string, status: number | undefined]> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new Error('expected an error')
  const { $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } }
  return [error.name, $metadata?.httpStatusCode]
}

test('keeps what the SDK sends, newest first, over a restart', async () => {
  const tags = [{ Name: 'kind', Value: 'completed' }]
  const first = await client().send(
    toMail('ann@example.com', { ConfigurationSetName: 'gen3d', EmailTags: tags }),
  )
  await client().send(toMail('Bob <bob@example.com>'))
  await ses.stop()
  await appendFile(join(folder, 'mails.jsonl'), '{"id":"torn')
  ses = await startSes({ folder, port: 0, region: 'us-east-1', keyOf })
  await client().send(toMail('carl@example.com'))
  const mails = await inbox()
  expect(mails.map((mail) => mail.to[0])).toEqual([
    'carl@example.com',
    'Bob <bob@example.com>',
    'ann@example.com',
  ])
  expect(mails[2]).toMatchObject({
    id: first.MessageId,
    from: 'Gen3D <no-reply@example.com>',
    subject: 'Your chair is ready',
    text: 'Look: 5 < 6',
    configuration_set: 'gen3d',
    tags: { kind: 'completed' },
  })
  expect(Date.now() - Date.parse(mails[2].sent_at)).toBeLessThan(60_000)
  ses = await restarted()
  expect((await inbox()).length).toBe(3)
})

async function restarted(): Promise<LocalSes> {
  await ses.stop()
  return startSes({ folder, port: 0, region: 'us-east-1', keyOf })
}

test('empties the inbox for good', async () => {
  await client().send(toMail('ann@example.com'))
  expect((await fetch(`${ses.endpoint}/messages`, { method: 'DELETE' })).status).toBe(204)
  ses = await restarted()
  expect(await inbox()).toEqual([])
})

test('takes mails of the user pool directly', async () => {
  ses.deliver({ to: 'ann@example.com', subject: 'Code', text: '123456', html: '<p>123456</p>' })
  expect((await inbox())[0]).toMatchObject({ to: ['ann@example.com'], text: '123456' })
})

test('fails on purpose for the addresses reject@, throttle@ and down@', async () => {
  expect(await errorOf(client().send(toMail('reject@example.com')))).toEqual(['MessageRejected', 400])
  expect(await errorOf(client().send(toMail('throttle@example.com')))).toEqual([
    'TooManyRequestsException',
    429,
  ])
  expect((await client().send(toMail('throttle@example.com'))).MessageId).toBeDefined()
  expect((await errorOf(client().send(toMail('Down <down@example.com>'))))[1]).toBe(503)
  expect((await client(3).send(toMail('throttle@example.org'))).$metadata.attempts).toBe(2)
})

test('says what a request lacks', async () => {
  const mails: Partial<SendEmailCommandInput>[] = [
    { FromEmailAddress: undefined },
    { Destination: {} },
    { Destination: { ToAddresses: ['nobody'] } },
    { Content: { Simple: { Subject: { Data: 'x' }, Body: {} } } },
    { Content: { Raw: { Data: new Uint8Array([1]) } } },
    { Destination: { ToAddresses: Array.from({ length: 51 }, (_, at) => `a${at}@example.com`) } },
  ]
  for (const broken of mails) {
    expect(await errorOf(client().send(toMail('ann@example.com', broken)))).toEqual([
      'BadRequestException',
      400,
    ])
  }
  expect(await inbox()).toEqual([])
})

test('knows identities', async () => {
  const EmailIdentity = 'ops+a@example.com'
  expect(await errorOf(client().send(new GetEmailIdentityCommand({ EmailIdentity })))).toEqual([
    'NotFoundException',
    404,
  ])
  await client().send(new CreateEmailIdentityCommand({ EmailIdentity }))
  ses = await restarted()
  const identity = await client().send(new GetEmailIdentityCommand({ EmailIdentity }))
  expect(identity).toMatchObject({ IdentityType: 'EMAIL_ADDRESS', VerifiedForSendingStatus: true })
  const again = client().send(new CreateEmailIdentityCommand({ EmailIdentity }))
  expect((await errorOf(again))[0]).toBe('AlreadyExistsException')
})

test('sends only for callers who sign', async () => {
  const forged = client(1, { ...key, secretAccessKey: 'guess' })
  expect(await errorOf(forged.send(toMail('ann@example.com')))).toEqual(['InvalidSignatureException', 403])
  const unsigned = await fetch(`${ses.endpoint}/v2/email/outbound-emails`, { method: 'POST', body: '{}' })
  expect(unsigned.status).toBe(403)
})

test('shows mails escaped, HTML in a frame that can run nothing', async () => {
  const hostile = '<img src=x onerror=alert(1)>"\'&'
  ses.deliver({ to: 'a"><b>@example.com', subject: hostile, text: hostile, html: '<p title="x">hi</p>' })
  const response = await fetch(`${ses.endpoint}/`)
  const page = await response.text()
  expect(page).not.toContain('<img')
  expect(page).not.toContain('"><b>')
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;')
  expect(page).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"')
  expect(page).toContain('srcdoc="&lt;base target=&quot;_blank&quot;&gt;&lt;p title=')
  expect(response.headers.get('content-security-policy')).toMatch(/script-src 'sha256-[^']+';/)
})
