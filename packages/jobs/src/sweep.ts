/** What the schedule does: makes good what was lost, by the sweep index, never a Scan. */
import { isOpen } from '@gen3d/shared/job-states'
import { jobKey } from '@gen3d/shared/keys'
import { completeJob } from './complete-job.ts'
import { finishDeletion, removeSession } from './delete-session.ts'
import { endWithout } from './end-job.ts'
import { ENDPOINT_FACT } from './estimate-wait.ts'
import { failJob, failJobByKey } from './fail-job.ts'
import { readProgress } from './job-files.ts'
import type { JobRecord, SessionRow } from './records.ts'
import { type SettleNeeds, settleJob } from './settle-job.ts'
import { startJob } from './start-job.ts'
import { addSeconds, expiryInDays, secondsBetween } from './time.ts'
import type { World } from './world.ts'

/** One run handles so many rows; the rest is due still and comes a minute later. */
const ROWS_PER_RUN = 200
const MIN_LOOK_SECONDS = 60
/** The engine's process ends a call at its time-out; a minute later nothing can be under way. */
const DEAD_AFTER_TIMEOUT_SECONDS = 60

export type SweepNeeds = SettleNeeds & Pick<World, 'endpoint' | 'observer'>

/** Looks after every row that is due. One bad row does not stop the others; it is due again at the next run. */
export async function sweep(world: SweepNeeds): Promise<{ jobs: number; sessions: number; failed: number }> {
  const now = world.clock.now().toISOString()
  let failed = 0
  const each = async (id: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      failed++
      world.log.error('sweep of a row failed', { id, error: String(error) })
    }
  }
  await each('endpoint', () => writeSnapshot(world))
  const jobs = await world.jobs.listDue(now, ROWS_PER_RUN)
  for (const job of jobs) await each(job.jobId, () => lookAfterJob(world, job))
  const sessions = await world.sessions.listDue(now, ROWS_PER_RUN)
  for (const session of sessions) await each(session.sessionId, () => lookAfterSession(world, session))
  return { jobs: jobs.length, sessions: sessions.length, failed }
}

async function writeSnapshot({ facts, observer, clock }: SweepNeeds): Promise<void> {
  const snapshot = await observer.describe()
  const now = clock.now()
  await facts.put(ENDPOINT_FACT, { ...snapshot, taken_at: now.toISOString() }, expiryInDays(now, 1))
}

async function lookAfterJob(world: SweepNeeds, job: JobRecord): Promise<void> {
  if (!isOpen(job.state)) return settleJob(world, job)
  const session = await world.sessions.get(job.sub, job.sessionId)
  if (!session || session.deletedAt) return world.jobs.delete(job.jobId)
  const now = world.clock.now()
  if (await world.objects.head(jobKey(job, 'manifest'))) return completeJob(world, job)
  const failure = await world.objects.head(jobKey(job, 'failure'))
  if (failure) return failJob(world, job.jobId, failure.lastModified)
  if (job.failureKey && (await world.objects.head(job.failureKey))) return failJobByKey(world, job.failureKey)
  const progress = await readProgress(world, job)
  const worked = progress ? secondsBetween(progress.started_at, now) : 0
  if (now.toISOString() >= job.deadlineAt) {
    const expired = await endWithout(world, job, 'expire', progress ? 'timed_out' : 'not_started', worked)
    if (expired) await settleJob(world, expired)
  } else if (worked > world.settings.engineTimeoutSeconds + DEAD_AFTER_TIMEOUT_SECONDS) {
    await failJob(world, job.jobId, now)
  } else {
    await lookAgainLater(world, job, now)
    if (job.invokedAt === null && !progress) await startJob(world, job)
  }
}

/** Seldom for the old: a job of an hour is looked at every six minutes. */
async function lookAgainLater(world: SweepNeeds, job: JobRecord, now: Date): Promise<void> {
  const age = secondsBetween(job.createdAt, now)
  await world.jobs.update(job.jobId, { dueAt: addSeconds(now, Math.max(MIN_LOOK_SECONDS, age / 10)) })
}

async function lookAfterSession(world: SweepNeeds, session: SessionRow): Promise<void> {
  if (session.deletedAt) return finishDeletion(world, session)
  if (Object.keys(session.jobs).length === 0) return removeSession(world, session)
  await world.sessions.setDue(session.sub, session.sessionId, null)
}
