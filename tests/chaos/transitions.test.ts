/**
 * Walks the table of transitions: random orders of everything that can happen to a job, twice and late too. Whatever the
 * order, every change of state stands in the table, every job ends, with at most one mail, and nothing is left behind.
 */
import { cancelJob } from '@gen3d/jobs/cancel-job'
import { readStatus } from '@gen3d/jobs/read-status'
import { ANNA, createScene, failingEngine, keyOf, placeOf } from '@gen3d/jobs/test-scene'
import { isOpen, type JobState, LATE_RESULT_AFTER, TRANSITIONS } from '@gen3d/shared/job-states'
import { jobPrefix } from '@gen3d/shared/keys'
import { describe, expect, it } from 'vitest'
import { handleEvent } from '../../services/notify/src/handle-event.ts'

/** mulberry32: the same seed walks the same way everywhere. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function isAllowed(from: JobState, to: JobState, errorCode: string | null): boolean {
  if (from === to) return true
  if (from === 'FAILED') return to === 'COMPLETED' && errorCode === LATE_RESULT_AFTER
  return Object.values(TRANSITIONS).some(
    (transition) => transition.to === to && (transition.from as readonly JobState[]).includes(from),
  )
}

const STEPS = [
  'look',
  'run',
  'run',
  'fail',
  'manifest event',
  'failure event',
  'endpoint failure event',
  'cancel',
  'sweep',
  'wait a minute',
  'wait for the time-out',
  'wait for the deadline',
  'start and hang',
] as const

async function walk(seed: number): Promise<JobState> {
  const random = createRandom(seed)
  const { world, submitReconstruct, runRequest } = createScene()
  const job = await submitReconstruct()
  const created = (key: string) =>
    handleEvent(world, { 'detail-type': 'Object Created', detail: { object: { key } } })
  const actions: Record<(typeof STEPS)[number], () => Promise<unknown>> = {
    look: () => readStatus(world, ANNA, job.job_id),
    run: () => runRequest(keyOf(job, 'request')),
    fail: () => runRequest(keyOf(job, 'request'), failingEngine(new Error('broken'))),
    'manifest event': () => created(keyOf(job, 'manifest')),
    'failure event': async () => {
      // An event comes only of an object that was made.
      if (await world.objects.head(keyOf(job, 'failure'))) await created(keyOf(job, 'failure'))
    },
    'endpoint failure event': () => created(`failures/${job.job_id}-error.out`),
    cancel: () => cancelJob(world, ANNA, job.job_id).catch(() => {}),
    sweep: () => handleEvent(world, { 'detail-type': 'Scheduled Event' }),
    'wait a minute': async () => world.clock.advance(61),
    'wait for the time-out': async () => world.clock.advance(700),
    'wait for the deadline': async () => world.clock.advance(5000),
    'start and hang': async () => {
      const now = world.clock.now().toISOString()
      const word = {
        attempt: world.newUlid(),
        stage: 'shape',
        progress: 0.1,
        started_at: now,
        updated_at: now,
      }
      const json = { contentType: 'application/json' }
      await world.objects.put(keyOf(job, 'progress'), JSON.stringify(word), json)
    },
  }
  const rowOf = () => world.jobs.rows.get(job.job_id)!
  const path: string[] = []
  const step = async (name: (typeof STEPS)[number]) => {
    const before = rowOf()
    await actions[name]()
    const after = rowOf()
    path.push(`${name} -> ${after.state}`)
    expect(isAllowed(before.state, after.state, before.errorCode), `${seed}: ${path.join(', ')}`).toBe(true)
  }
  const count = 3 + Math.floor(random() * 12)
  for (let i = 0; i < count; i++) await step(STEPS[Math.floor(random() * STEPS.length)])
  // Whatever was lost: the schedule goes on.
  for (let i = 0; i < 4; i++) {
    await step('wait for the deadline')
    await step('sweep')
  }
  await step('manifest event')
  const end = rowOf()
  const where = `${seed}: ${path.join(', ')}`
  expect(isOpen(end.state), where).toBe(false)
  expect(end.dueAt, where).toBeNull()
  expect(world.mailer.sent.length, where).toBe(end.state === 'CANCELLED' && end.mail === 'none' ? 0 : 1)
  expect(await world.limits.listSlots(`in-flight#${ANNA.sub}`), where).toEqual([])
  const manifest = await world.objects.head(keyOf(job, 'manifest'))
  if (end.state === 'COMPLETED') expect(manifest, where).not.toBeNull()
  if (end.state === 'CANCELLED') {
    const prefix = jobPrefix(placeOf(job))
    expect(
      [...world.objects.objects.keys()].filter((key) => key.startsWith(prefix) && key.endsWith('.glb')),
      where,
    ).toEqual([])
  }
  return end.state
}

describe('transitions', () => {
  it('stand in the table, whatever happens in whatever order', async () => {
    const ends = new Set<JobState>()
    for (let seed = 1; seed <= 300; seed++) ends.add(await walk(seed))
    // The walk is of use only if it gets everywhere.
    expect([...ends].sort()).toEqual(['CANCELLED', 'COMPLETED', 'EXPIRED', 'FAILED'])
  })
})
