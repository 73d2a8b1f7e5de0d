import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { expect, it, onTestFinished } from 'vitest'
import { openEventBus } from '../events/event-bus.ts'
import type { ObjectCreatedEvent } from './object-created.ts'
import { BUCKET, OWNER, REGION, s3ForTest, temporaryFolder } from './s3-fixture.ts'

const NOTIFY = { name: 'notify', pattern: { source: ['aws.s3'] } }
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

// The stack's S3 with its events in a process of its own, whose subscriber never answers.
async function startInChild(folder: string): Promise<{ endpoint: string; kill(): Promise<void> }> {
  const script = `
    import { openEventBus } from '../events/event-bus.ts'
    import { publishObjectCreatedTo } from '../events/publish-s3.ts'
    import { startS3 } from './s3-server.ts'
    const folder = process.argv[1]
    const bus = await openEventBus({
      folder: folder + '/events',
      subscribers: [{ ...${JSON.stringify(NOTIFY)}, deliver: () => new Promise(() => {}) }],
    })
    bus.start()
    const server = await startS3({
      folder: folder + '/s3', port: 0, region: ${JSON.stringify(REGION)}, buckets: [${JSON.stringify(BUCKET)}],
      keyOf: () => (${JSON.stringify(OWNER)}),
      publish: publishObjectCreatedTo(bus, { account: '000000000000', region: ${JSON.stringify(REGION)} }),
    })
    console.log(server.endpoint)`
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script, folder]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()))
    child.once('exit', (code) => reject(new Error(`S3 ended with ${code}.`)))
  })
  const kill = () =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
  return { endpoint, kill }
}

it('loses no answered write and tears none in two when it is killed in the middle, and its events come after', async () => {
  const folder = temporaryFolder()
  const child = await startInChild(folder)
  const { accessKeyId, secretAccessKey } = OWNER
  const client = new S3Client({
    endpoint: child.endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  })
  onTestFinished(() => client.destroy())
  const versions = new Map<string, string[]>()
  const answered = new Map<string, string>()
  const answeredKeys: string[] = []
  let killed = false
  const write = async (worker: number) => {
    for (let count = 0; !killed; count += 1) {
      const Key = `users/w${worker}/${count % 5}`
      const Body = randomBytes(200_000)
      versions.set(Key, [...(versions.get(Key) ?? []), md5(Body)])
      try {
        const { ETag } = await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }))
        answered.set(Key, String(ETag).replaceAll('"', ''))
        answeredKeys.push(Key)
      } catch {
        // The kill: whether this one was written is open.
        return
      }
    }
  }
  const writers = Array.from({ length: 4 }, (_, worker) => write(worker))
  while (answeredKeys.length < 60) await new Promise((resolve) => setTimeout(resolve, 5))
  await child.kill()
  killed = true
  await Promise.all(writers)

  const again = await s3ForTest({ folder: join(folder, 's3') })
  for (const [Key, sent] of versions) {
    const got = await again.client.send(new GetObjectCommand({ Bucket: BUCKET, Key })).catch((error) => {
      if (error instanceof NoSuchKey && !answered.has(Key)) return undefined
      throw error
    })
    const stored = md5((await got?.Body?.transformToByteArray()) ?? new Uint8Array())
    if (!got) continue
    expect(got.ETag).toBe(`"${stored}"`)
    const last = sent.indexOf(answered.get(Key) ?? '')
    // The last answered version, or the one whose answer the kill took away.
    expect(sent.slice(Math.max(0, last))).toContain(stored)
  }
  const { KeyCount } = await again.client.send(new ListObjectsV2Command({ Bucket: BUCKET }))
  expect(readdirSync(join(folder, 's3', `bucket-${BUCKET}`, 'blobs'))).toHaveLength(KeyCount ?? -1)

  const delivered: string[] = []
  const bus = await openEventBus<ObjectCreatedEvent>({
    folder: join(folder, 'events'),
    subscribers: [{ ...NOTIFY, deliver: async ({ detail }) => delivered.push(detail.object.key) }],
  })
  onTestFinished(() => bus.stop())
  bus.start()
  await bus.settled()
  expect(delivered.length).toBeGreaterThanOrEqual(answeredKeys.length)
  expect(delivered.length).toBeLessThanOrEqual(answeredKeys.length + 4)
  for (const key of new Set(answeredKeys)) {
    const count = (keys: string[]) => keys.filter((each) => each === key).length
    expect(count(delivered)).toBeGreaterThanOrEqual(count(answeredKeys))
  }
})
