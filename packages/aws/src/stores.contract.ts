/** What every store must do, whether in memory or in DynamoDB. Run by store.test.ts beside this file and by tests/contract. */
import type { FactStore, JobStore, LimitStore, SessionStore } from '@gen3d/jobs/ports'
import type { JobRecord, SessionRow } from '@gen3d/jobs/records'
import { TRANSITIONS } from '@gen3d/shared/job-states'
import { jobPrefix } from '@gen3d/shared/keys'
import { ulid } from 'ulid'
import { describe, expect, it } from 'vitest'

interface Stores {
  readonly jobs: JobStore
  readonly sessions: SessionStore
  readonly limits: LimitStore
  readonly facts: FactStore
}

/** Far beyond any test's clock, epoch seconds. */
const LATER = 4_000_000_000
const LONG_AGO = 1_000_000
const NOW = '2026-03-14T09:00:00.000Z'
const SOON = '2026-03-14T09:02:00.000Z'
const UNTIL = '2026-03-14T09:04:00.000Z'

function newSub(): string {
  return crypto.randomUUID()
}

function makeJob(fields: Partial<JobRecord> = {}): JobRecord {
  const sessionId = ulid()
  const place = { sub: newSub(), sessionId, jobId: `${sessionId}-${ulid()}` }
  return {
    ...place,
    kind: 'embed',
    state: 'QUEUED',
    createdAt: NOW,
    startedAt: null,
    finishedAt: null,
    retryOf: null,
    request: {
      version: 1,
      job_id: place.jobId,
      session_id: sessionId,
      user_id: place.sub,
      kind: 'embed',
      bucket: 'photos',
      photo: { key: `${jobPrefix(place)}photo`, etag: '"e"' },
      masks: [],
      options: null,
      job_prefix: jobPrefix(place),
    },
    email: 'anna@example.com',
    mail: 'none',
    mailLeaseUntil: null,
    mailDuplicates: 0,
    invokedAt: null,
    invocations: 0,
    failureKey: null,
    errorCode: null,
    timings: {},
    dueAt: null,
    deadlineAt: SOON,
    expiresAt: LATER,
    ...fields,
  }
}

function makeSession(fields: Partial<SessionRow> = {}): SessionRow {
  return {
    sub: newSub(),
    sessionId: ulid(),
    name: 'chair',
    createdAt: NOW,
    contentType: 'image/jpeg',
    photo: null,
    share: null,
    jobs: {},
    deletedAt: null,
    dueAt: null,
    expiresAt: LATER,
    ...fields,
  }
}

export function describeJobStore(open: () => Stores): void {
  describe('JobStore', () => {
    it('returns what was written, nulls and nested values too', async () => {
      const { jobs } = open()
      const job = makeJob({ timings: { encode: 0.5 } })
      await jobs.create(job)
      expect(await jobs.get(job.jobId)).toEqual(job)
      expect(await jobs.get('none')).toBeNull()
    })

    it('creates a row once and returns the one that stands', async () => {
      const { jobs } = open()
      const job = makeJob()
      const made = await Promise.all([jobs.create(job), jobs.create(job), jobs.create(job)])
      expect(made.filter(({ created }) => created).length).toBe(1)
      const again = await jobs.create({ ...job, email: null })
      expect(again).toEqual({ created: false, job })
    })

    it('treats an expired row as gone and lets it be made again', async () => {
      const { jobs } = open()
      const job = makeJob({ expiresAt: LONG_AGO, dueAt: NOW })
      await jobs.create(job)
      expect(await jobs.get(job.jobId)).toBeNull()
      expect(await jobs.getMany([job.jobId])).toEqual([])
      expect((await jobs.create({ ...job, expiresAt: LATER })).created).toBe(true)
    })

    it('makes a transition only from the states given', async () => {
      const { jobs } = open()
      const job = makeJob()
      await jobs.create(job)
      const patch = { startedAt: SOON }
      expect(await jobs.transition(job.jobId, { ...TRANSITIONS.start, patch })).toEqual({
        ...job,
        state: 'RUNNING',
        startedAt: SOON,
      })
      expect(await jobs.transition(job.jobId, { ...TRANSITIONS.start, patch })).toBeNull()
      expect(await jobs.transition('none', { ...TRANSITIONS.fail, patch: {} })).toBeNull()
      expect(await jobs.get('none')).toBeNull()
    })

    it('lets one of two ends win', async () => {
      const { jobs } = open()
      const job = makeJob()
      await jobs.create(job)
      const ends = (['complete', 'fail', 'expire', 'cancel'] as const).map((name) =>
        jobs.transition(job.jobId, { ...TRANSITIONS[name], patch: {} }),
      )
      expect((await Promise.all(ends)).filter((row) => row !== null).length).toBe(1)
    })

    it('tells a FAILED job by its error code and leaves an EXPIRED one alone', async () => {
      const { jobs } = open()
      const late = { ...TRANSITIONS.completeLate, onlyErrorCode: 'timed_out', patch: {} } as const
      const cases = [
        { state: 'FAILED', errorCode: 'engine_failed', allowed: false },
        { state: 'FAILED', errorCode: 'timed_out', allowed: true },
        { state: 'EXPIRED', errorCode: 'not_started', allowed: true },
        { state: 'CANCELLED', errorCode: null, allowed: false },
      ] as const
      for (const { state, errorCode, allowed } of cases) {
        const job = makeJob({ state, errorCode })
        await jobs.create(job)
        expect((await jobs.transition(job.jobId, late)) !== null).toBe(allowed)
      }
    })

    it('sets and clears fields, and updates no row that is not there', async () => {
      const { jobs } = open()
      const job = makeJob({ failureKey: 'failures/a' })
      await jobs.create(job)
      const patch = { invocations: 1, failureKey: null, invokedAt: undefined }
      expect(await jobs.update(job.jobId, patch)).toEqual({ ...job, invocations: 1, failureKey: null })
      await jobs.delete(job.jobId)
      expect(await jobs.update(job.jobId, patch)).toBeNull()
      expect(await jobs.get(job.jobId)).toBeNull()
    })

    it('gives the mail’s lease to one, and again when it has run out', async () => {
      const { jobs } = open()
      const job = makeJob({ mail: 'pending' })
      await jobs.create(job)
      const claims = await Promise.all([1, 2, 3].map(() => jobs.claimMail(job.jobId, NOW, SOON)))
      expect(claims.filter(Boolean).length).toBe(1)
      expect(await jobs.claimMail(job.jobId, NOW, UNTIL)).toBe(false)
      expect(await jobs.claimMail(job.jobId, SOON, UNTIL)).toBe(true)
      await jobs.update(job.jobId, { mail: 'sent', mailLeaseUntil: null })
      expect(await jobs.claimMail(job.jobId, UNTIL, UNTIL)).toBe(false)
    })

    it('lists what is due, oldest first, and nothing else', async () => {
      const { jobs } = open()
      const times = ['2001-01-02', '2001-01-01', '2001-01-03', '2001-02-01'].map(
        (day) => `${day}T00:00:00.000Z`,
      )
      const made = times.map((dueAt) => makeJob({ dueAt }))
      for (const job of [...made, makeJob()]) await jobs.create(job)
      const due = async () => (await jobs.listDue('2001-01-31T00:00:00.000Z', 10)).map(({ jobId }) => jobId)
      expect(await due()).toEqual([made[1], made[0], made[2]].map(({ jobId }) => jobId))
      expect((await jobs.listDue('2001-01-31T00:00:00.000Z', 1)).length).toBe(1)
      await jobs.update(made[1].jobId, { dueAt: null })
      await jobs.transition(made[0].jobId, { ...TRANSITIONS.fail, patch: { dueAt: null } })
      await jobs.update(made[2].jobId, { dueAt: '2001-03-01T00:00:00.000Z' })
      expect(await due()).toEqual([])
      for (const job of made) await jobs.delete(job.jobId)
    })

    it('counts open jobs that came before, up to a limit', async () => {
      const { jobs } = open()
      const [first, second, third] = ['1990-01-01', '1990-01-02', '1990-01-03'].map((day) =>
        makeJob({ createdAt: `${day}T00:00:00.000Z`, dueAt: SOON }),
      )
      for (const job of [first, second, third]) await jobs.create(job)
      const before = (job: JobRecord) => jobs.countOpenBefore(job.createdAt, 100)
      expect([await before(first), await before(second), await before(third)]).toEqual([0, 1, 2])
      await jobs.transition(first.jobId, { ...TRANSITIONS.start, patch: {} })
      expect(await before(third)).toBe(2)
      // It has ended; its row stays in the index until its mail is out.
      await jobs.transition(first.jobId, { ...TRANSITIONS.complete, patch: {} })
      expect(await before(third)).toBe(1)
      expect(await jobs.countOpenBefore(third.createdAt, 1)).toBeNull()
      for (const job of [first, second, third]) await jobs.delete(job.jobId)
    })

    it('reads many rows at once, each once', async () => {
      const { jobs } = open()
      const made = Array.from({ length: 120 }, () => makeJob())
      await Promise.all(made.map((job) => jobs.create(job)))
      const ids = made.map(({ jobId }) => jobId)
      const rows = await jobs.getMany([...ids, ids[0], 'none'])
      expect(rows.map(({ jobId }) => jobId).sort()).toEqual([...ids].sort())
      expect(await jobs.getMany([])).toEqual([])
    })
  })
}

export function describeSessionStore(open: () => Stores): void {
  const entry = { kind: 'embed', state: 'QUEUED', createdAt: NOW, poster: null } as const

  describe('SessionStore', () => {
    it('returns what was written, to its owner only', async () => {
      const { sessions } = open()
      const session = makeSession({ dueAt: UNTIL })
      await sessions.create(session)
      expect(await sessions.get(session.sub, session.sessionId)).toEqual(session)
      expect(await sessions.get(newSub(), session.sessionId)).toBeNull()
      expect(await sessions.get(session.sub, ulid())).toBeNull()
    })

    it('records the photo and the jobs, and is not due any more once it has one', async () => {
      const { sessions } = open()
      const session = makeSession({ dueAt: UNTIL })
      const { sub, sessionId } = session
      await sessions.create(session)
      const photo = { etag: '"e"', sizeBytes: 5, width: 3, height: 2 }
      await sessions.setPhoto(sub, sessionId, photo)
      expect(await sessions.setJob(sub, sessionId, 'a', entry)).toBe(true)
      const done = { ...entry, state: 'COMPLETED', poster: { attempt: 't', file: 'f' } } as const
      expect(await sessions.setJob(sub, sessionId, 'b', entry)).toBe(true)
      expect(await sessions.setJob(sub, sessionId, 'a', done)).toBe(true)
      const row = await sessions.get(sub, sessionId)
      expect(row).toEqual({ ...session, photo, dueAt: null, jobs: { a: done, b: entry } })
    })

    it('adds nothing to a foreign, unknown or deleted session', async () => {
      const { sessions } = open()
      const session = makeSession()
      const { sub, sessionId } = session
      await sessions.create(session)
      expect(await sessions.setJob(newSub(), sessionId, 'a', entry)).toBe(false)
      expect(await sessions.setJob(sub, ulid(), 'a', entry)).toBe(false)
      await sessions.bury(sub, sessionId, { deletedAt: NOW, dueAt: SOON, expiresAt: LATER })
      expect(await sessions.setJob(sub, sessionId, 'a', entry)).toBe(false)
    })

    it('buries a session: it leaves the list, its row stays as a tombstone that is due', async () => {
      const { sessions } = open()
      const session = makeSession()
      const { sub, sessionId } = session
      await sessions.create(session)
      const tombstone = { deletedAt: NOW, dueAt: '2001-01-01T00:00:00.000Z', expiresAt: LATER - 1 }
      expect(await sessions.bury(newSub(), sessionId, tombstone)).toBeNull()
      expect(await sessions.bury(sub, sessionId, tombstone)).toEqual({ ...session, ...tombstone })
      expect((await sessions.list(sub, { limit: 5 })).sessions).toEqual([])
      const due = async () =>
        (await sessions.listDue('2001-01-02T00:00:00.000Z', 10)).map((row) => row.sessionId)
      expect(await due()).toEqual([sessionId])
      await sessions.setDue(sub, sessionId, null)
      expect(await due()).toEqual([])
    })

    it('renames a session, its owner’s and no deleted one', async () => {
      const { sessions } = open()
      const session = makeSession()
      const { sub, sessionId } = session
      await sessions.create(session)
      expect(await sessions.rename(sub, sessionId, 'chair')).toEqual({ ...session, name: 'chair' })
      expect(await sessions.rename(newSub(), sessionId, 'mine')).toBeNull()
      expect(await sessions.rename(sub, ulid(), 'none')).toBeNull()
      await sessions.bury(sub, sessionId, { deletedAt: NOW, dueAt: SOON, expiresAt: LATER })
      expect(await sessions.rename(sub, sessionId, 'gone')).toBeNull()
      expect((await sessions.get(sub, sessionId))?.name).toBe('chair')
    })

    it('has one share that is valid, whoever asks at once, and a new one after its end', async () => {
      const { sessions } = open()
      const session = makeSession()
      const { sub, sessionId } = session
      await sessions.create(session)
      const offers = [ulid(), ulid(), ulid()].map((nonce) => ({ nonce, expiresAt: SOON }))
      const standing = await Promise.all(
        offers.map((share) => sessions.openShare(sub, sessionId, share, NOW)),
      )
      expect(new Set(standing.map((share) => share?.nonce)).size).toBe(1)
      expect(offers).toContainEqual(standing[0])
      expect((await sessions.get(sub, sessionId))?.share).toEqual(standing[0])
      const next = { nonce: ulid(), expiresAt: UNTIL }
      expect(await sessions.openShare(newSub(), sessionId, next, SOON)).toBeNull()
      expect(await sessions.openShare(sub, sessionId, next, SOON)).toEqual(next)
      await sessions.closeShare(newSub(), sessionId)
      expect((await sessions.get(sub, sessionId))?.share).toEqual(next)
      await sessions.closeShare(sub, sessionId)
      await sessions.closeShare(sub, sessionId)
      expect(await sessions.get(sub, sessionId)).toEqual(session)
      await sessions.bury(sub, sessionId, { deletedAt: NOW, dueAt: SOON, expiresAt: LATER })
      expect(await sessions.openShare(sub, sessionId, next, NOW)).toBeNull()
    })

    it('lists newest first, page by page, each session once', async () => {
      const { sessions } = open()
      const sub = newSub()
      const made = [1, 2, 3, 4, 5].map((i) =>
        makeSession({ sub, sessionId: ulid(Date.parse(NOW) + i), createdAt: `2026-03-14T09:00:00.00${i}Z` }),
      )
      for (const session of [...made, makeSession()]) await sessions.create(session)
      const seen: string[] = []
      let cursor: string | undefined
      for (let page = 0; page < 3; page++) {
        const { sessions: rows, nextCursor } = await sessions.list(sub, { limit: 2, cursor })
        seen.push(...rows.map(({ sessionId }) => sessionId))
        cursor = nextCursor ?? undefined
        expect(cursor === undefined).toBe(page === 2)
      }
      expect(seen).toEqual(made.map(({ sessionId }) => sessionId).reverse())
      const all = await sessions.list(sub, { limit: 5 })
      expect(all).toMatchObject({ nextCursor: null })
    })

    it('refuses a cursor that it did not make', async () => {
      const { sessions } = open()
      const refusal = { code: 'invalid_request', field: 'cursor' }
      await expect(sessions.list(newSub(), { limit: 2, cursor: 'x' })).rejects.toMatchObject(refusal)
    })
  })
}

export function describeLimitStore(open: () => Stores): void {
  describe('LimitStore', () => {
    it('counts up to the limit, concurrently too', async () => {
      const { limits } = open()
      const name = newSub()
      expect(await limits.read(name)).toBe(0)
      const sums = await Promise.all([1, 2, 3, 4, 5].map(() => limits.add(name, 1, 3, LATER)))
      expect(sums.filter((sum) => sum !== null).length).toBe(3)
      expect(await limits.read(name)).toBe(3)
      expect(await limits.add(name, 5, 10, LATER)).toBe(8)
    })

    it('refuses an amount that is above the limit by itself', async () => {
      const { limits } = open()
      expect(await limits.add(newSub(), 2, 1, LATER)).toBeNull()
      expect(await limits.add(newSub(), 1, 0, LATER)).toBeNull()
    })

    it('reads an expired counter as 0', async () => {
      const { limits } = open()
      const name = newSub()
      await limits.add(name, 1, 5, LONG_AGO)
      expect(await limits.read(name)).toBe(0)
    })

    it('gives out so many slots, each member one', async () => {
      const { limits } = open()
      const set = newSub()
      const take = (member: string, max = 2) => limits.takeSlot(set, member, max, LATER)
      expect((await Promise.all(['a', 'b', 'c'].map((member) => take(member)))).filter(Boolean).length).toBe(
        2,
      )
      const members = await limits.listSlots(set)
      expect(members.length).toBe(2)
      expect(await take(members[0])).toBe(true)
      await limits.freeSlot(set, members[0])
      await limits.freeSlot(set, 'never held')
      expect(await limits.listSlots(set)).toEqual([members[1]])
      expect(await take('d')).toBe(true)
      for (const member of ['d', members[1]]) await limits.freeSlot(set, member)
      expect(await limits.listSlots(set)).toEqual([])
      expect(await take('e', 0)).toBe(false)
      expect(await take('e', 1)).toBe(true)
    })
  })
}

export function describeFactStore(open: () => Stores): void {
  describe('FactStore', () => {
    it('keeps the last value', async () => {
      const { facts } = open()
      const name = newSub()
      expect(await facts.get(name)).toBeNull()
      await facts.put(name, { a: 1 }, LATER)
      await facts.put(name, { b: [{ c: 0.5 }], d: null }, LATER)
      expect(await facts.get(name)).toEqual({ b: [{ c: 0.5 }], d: null })
    })

    it('writes once, and anew when the first has expired', async () => {
      const { facts } = open()
      const name = newSub()
      const values = await Promise.all([1, 2, 3].map((a) => facts.putOnce(name, { a }, LATER)))
      expect(new Set(values.map(({ a }) => a)).size).toBe(1)
      const old = newSub()
      await facts.put(old, { a: 1 }, LONG_AGO)
      expect(await facts.get(old)).toBeNull()
      expect(await facts.putOnce(old, { a: 2 }, LATER)).toEqual({ a: 2 })
    })
  })
}
