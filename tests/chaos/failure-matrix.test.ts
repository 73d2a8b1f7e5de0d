/**
 * Each row of the failure matrix (docs/architecture) as a test: through the use cases and the notify Lambda's own event
 * handling, in memory, with a clock that stands still until it is moved.
 */
import { cancelJob } from '@gen3d/jobs/cancel-job'
import { createUpload } from '@gen3d/jobs/create-upload'
import { deleteAccount } from '@gen3d/jobs/delete-account'
import { deleteSession } from '@gen3d/jobs/delete-session'
import { initialize } from '@gen3d/jobs/initialize'
import { readStatus } from '@gen3d/jobs/read-status'
import { reconstruct } from '@gen3d/jobs/reconstruct'
import { listSessions, readSession } from '@gen3d/jobs/sessions'
import { sweep } from '@gen3d/jobs/sweep'
import { ANNA, BEN, createScene, failingEngine, keyOf, maskBase64, placeOf } from '@gen3d/jobs/test-scene'
import { deadlineSeconds } from '@gen3d/jobs/time'
import type { JobAccepted } from '@gen3d/shared/api'
import { jobKey, sessionPrefix, userPrefix } from '@gen3d/shared/keys'
import { describe, expect, it } from 'vitest'
import { handleEvent } from '../../services/notify/src/handle-event.ts'

const code = (value: string) => expect.objectContaining({ code: value })
const json = { contentType: 'application/json' }

function open(settings: Parameters<typeof createScene>[0] = {}) {
  const scene = createScene(settings)
  const { world } = scene
  const created = (key: string) =>
    handleEvent(world, {
      'detail-type': 'Object Created',
      time: world.clock.now().toISOString(),
      detail: { object: { key } },
    })
  const tick = (seconds = 61) => {
    world.clock.advance(seconds)
    return handleEvent(world, { 'detail-type': 'Scheduled Event' })
  }
  const state = async (job: JobAccepted) => (await readStatus(world, ANNA, job.job_id)).state
  const keysUnder = async (prefix: string) => {
    const keys: string[] = []
    for await (const { key } of world.objects.list(prefix)) keys.push(key)
    return keys
  }
  const DEADLINE = deadlineSeconds(world.settings) + 1
  return { ...scene, created, tick, state, keysUnder, DEADLINE }
}

describe('failure matrix', () => {
  it('client dies after upload: the unreferenced photo is swept after a day', async () => {
    const { world, openSession, tick, keysUnder } = open()
    const session_id = await openSession()
    await tick(23 * 3600)
    expect((await keysUnder(userPrefix(ANNA.sub))).length).toBe(1)
    await tick(2 * 3600)
    expect(await keysUnder(userPrefix(ANNA.sub))).toEqual([])
    await expect(readSession(world, ANNA, session_id)).rejects.toEqual(code('not_found'))
  })

  it('duplicate submit: one job, one invocation', async () => {
    const { world, openSession } = open()
    const body = { session_id: await openSession(), masks: [{ png_base64: maskBase64() }] }
    const jobs = await Promise.all([1, 2, 3].map(() => reconstruct(world, ANNA, body, 'key')))
    expect(new Set(jobs.map(({ job_id }) => job_id)).size).toBe(1)
    expect(world.endpoint.calls.length).toBe(1)
  })

  it('crash between row and request: the sweep writes the request and invokes', async () => {
    const { world, openSession, runEngine, created, tick, state } = open()
    const session_id = await openSession()
    const put = world.objects.put.bind(world.objects)
    world.objects.put = async (key, ...rest) => {
      if (key.endsWith('request.json')) throw new Error('the process died here')
      return put(key, ...rest)
    }
    const job = await initialize(world, ANNA, { session_id }, null)
    world.objects.put = put
    expect(world.endpoint.calls).toEqual([])
    await tick()
    await runEngine()
    await created(keyOf(job, 'manifest'))
    expect(await state(job)).toBe('COMPLETED')
  })

  it('crash after the invocation: the sweep sees the engine at work and does not invoke again', async () => {
    const { world, submitEmbed, runEngine, tick, state } = open()
    const job = await submitEmbed()
    await world.jobs.update(job.job_id, { invokedAt: null, invocations: 0, failureKey: null })
    await runEngine()
    world.endpoint.calls.length = 0
    await tick(200)
    expect(world.endpoint.calls).toEqual([])
    expect(await state(job)).toBe('COMPLETED')
  })

  it('event lost: the sweep finds the result, and the failure', async () => {
    const { submitEmbed, runEngine, tick, state } = open()
    const good = await submitEmbed()
    await runEngine()
    const bad = await submitEmbed()
    await runEngine(failingEngine(new Error('broken')))
    await tick(121)
    expect([await state(good), await state(bad)]).toEqual(['COMPLETED', 'FAILED'])
  })

  it('event lost: the sweep finds the endpoint’s own failure object', async () => {
    const { world, submitEmbed, tick, state } = open()
    const job = await submitEmbed()
    await world.objects.put(`failures/${job.job_id}-error.out`, 'ModelError', { contentType: 'text/plain' })
    await tick(121)
    expect(await state(job)).toBe('FAILED')
  })

  it('event duplicated and reordered: one end, one mail', async () => {
    const { world, submitReconstruct, runEngine, created, state } = open()
    const job = await submitReconstruct()
    await runEngine()
    await world.objects.put(`failures/${job.job_id}-error.out`, '', { contentType: 'text/plain' })
    const events = [`failures/${job.job_id}-error.out`, keyOf(job, 'manifest'), keyOf(job, 'manifest')]
    await Promise.all(events.map(created))
    for (const key of events) await created(key)
    expect(await state(job)).toBe('COMPLETED')
    expect(world.mailer.sent.length).toBe(1)
  })

  it('stuck at zero: EXPIRED after the deadline, with a mail, and the slot is free again', async () => {
    const { world, submitReconstruct, tick, DEADLINE } = open({ maxJobsInFlight: 1 })
    const job = await submitReconstruct()
    await tick(DEADLINE - 2)
    expect((await readStatus(world, ANNA, job.job_id)).state).toBe('QUEUED')
    await tick(DEADLINE / 5)
    const status = await readStatus(world, ANNA, job.job_id)
    expect(status).toMatchObject({
      state: 'EXPIRED',
      error: { code: 'not_started', blame: 'system' },
      mail: 'sent',
    })
    await expect(submitReconstruct()).resolves.toMatchObject({ state: 'QUEUED' })
  })

  it('model error: the typed reason is shown, not the engine’s text', async () => {
    const { world, submitReconstruct, runEngine, created } = open()
    const job = await submitReconstruct()
    await runEngine(failingEngine(Object.assign(new Error('secret path /opt/x'), { code: 'out_of_memory' })))
    await created(keyOf(job, 'failure'))
    const status = await readStatus(world, ANNA, job.job_id)
    expect(status).toMatchObject({ state: 'FAILED', error: { code: 'out_of_memory', blame: 'system' } })
    expect(JSON.stringify(status)).not.toContain('secret')
  })

  it('failure object under a name of the endpoint’s own: found by the look-up', async () => {
    const { world, submitEmbed, created, state } = open()
    world.endpoint.invoke = async () => ({ failureKey: 'failures/4711-error.out' })
    const job = await submitEmbed()
    await world.objects.put('failures/4711-error.out', '', { contentType: 'text/plain' })
    await created('failures/4711-error.out')
    await created('failures/nobody-knows-error.out')
    expect(await state(job)).toBe('FAILED')
  })

  it('invocation timed out: told from other failures, and a late result turns it into COMPLETED', async () => {
    const { world, submitReconstruct, runRequest, created, tick, state } = open()
    const job = await submitReconstruct()
    const started = world.clock.now().toISOString()
    const word = {
      attempt: world.newUlid(),
      stage: 'shape',
      progress: 0.5,
      started_at: started,
      updated_at: started,
    }
    await world.objects.put(keyOf(job, 'progress'), JSON.stringify(word), json)
    await tick(world.settings.engineTimeoutSeconds + 61)
    expect(await readStatus(world, ANNA, job.job_id)).toMatchObject({
      state: 'FAILED',
      error: { code: 'timed_out' },
    })
    await runRequest(keyOf(job, 'request'))
    await created(keyOf(job, 'manifest'))
    expect(await state(job)).toBe('COMPLETED')
    expect(world.mailer.sent.length).toBe(1)
  })

  it('late result after EXPIRED: COMPLETED; after another failure: ignored', async () => {
    const { submitReconstruct, runEngine, runRequest, created, tick, state, DEADLINE } = open()
    const expired = await submitReconstruct()
    await tick(DEADLINE)
    expect(await state(expired)).toBe('EXPIRED')
    await runEngine()
    await created(keyOf(expired, 'manifest'))
    expect(await state(expired)).toBe('COMPLETED')
    const failed = await submitReconstruct()
    await runEngine(failingEngine(new Error('broken')))
    await created(keyOf(failed, 'failure'))
    await runRequest(keyOf(failed, 'request'))
    await created(keyOf(failed, 'manifest'))
    expect(await state(failed)).toBe('FAILED')
  })

  it('failure after COMPLETED and after CANCELLED: ignored', async () => {
    const { world, submitEmbed, runEngine, created, state } = open()
    const done = await submitEmbed()
    await runEngine()
    await created(keyOf(done, 'manifest'))
    const gone = await submitEmbed()
    await cancelJob(world, ANNA, gone.job_id)
    for (const job of [done, gone]) await created(`failures/${job.job_id}-error.out`)
    expect([await state(done), await state(gone)]).toEqual(['COMPLETED', 'CANCELLED'])
  })

  it('two attempts of one job: the first manifest stands, the other’s files are gone', async () => {
    const { submitReconstruct, runEngine, runRequest, created, keysUnder } = open()
    const job = await submitReconstruct()
    const attempts = await Promise.all([runEngine(), runRequest(keyOf(job, 'request'))])
    expect(attempts.map(({ body }) => (body as { won: boolean }).won).sort()).toEqual([false, true])
    await created(keyOf(job, 'manifest'))
    const folders = (await keysUnder(jobKey(placeOf(job), 'manifest').replace('manifest.json', '')))
      .map((key) => key.split('/').at(-2))
      .filter((folder) => folder?.length === 26)
    expect(new Set(folders).size).toBe(1)
  })

  it('result for a cancelled job: deleted, the request stays for a retry', async () => {
    const { world, submitReconstruct, runEngine, created, keysUnder, state } = open()
    const job = await submitReconstruct()
    await runEngine()
    await cancelJob(world, ANNA, job.job_id)
    await created(keyOf(job, 'manifest'))
    expect(await state(job)).toBe('CANCELLED')
    const left = await keysUnder(keyOf(job, 'manifest').replace('manifest.json', ''))
    expect(left.map((key) => key.split('/').at(-1))).toEqual(['cancel', 'request.json'])
    expect(world.mailer.sent).toEqual([])
  })

  it('result for a deleted session: deleted, by the event and by the last sweep', async () => {
    const { world, submitReconstruct, runRequest, created, tick, keysUnder, DEADLINE } = open()
    const job = await submitReconstruct()
    const request = await world.objects.get(keyOf(job, 'request'))
    await deleteSession(world, ANNA, job.session_id)
    await expect(readStatus(world, ANNA, job.job_id)).rejects.toEqual(code('not_found'))
    const prefix = sessionPrefix({ sub: ANNA.sub, sessionId: job.session_id })
    expect(await keysUnder(prefix)).toEqual([keyOf(job, 'cancel')])
    // An engine that had read everything before the deletion writes its result now.
    await world.objects.delete([keyOf(job, 'cancel')])
    await world.objects.put(keyOf(job, 'request'), request ?? '', json)
    await runRequest(keyOf(job, 'request'))
    await world.objects.put(keyOf(job, 'manifest'), '{}', json)
    await created(keyOf(job, 'manifest'))
    expect(await keysUnder(prefix)).toEqual([])
    await world.objects.put(`${prefix}late`, 'x', json)
    await tick(DEADLINE)
    expect(await keysUnder(prefix)).toEqual([])
    await expect(initialize(world, ANNA, { session_id: job.session_id }, null)).rejects.toEqual(
      code('not_found'),
    )
    expect((await listSessions(world, ANNA, {})).sessions).toEqual([])
    expect(world.mailer.sent).toEqual([])
  })

  it('session deleted while a submit is under way: nothing of the job stays', async () => {
    const { world, openSession, tick } = open()
    const session_id = await openSession()
    const create = world.jobs.create.bind(world.jobs)
    world.jobs.create = async (job) => {
      const made = await create(job)
      await deleteSession(world, ANNA, session_id)
      return made
    }
    await expect(initialize(world, ANNA, { session_id }, null)).rejects.toEqual(code('not_found'))
    await tick()
    expect(world.jobs.rows.size).toBe(0)
    expect(world.endpoint.calls).toEqual([])
  })

  it('money: the monthly counter fills with the engine’s seconds and then stops everybody', async () => {
    const { world, submitEmbed, created } = open({ maxGpuSecondsPerMonth: 100 })
    const job = await submitEmbed()
    const at = (seconds: number) => new Date(world.clock.now().getTime() + seconds * 1000).toISOString()
    const manifest = {
      version: 1,
      job_id: job.job_id,
      session_id: job.session_id,
      user_id: ANNA.sub,
      attempt: world.newUlid(),
      engine: { name: 'preview', version: '0' },
      started_at: at(0),
      finished_at: at(100),
      timings: {},
      kind: 'embed',
      embedding: { file: 'e', size_bytes: 1, sha256: '0'.repeat(64) },
      image: { width: 1, height: 1 },
      decoder: { name: 'preview', version: '0' },
    }
    await world.objects.put(keyOf(job, 'manifest'), JSON.stringify(manifest), json)
    await Promise.all([created(keyOf(job, 'manifest')), created(keyOf(job, 'manifest'))])
    expect(await world.limits.read('engine-seconds#2026-03')).toBe(100)
    const refusal = await submitEmbed(BEN).catch((error) => error)
    expect(refusal).toEqual(code('limit_reached'))
    world.clock.advance(refusal.retryAfterSeconds)
    await expect(submitEmbed(BEN)).resolves.toMatchObject({ state: 'QUEUED' })
  })

  it('SES down: the job stays COMPLETED, the mail goes out later, once', async () => {
    const { world, submitReconstruct, runEngine, created, tick } = open()
    const job = await submitReconstruct()
    await runEngine()
    world.mailer.failure = new Error('SES does not answer')
    await created(keyOf(job, 'manifest'))
    expect(await readStatus(world, ANNA, job.job_id)).toMatchObject({ state: 'COMPLETED', mail: 'pending' })
    await tick()
    world.mailer.failure = null
    await tick()
    await tick()
    expect(world.mailer.sent.length).toBe(1)
    expect(await world.jobs.get(job.job_id)).toMatchObject({ mail: 'sent', mailDuplicates: 0, dueAt: null })
  })

  it('mail rejected for good: kept, shown, not tried again', async () => {
    const { world, submitReconstruct, runEngine, created, tick } = open()
    world.mailer.rejected.add(ANNA.email ?? '')
    const job = await submitReconstruct()
    await runEngine()
    await created(keyOf(job, 'manifest'))
    await tick()
    expect(await readStatus(world, ANNA, job.job_id)).toMatchObject({ state: 'COMPLETED', mail: 'rejected' })
  })

  it('crash between send and mark: a second mail after the lease, counted', async () => {
    const { world, submitReconstruct, runEngine, created, tick } = open()
    const job = await submitReconstruct()
    await runEngine()
    const send = world.mailer.send.bind(world.mailer)
    const update = world.jobs.update.bind(world.jobs)
    world.mailer.send = async (mail) => {
      await send(mail)
      world.jobs.update = async () => {
        throw new Error('the process died here')
      }
    }
    await expect(created(keyOf(job, 'manifest'))).rejects.toThrow('died')
    world.jobs.update = update
    world.mailer.send = send
    await tick()
    expect(world.mailer.sent.length).toBe(1)
    await tick()
    await tick()
    expect(world.mailer.sent.length).toBe(2)
    expect(await world.jobs.get(job.job_id)).toMatchObject({ mail: 'sent', mailDuplicates: 1 })
  })

  it('crash between end and mail: the sweep settles the rest', async () => {
    const { world, submitReconstruct, runEngine, created, tick } = open()
    const job = await submitReconstruct()
    await runEngine()
    const freeSlot = world.limits.freeSlot.bind(world.limits)
    world.limits.freeSlot = async () => {
      throw new Error('the process died here')
    }
    await expect(created(keyOf(job, 'manifest'))).rejects.toThrow('died')
    world.limits.freeSlot = freeSlot
    await tick()
    expect(world.mailer.sent.length).toBe(1)
    expect(await world.limits.listSlots(`in-flight#${ANNA.sub}`)).toEqual([])
    expect((await readSession(world, ANNA, job.session_id)).state).toBe('COMPLETED')
  })

  it('user deleted: rows and objects purged, account gone, no mail, no way back', async () => {
    const { world, submitReconstruct, runEngine, created, tick, keysUnder, DEADLINE } = open()
    const done = await submitReconstruct()
    await runEngine()
    await created(keyOf(done, 'manifest'))
    const openJob = await submitReconstruct()
    await submitReconstruct(BEN)
    const mails = world.mailer.sent.length
    await deleteAccount(world, ANNA)
    expect(world.accounts.deleted).toEqual([ANNA.username])
    expect(await keysUnder(userPrefix(ANNA.sub))).toEqual([keyOf(openJob, 'cancel')])
    await tick(DEADLINE)
    expect(await keysUnder(userPrefix(ANNA.sub))).toEqual([])
    expect([...world.jobs.rows.values()].every(({ sub }) => sub === BEN.sub)).toBe(true)
    expect(world.mailer.sent.filter(({ to }) => to === ANNA.email).length).toBe(mails)
    const upload = { file_name: 'a.png', content_type: 'image/png', size_bytes: 1 } as const
    await expect(createUpload(world, ANNA, upload)).rejects.toEqual(code('unauthorized'))
  })

  it('forged manifest that names another user’s key: nothing of it is signed', async () => {
    const { world, submitReconstruct, runEngine, created } = open()
    const victim = await submitReconstruct(BEN)
    await runEngine()
    const real = JSON.parse(
      new TextDecoder().decode((await world.objects.get(keyOf(victim, 'manifest', BEN)))!),
    )
    for (const file of [`../../${victim.job_id}/manifest.json`, `users/${BEN.sub}/x`, 'a/b']) {
      const job = await submitReconstruct()
      const forged = structuredClone(real)
      Object.assign(forged, { job_id: job.job_id, session_id: job.session_id, user_id: ANNA.sub })
      forged.objects[0].files[0].file = file
      await world.objects.put(keyOf(job, 'manifest'), JSON.stringify(forged), json)
      await created(keyOf(job, 'manifest'))
      const status = await readStatus(world, ANNA, job.job_id)
      expect(status).toMatchObject({ state: 'FAILED', result: null })
      expect(JSON.stringify(status)).not.toContain(BEN.sub)
    }
    // Another user's manifest as it stands, and one whose attempt climbs out of its folder; without a row to say no.
    const job = await submitReconstruct()
    await world.jobs.delete(job.job_id)
    for (const forged of [real, { ...real, job_id: job.job_id, session_id: job.session_id, attempt: '..' }]) {
      await world.objects.put(keyOf(job, 'manifest'), JSON.stringify(forged), json)
      const status = await readStatus(world, ANNA, job.job_id)
      expect(status.result).toBeNull()
    }
  })

  it('one bad row does not stop the sweep', async () => {
    const { world, submitEmbed, runEngine, tick, state } = open()
    const bad = await submitEmbed()
    const good = await submitEmbed()
    await runEngine()
    await runEngine()
    const head = world.objects.head.bind(world.objects)
    world.objects.head = async (key) => {
      if (key.includes(bad.job_id)) throw new Error('S3 does not answer')
      return head(key)
    }
    await tick(121)
    expect(await state(good)).toBe('COMPLETED')
    world.objects.head = head
    await sweep(world)
    expect(await state(bad)).toBe('COMPLETED')
  })
})
