import type { JobErrorCode } from '@gen3d/shared/errors'
import type { Manifest } from '@gen3d/shared/inference'
import { LATE_RESULT_AFTER, TRANSITIONS } from '@gen3d/shared/job-states'
import { engineSecondsCounter } from './admit.ts'
import { recordTiming } from './estimate-wait.ts'
import type { JobPatch } from './ports.ts'
import type { JobRecord } from './records.ts'
import { expiryInDays, secondsBetween } from './time.ts'
import type { Settings, World } from './world.ts'

/** An embed is mailed about only when the person has had time to leave the page; a select never: who asks waits for it. */
const EMBED_MAIL_AFTER_SECONDS = 120
/** The counter of a month is of no use after the next. */
const COUNTER_DAYS = 62

type Needs = Pick<World, 'jobs' | 'limits' | 'facts' | 'clock' | 'log' | 'settings'>

/** What every end sets: the follow-ups (session, slot, mail) are due at once, so that a crash here is made good. */
function endPatch(settings: Settings, job: JobRecord, finishedAt: string, now: Date): JobPatch {
  const late = secondsBetween(job.createdAt, finishedAt) > EMBED_MAIL_AFTER_SECONDS
  const worthIt = job.kind === 'reconstruct' || (job.kind === 'embed' && late)
  const wanted = settings.mailEnabled && job.email !== null && worthIt
  // A mail that went out about an earlier end stays the only one.
  const mail = job.mail === 'none' && wanted ? 'pending' : undefined
  return { finishedAt, mail, dueAt: now.toISOString() }
}

/** Ends a job by its manifest, a job that was given up too. Null when its state does not allow that. */
export async function endCompleted(
  world: Needs,
  job: JobRecord,
  manifest: Manifest,
): Promise<JobRecord | null> {
  const now = world.clock.now()
  const patch = {
    ...endPatch(world.settings, job, manifest.finished_at, now),
    startedAt: manifest.started_at,
    timings: manifest.timings,
    errorCode: null,
  }
  const ended =
    (await world.jobs.transition(job.jobId, { ...TRANSITIONS.complete, patch })) ??
    (await world.jobs.transition(job.jobId, {
      ...TRANSITIONS.completeLate,
      onlyErrorCode: LATE_RESULT_AFTER,
      patch,
    }))
  if (!ended) return null
  world.log.info('job completed', {
    job_id: job.jobId,
    late: job.state !== 'QUEUED' && job.state !== 'RUNNING',
  })
  const run = secondsBetween(manifest.started_at, manifest.finished_at)
  await countEngineSeconds(world, run)
  const wait = secondsBetween(job.createdAt, manifest.started_at)
  await recordTiming(world, job.kind, { wait: Math.max(0, wait), run: Math.max(0, run) })
  return ended
}

/** Ends an open job without a result. `workedSeconds`: what the engine spent on it. */
export async function endWithout(
  world: Needs,
  job: JobRecord,
  end: 'fail' | 'expire',
  errorCode: JobErrorCode,
  workedSeconds: number,
): Promise<JobRecord | null> {
  const now = world.clock.now()
  const patch = { ...endPatch(world.settings, job, now.toISOString(), now), errorCode }
  const ended = await world.jobs.transition(job.jobId, { ...TRANSITIONS[end], patch })
  if (!ended) return null
  world.log.info('job ended without a result', { job_id: job.jobId, state: ended.state, code: errorCode })
  await countEngineSeconds(world, workedSeconds)
  return ended
}

/** Counted by the one call that made the transition. A crash right after it loses one job's seconds. */
async function countEngineSeconds({ limits, clock, settings }: Needs, seconds: number): Promise<void> {
  // An engine's clock may be wrong; it cannot have worked longer than it may.
  const counted = Math.min(Math.max(0, Math.ceil(seconds)), settings.engineTimeoutSeconds)
  const now = clock.now()
  const noLimit = Number.MAX_SAFE_INTEGER
  if (counted > 0)
    await limits.add(engineSecondsCounter(now), counted, noLimit, expiryInDays(now, COUNTER_DAYS))
}
