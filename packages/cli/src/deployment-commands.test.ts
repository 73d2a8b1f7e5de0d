/**
 * The commands that drive a deployment, against the product's own use cases with a real bucket and a real user pool
 * (packages/local) and the real engine; only API Gateway and the table are stand-ins.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryWorld } from '@gen3d/aws/memory/world'
import { createS3Client, S3ObjectStore } from '@gen3d/aws/object-store'
import { createAuth } from '@gen3d/client/auth'
import { readMaskPng } from '@gen3d/image/mask-png'
import { cancelJob } from '@gen3d/jobs/cancel-job'
import { completeJob } from '@gen3d/jobs/complete-job'
import { createUpload } from '@gen3d/jobs/create-upload'
import { deleteSession } from '@gen3d/jobs/delete-session'
import { executeJob } from '@gen3d/jobs/execute-job'
import { exportFiles } from '@gen3d/jobs/export-files'
import { initialize } from '@gen3d/jobs/initialize'
import { readCapabilities } from '@gen3d/jobs/read-capabilities'
import { readStatus } from '@gen3d/jobs/read-status'
import { reconstruct } from '@gen3d/jobs/reconstruct'
import { retryJob } from '@gen3d/jobs/retry-job'
import { select } from '@gen3d/jobs/select'
import { listSessions, renameSession } from '@gen3d/jobs/sessions'
import { shareSession, unshareSession } from '@gen3d/jobs/share'
import { leaveCandidates } from '@gen3d/jobs/test-scene'
import type { Caller, World } from '@gen3d/jobs/world'
import { startCognito } from '@gen3d/local/cognito/cognito'
import { startS3 } from '@gen3d/local/s3/s3-server'
import { createPreviewEngine } from '@gen3d/preview/engine'
import { ENGINES } from '@gen3d/shared/engines'
import { ERRORS, Gen3dError } from '@gen3d/shared/errors'
import { FORMATS } from '@gen3d/shared/formats'
import { unzipSync } from 'fflate'
import { ulid } from 'ulid'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ballPhoto, maskPng, ON_BALL } from './test-photo.ts'
import { gen3d, temporaryFolder } from './test-terminal.ts'

const EMAIL = 'ann@example.org'
const PASSWORD = 'Correct-horse-1'
const KEY = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret' }
const REGION = 'us-east-1'
const CLIENT_ID = 'localclient0000000000000001'
const stops: (() => unknown)[] = []
let site = ''
let world: World
/** While set, nothing is worked on: jobs stay queued. */
let held = false
let folder: string

beforeAll(async () => {
  const data = mkdtempSync(join(tmpdir(), 'gen3d-cli-stack-'))
  stops.push(() => rmSync(data, { recursive: true, force: true }))
  const keyOf = (id: string) => (id === KEY.accessKeyId ? KEY : undefined)
  const s3 = await startS3({ folder: join(data, 's3'), port: 0, region: REGION, buckets: ['photos'], keyOf })
  let code = ''
  const cognito = await startCognito({
    ...{ folder: join(data, 'cognito'), port: 0, region: REGION, userPoolId: `${REGION}_Local0001` },
    ...{ clientId: CLIENT_ID, keyOf },
    sendMail: (mail) => {
      code = /\d{6}/.exec(JSON.stringify(mail))?.[0] ?? ''
    },
  })
  stops.push(
    () => s3.stop(),
    () => cognito.stop(),
  )
  const auth = createAuth({ endpoint: cognito.endpoint, clientId: CLIENT_ID })
  await auth.signUp(EMAIL, PASSWORD)
  await auth.confirmSignUp(EMAIL, code)
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  })
  const memory = createMemoryWorld({ bucket: 'photos' })
  const objects = new S3ObjectStore('photos', createS3Client())
  const engine = createPreviewEngine()
  const clock = { now: () => new Date() }
  world = {
    ...memory,
    ...{ objects, clock, newUlid: ulid },
    endpoint: {
      queues: true,
      async invoke({ jobId, requestKey }) {
        if (held) return { failureKey: null }
        const bytes = await objects.get(requestKey)
        const request = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()))
        const place = { sub: request.user_id, sessionId: request.session_id, jobId }
        void executeJob(request, { ...memory, objects, engine, clock, newUlid: ulid }).then(() =>
          // On AWS the manifest's arrival in the bucket is the event that does this.
          completeJob(world, place),
        )
        return { failureKey: `failures/${jobId}-error.out` }
      },
    },
  }
  const server = await serveApi()
  stops.push(() => server.close())
  const { port } = server.address() as AddressInfo
  site = `http://127.0.0.1:${port}`
  config = {
    ...{ api_url: `${site}/prod`, region: REGION, user_pool_id: `${REGION}_Local0001` },
    ...{ app_client_id: CLIENT_ID, cognito_endpoint: cognito.endpoint, storage_origins: [s3.endpoint] },
  }
}, 60_000)
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})
let config: object = {}

beforeEach(() => {
  held = false
  folder = temporaryFolder()
  writeFileSync(join(folder, 'photo.jpg'), ballPhoto())
  writeFileSync(join(folder, 'ball.png'), maskPng())
})

/** The page's config.json at /, the API at /prod. */
function serveApi(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const send = (status: number, body: object, headers = {}) =>
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
    if (request.url === '/config.json') return send(200, config)
    try {
      const caller = callerOf(request)
      if (!caller) return send(401, { message: 'Unauthorized' })
      const { status, body, headers } = await route(request, caller)
      send(status, body, headers)
    } catch (error) {
      if (!(error instanceof Gen3dError))
        return send(500, { error: { code: 'internal', message: String(error) } })
      const { code, message, field } = error
      send(ERRORS[code].status, { error: { code, message, field, request_id: 'test' } })
    }
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

function callerOf(request: IncomingMessage): Caller | null {
  const [, payload] = /^Bearer [^.]+\.([^.]+)\./.exec(request.headers.authorization ?? '') ?? []
  if (!payload) return null
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return { sub: claims.sub, username: claims['cognito:username'], email: claims.email }
}

async function route(request: IncomingMessage, caller: Caller) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  const body = text ? JSON.parse(text) : {}
  const key = (request.headers['idempotency-key'] as string | undefined) ?? null
  const { pathname, searchParams } = new URL(request.url ?? '/', site)
  const [, , first, id, verb] = pathname.split('/')
  const ok = (answer: object, status = 200, headers = {}) => ({ status, body: answer, headers })
  switch (`${request.method} ${first}${verb ? `/${verb}` : ''}`) {
    case 'POST get-upload-url':
      return ok(await createUpload(world, caller, body))
    case 'POST initialize':
      return ok(await initialize(world, caller, body, key), 202)
    case 'GET capabilities':
      return ok(await readCapabilities(world, caller))
    case 'POST select':
      return ok(await select(world, caller, body, key), 202)
    case 'POST reconstruct':
      return ok(await reconstruct(world, caller, body, key), 202)
    case 'GET status':
      return ok(await readStatus(world, caller, id), 200, { 'Retry-After': '0.2' })
    case 'POST jobs/cancel':
      return ok(await cancelJob(world, caller, id))
    case 'POST jobs/retry':
      return ok(await retryJob(world, caller, id, key), 202)
    case 'GET sessions':
      return ok(await listSessions(world, caller, Object.fromEntries(searchParams)))
    case 'PATCH sessions':
      return ok(await renameSession(world, caller, id, body))
    case 'POST sessions/share':
      return ok(await shareSession(world, caller, id, body))
    case 'DELETE sessions/share':
      return ok(await unshareSession(world, caller, id), 202)
    case 'GET me':
      return ok(await exportFiles(world, caller, Object.fromEntries(searchParams)))
    case 'DELETE sessions':
      return ok(await deleteSession(world, caller, id), 202)
  }
  throw new Gen3dError('not_found')
}

async function signIn(): Promise<void> {
  const args = ['login', '--api', site, '--email', EMAIL, '--password-stdin']
  expect(await gen3d(folder, args, { input: `${PASSWORD}\n` })).toEqual({
    exit: 0,
    out: `Signed in to ${site}/prod as ${EMAIL}.`,
    notes: '',
  })
}

const sha256 = (path: string) =>
  createHash('sha256')
    .update(readFileSync(join(folder, path)))
    .digest('hex')

test('login keeps a refresh token that only its owner can read; logout makes it worthless', async () => {
  await signIn()
  const file = join(folder, 'config', 'accounts.json')
  const saved = readFileSync(file, 'utf8')
  expect(saved).not.toContain(PASSWORD)
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  expect((await gen3d(folder, ['sessions', '--json'])).out).toBe('{"sessions":[],"next_cursor":null}')
  expect((await gen3d(folder, ['logout'])).exit).toBe(0)
  expect(readFileSync(file, 'utf8')).not.toContain('refresh_token')
  writeFileSync(file, saved)
  const after = await gen3d(folder, ['sessions'])
  expect([after.exit, after.notes]).toEqual([
    3,
    `gen3d: Your sign-in has ended. Run gen3d login --api ${site}/prod.`,
  ])
})

test('who is not signed in, or gives a wrong password, ends with 3', async () => {
  const nobody = await gen3d(folder, ['sessions'])
  expect([nobody.exit, nobody.notes]).toEqual([3, expect.stringContaining('No deployment is known.')])
  expect((await gen3d(folder, ['sessions', '--api', site])).exit).toBe(3)
  const args = ['login', '--api', site, '--email', EMAIL, '--password-stdin']
  expect((await gen3d(folder, args, { input: 'Wrong-horse-1' })).exit).toBe(3)
  expect((await gen3d(folder, ['login', '--api', site])).exit).toBe(2)
})

test('an address without a page says which address is meant', async () => {
  const { exit, notes } = await gen3d(folder, ['sessions', '--api', `${site}/prod`])
  expect([exit, notes]).toEqual([1, expect.stringContaining('has no config.json')])
})

test('submit makes the same bytes as make, of clicks and of a mask', async () => {
  await signIn()
  const options = ['--click', ON_BALL, '--quality', 'draft', '--seed', '5']
  await gen3d(folder, ['make', 'photo.jpg', ...options, '-o', 'made.glb', '--save-mask', 'made.png'])
  const args = [
    'submit',
    'photo.jpg',
    ...options,
    '-o',
    'sent.glb',
    '-o',
    'sent.ply',
    '--save-mask',
    'sent.png',
  ]
  const run = await gen3d(folder, [...args, '--json'])
  expect(run).toMatchObject({ exit: 0, notes: '' })
  expect(JSON.parse(run.out).files).toHaveLength(2)
  expect(sha256('sent.png')).toBe(sha256('made.png'))
  expect(sha256('sent.glb')).toBe(sha256('made.glb'))
  const byMask = ['submit', 'photo.jpg', '--mask', 'made.png', ...options.slice(2), '-o', 'mask.glb']
  expect((await gen3d(folder, byMask)).exit).toBe(0)
  expect(sha256('mask.glb')).toBe(sha256('made.glb'))
}, 60_000)

test('--no-wait prints the job, which status, download, sessions and delete then take', async () => {
  await signIn()
  const args = ['submit', 'photo.jpg', '--object', 'ball', '--mask', 'ball.png', '--quality', 'draft']
  const { out: job } = await gen3d(folder, [...args, '--no-wait'])
  expect(job).toMatch(/^[0-9A-Z]{26}-[0-9A-Z]{26}$/)
  const status = await gen3d(folder, ['status', job, '--wait'])
  expect([status.exit, status.out]).toEqual([0, expect.stringMatching(/state +COMPLETED/)])
  expect((await gen3d(folder, ['download', job, '--into', 'out'])).exit).toBe(0)
  const expected = ENGINES.preview.defaultFormats.map((format) => `ball.${FORMATS[format].extension}`)
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(expected.sort())
  expect((await gen3d(folder, ['download', job, '-o', 'ball.stl'])).notes).toContain('no stl')
  const sessions = JSON.parse((await gen3d(folder, ['sessions', '--json'])).out).sessions
  expect(sessions[0]).toMatchObject({ name: 'photo', jobs: [{ job_id: job }] })
  expect((await gen3d(folder, ['delete', sessions[0].session_id])).exit).toBe(2)
  expect((await gen3d(folder, ['delete', sessions[0].session_id, '--yes'])).exit).toBe(0)
  const gone = await gen3d(folder, ['status', job])
  expect([gone.exit, gone.notes]).toEqual([1, expect.stringContaining('nothing here under this id')])
}, 60_000)

test('select writes what is found by words as masks that submit takes, and says where it cannot', async () => {
  await signIn()
  const args = ['select', 'photo.jpg', '--text', 'red ball']
  expect((await gen3d(folder, args.slice(0, 2))).exit).toBe(2)
  expect((await gen3d(folder, [...args.slice(0, 3), 'x'.repeat(201)])).exit).toBe(2)
  expect((await gen3d(folder, [...args, '-o', 'ball.jpg'])).exit).toBe(2)
  const refused = await gen3d(folder, args)
  expect([refused.exit, refused.notes]).toEqual([1, expect.stringContaining('finds nothing by words')])

  const whole = world
  const mask = readMaskPng(readFileSync(join(folder, 'ball.png')))
  const answer = (boxes: Parameters<typeof leaveCandidates>[3]) => {
    const endpoint: World['endpoint'] = {
      queues: true,
      async invoke({ request }) {
        await leaveCandidates(whole.objects, request, mask, boxes)
        return { failureKey: null }
      },
    }
    world = { ...whole, endpoint, settings: { ...whole.settings, engine: 'sam3d' } }
  }
  try {
    answer([
      [4, 5, 40, 50],
      [0, 0, 8, 8],
    ])
    const run = await gen3d(folder, [...args, '-o', 'ball-found.png', '--json'])
    expect(run).toMatchObject({ exit: 0, notes: '' })
    expect(JSON.parse(run.out).candidates).toEqual([
      { score: 0.9, box: [4, 5, 40, 50], path: 'ball-found-1.png' },
      { score: 0.8, box: [0, 0, 8, 8], path: 'ball-found-2.png' },
    ])
    expect(readMaskPng(readFileSync(join(folder, 'ball-found-2.png'))).data.filter(Boolean)).toHaveLength(81)
    answer([])
    expect(await gen3d(folder, args)).toMatchObject({
      exit: 0,
      out: '',
      notes: expect.stringContaining('Nothing like that'),
    })
  } finally {
    world = whole
  }
  const made = ['submit', 'photo.jpg', '--mask', 'ball-found-1.png', '--quality', 'draft', '-o', 'x.glb']
  expect((await gen3d(folder, made)).exit).toBe(0)
}, 60_000)

test('rename, share, unshare, and export as a ZIP and as a folder', async () => {
  await signIn()
  const options = ['--mask', 'ball.png', '--quality', 'draft', '-o', 'ball.glb', '--json']
  const { session_id: id } = JSON.parse((await gen3d(folder, ['submit', 'photo.jpg', ...options])).out)
  expect((await gen3d(folder, ['rename', id, ' '])).exit).toBe(2)
  expect((await gen3d(folder, ['rename', id, 'red', 'ball'])).notes).toContain('put the name in quotes')
  expect((await gen3d(folder, ['rename', id, 'red ball'])).out).toBe(`${id} is now "red ball".`)

  const link = (await gen3d(folder, ['share', id, '--days', '2'])).out
  expect(link).toMatch(new RegExp(`^${site}/#/shared/[A-Za-z0-9_-]{43}$`))
  expect(JSON.parse((await gen3d(folder, ['share', id, '--json'])).out).url).toBe(link)
  expect((await gen3d(folder, ['share', id, '--days', '31'])).exit).toBe(2)
  expect((await gen3d(folder, ['sessions'])).out).toContain('red ball  (shared until ')
  expect((await gen3d(folder, ['unshare', id])).out).toBe(`${id} is not shared any more.`)
  expect(JSON.parse((await gen3d(folder, ['share', id, '--json'])).out).url).not.toBe(link)

  expect((await gen3d(folder, ['export'])).exit).toBe(2)
  expect((await gen3d(folder, ['export', '-o', 'all.tar'])).exit).toBe(2)
  const run = await gen3d(folder, ['export', '-o', 'all.zip', '--json'])
  expect(run).toMatchObject({ exit: 0, notes: '' })
  const entries = unzipSync(new Uint8Array(readFileSync(join(folder, 'all.zip'))))
  expect(Object.keys(entries)).toHaveLength(JSON.parse(run.out).files)
  const base = `sessions/${id}`
  expect(Buffer.from(entries[`${base}/original_image.jpg`])).toEqual(readFileSync(join(folder, 'photo.jpg')))
  expect(JSON.parse(Buffer.from(entries[`${base}/metadata.json`]).toString()).name).toBe('red ball')
  const made = Object.entries(entries).find(([name]) => name.startsWith(base) && name.endsWith('.glb'))
  expect(Buffer.from(made?.[1] ?? [])).toEqual(readFileSync(join(folder, 'ball.glb')))
  expect((await gen3d(folder, ['export', '-o', 'all/'])).out).toMatch(/^all\/ {2}\d+ files, /)
  for (const [name, bytes] of Object.entries(entries)) {
    expect(readFileSync(join(folder, 'all', name)).equals(bytes), name).toBe(true)
  }
}, 60_000)

test('an export that breaks off leaves no file and says whose fault it was', async () => {
  await signIn()
  const { list } = world.objects
  world.objects.list = () => {
    throw new Gen3dError('unavailable')
  }
  try {
    const run = await gen3d(folder, ['export', '-o', 'all.zip'])
    expect([run.exit, run.notes]).toEqual([1, `gen3d: ${ERRORS.unavailable.message} Request test.`])
  } finally {
    world.objects.list = list
  }
  expect(readdirSync(folder).filter((name) => name.startsWith('all'))).toEqual([])
})

test('a job that does not end well ends the waiting with 4; retry makes another', async () => {
  await signIn()
  held = true
  const { out: job } = await gen3d(folder, ['submit', 'photo.jpg', '--mask', 'ball.png', '--no-wait'])
  expect((await gen3d(folder, ['cancel', job])).out).toMatch(/state +CANCELLED/)
  const waited = await gen3d(folder, ['status', job, '--wait'])
  expect([waited.exit, waited.notes]).toEqual([4, expect.stringContaining(`gen3d retry ${job}`)])
  expect((await gen3d(folder, ['download', job])).exit).toBe(4)
  held = false
  const { out } = await gen3d(folder, ['retry', job, '--json'])
  expect(JSON.parse(out).job_id).not.toBe(job)
})

test('Ctrl-C while waiting ends with 130, says that the job goes on, and writes nothing', async () => {
  await signIn()
  held = true
  const abort = new AbortController()
  const onDraw = (text: string) => {
    if (text.includes('Waiting')) abort.abort(new DOMException('Interrupted.', 'AbortError'))
  }
  const args = ['submit', 'photo.jpg', '--mask', 'ball.png', '-o', 'x.glb']
  const run = await gen3d(folder, args, { signal: abort.signal, onDraw })
  expect([run.exit, run.notes]).toEqual([130, expect.stringMatching(/Job .* goes on.*\n.*Interrupted/)])
  expect(readdirSync(folder).sort()).toEqual(['ball.png', 'config', 'photo.jpg'])
})

test('a local stack that runs here is used without signing in', async () => {
  const { api_url, app_client_id, cognito_endpoint } = config as Record<string, string>
  mkdirSync(join(folder, '.local', 'below'), { recursive: true })
  const account = { username: EMAIL, password: PASSWORD }
  const write = (pid: number) =>
    writeFileSync(
      join(folder, '.local', 'stack.json'),
      JSON.stringify({ api_url, app_client_id, cognito_endpoint, ...account, pid }),
    )
  write(process.pid)
  expect((await gen3d(folder, ['sessions', '--json'])).exit).toBe(0)
  expect((await gen3d(folder, ['sessions', '--api', api_url])).exit).toBe(0)
  // Larger than any process id: the file of a stack that was killed.
  write(2 ** 30)
  expect((await gen3d(folder, ['sessions'])).exit).toBe(3)
})
