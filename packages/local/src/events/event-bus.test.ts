import { appendFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { ObjectCreatedEvent } from '../s3/object-created.ts'
import { BUCKET, s3ForTest, temporaryFolder } from '../s3/s3-fixture.ts'
import { type EventBusOptions, openEventBus } from './event-bus.ts'
import { publishObjectCreatedTo } from './publish-s3.ts'

interface Event {
  readonly id: string
  readonly kind: string
}

const ALL = { kind: [{ exists: true }] }
const done = async () => {}
const event = (id: string, kind = 'wanted'): Event => ({ id, kind })

async function busForTest(
  options: Partial<EventBusOptions<Event>> & Pick<EventBusOptions<Event>, 'subscribers'>,
) {
  const folder = options.folder ?? temporaryFolder()
  const errors: unknown[] = []
  const bus = await openEventBus<Event>({
    folder,
    backoffMs: () => 5,
    onError: (error) => errors.push(error),
    ...options,
  })
  onTestFinished(() => bus.stop())
  return { ...bus, folder, errors }
}

it('delivers an event to the subscribers whose pattern it matches', async () => {
  const [wanted, all]: string[][] = [[], []]
  const bus = await busForTest({
    subscribers: [
      { name: 'wanted', pattern: { kind: ['wanted'] }, deliver: async ({ id }) => wanted.push(id) },
      { name: 'all', pattern: ALL, deliver: async ({ id }) => all.push(id) },
    ],
  })
  await bus.publish(event('1'), done)
  expect(all).toEqual([])
  bus.start()
  await bus.publish(event('2', 'other'), done)
  await bus.settled()
  expect([wanted, all]).toEqual([['1'], ['1', '2']])
})

it('has the event on disk before the change that it tells of', async () => {
  const bus = await busForTest({ subscribers: [{ name: 'a', pattern: ALL, deliver: done }] })
  let onDisk = ''
  await bus.publish(event('first'), async () => {
    onDisk = readFileSync(join(bus.folder, 'events.jsonl'), 'utf8')
  })
  expect(JSON.parse(onDisk)).toEqual({ event: event('first'), to: ['a'] })
})

it('withdraws the event of a change that failed', async () => {
  const seen: string[] = []
  const subscribers = [{ name: 'a', pattern: ALL, deliver: async ({ id }: Event) => seen.push(id) }]
  const bus = await busForTest({ subscribers })
  const failed = bus.publish(event('1'), async () => {
    throw new Error('precondition')
  })
  await expect(failed).rejects.toThrow('precondition')
  await bus.stop()
  const again = await busForTest({ folder: bus.folder, subscribers })
  again.start()
  await again.settled()
  expect(seen).toEqual([])
})

it('tries again with growing pauses, then keeps a dead letter', async () => {
  const pauses: number[] = []
  let tried = 0
  const bus = await busForTest({
    attempts: 3,
    backoffMs: (attempt) => {
      pauses.push(attempt)
      return 1
    },
    subscribers: [
      {
        name: 'a',
        pattern: ALL,
        deliver: async ({ id }) => {
          if (id === 'poison') throw new Error('cannot')
          tried += 1
          if (tried < 3) throw new Error('not yet')
        },
      },
    ],
  })
  bus.start()
  await bus.publish(event('good'), done)
  await bus.settled()
  expect([tried, bus.deadLetters(), pauses]).toEqual([3, [], [1, 2]])
  await bus.publish(event('poison'), done)
  await bus.settled()
  expect(bus.deadLetters()).toMatchObject([
    { event: event('poison'), subscriber: 'a', attempts: 3, error: 'Error: cannot' },
  ])
})

it('delivers after a restart what was published, and goes on counting attempts', async () => {
  const seen: string[] = []
  const subscribers = [{ name: 'a', pattern: ALL, deliver: async ({ id }: Event) => seen.push(id) }]
  const failing = { ...subscribers[0], deliver: async () => Promise.reject(new Error('down')) }
  const first = await busForTest({ subscribers: [failing], backoffMs: () => 60_000 })
  first.start()
  await first.publish(event('1'), done)
  await vi.waitFor(() =>
    expect(readFileSync(join(first.folder, 'events.jsonl'), 'utf8')).toContain('"failed":"1"'),
  )
  await first.stop()
  // As a kill in the middle of a write leaves it.
  appendFileSync(join(first.folder, 'events.jsonl'), '{"settled":"1","b')
  const second = await busForTest({ folder: first.folder, subscribers: [failing], attempts: 2 })
  second.start()
  await second.settled()
  expect(second.deadLetters()).toMatchObject([{ attempts: 2 }])
  await second.publish(event('2'), done)
  await second.stop()
  const third = await busForTest({ folder: first.folder, subscribers })
  third.start()
  await third.settled()
  expect(seen).toEqual(['2'])
  await third.stop()
  const fourth = await busForTest({ folder: first.folder, subscribers })
  fourth.start()
  await fourth.settled()
  expect(seen).toEqual(['2'])
})

it('takes no event after it was stopped, for nobody would deliver it', async () => {
  const bus = await busForTest({ subscribers: [{ name: 'a', pattern: ALL, deliver: done }] })
  await bus.stop()
  let changed = false
  const late = bus.publish(event('1'), async () => {
    changed = true
  })
  await expect(late).rejects.toThrow('stopped')
  expect(changed).toBe(false)
})

it('limits how many deliveries run at a time', async () => {
  let [now, most] = [0, 0]
  const bus = await busForTest({
    concurrency: 2,
    subscribers: [
      {
        name: 'a',
        pattern: ALL,
        deliver: async () => {
          now += 1
          most = Math.max(most, now)
          await new Promise((resolve) => setTimeout(resolve, 5))
          now -= 1
        },
      },
    ],
  })
  bus.start()
  await Promise.all(Array.from({ length: 9 }, (_, index) => bus.publish(event(String(index)), done)))
  await bus.settled()
  expect([now, most]).toEqual([0, 2])
})

it('duplicates and reorders for certain when told to', async () => {
  const seen: string[] = []
  const deliver = async ({ id }: Event) => seen.push(id)
  const bus = await busForTest({
    unruly: { duplicate: true, reorder: true },
    subscribers: [{ name: 'a', pattern: ALL, deliver }],
  })
  bus.start()
  for (const id of ['1', '2', '3']) await bus.publish(event(id), done)
  await bus.settled()
  expect(seen).toEqual(['3', '3', '3', '2', '2', '2', '1', '1', '1'])
})

it('begins its file anew when it has grown and nothing is left to deliver', async () => {
  const bus = await busForTest({ subscribers: [{ name: 'a', pattern: ALL, deliver: done }] })
  bus.start()
  const kind = 'x'.repeat(200_000)
  for (let index = 0; index < 12; index += 1) {
    await bus.publish(event(String(index), kind), done)
    await bus.settled()
  }
  await bus.stop()
  expect(statSync(join(bus.folder, 'events.jsonl')).size).toBeLessThan(1_500_000)
})

it('carries the events of the local S3 as EventBridge gets them', async () => {
  const seen: ObjectCreatedEvent[] = []
  const bus = await openEventBus<ObjectCreatedEvent>({
    folder: temporaryFolder(),
    subscribers: [
      {
        name: 'notify',
        pattern: {
          source: ['aws.s3'],
          'detail-type': ['Object Created'],
          detail: { object: { key: [{ prefix: 'users/' }] } },
        },
        deliver: async (created) => seen.push(created),
      },
    ],
  })
  onTestFinished(() => bus.stop())
  bus.start()
  const { client } = await s3ForTest({
    publish: publishObjectCreatedTo(bus, { account: '000000000000', region: 'us-east-1' }),
  })
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'public/x', Body: 'no' }))
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'users/a b+c/ä.json', Body: 'xyz' }))
  await bus.settled()
  expect(seen).toEqual([
    {
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'us-east-1',
      resources: [`arn:aws:s3:::${BUCKET}`],
      detail: {
        version: '0',
        bucket: { name: BUCKET },
        object: {
          key: 'users/a b+c/ä.json',
          size: 3,
          etag: 'd16fb36f0911f878998c136191af705e',
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
        'request-id': expect.stringMatching(/^[0-9A-F]{16}$/),
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    },
  ])
})
