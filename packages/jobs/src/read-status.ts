import type { JobStatus, WaitEstimate } from '@gen3d/shared/api'
import { JOB_ERRORS } from '@gen3d/shared/errors'
import type { Progress } from '@gen3d/shared/inference'
import { isOpen, TRANSITIONS } from '@gen3d/shared/job-states'
import type { JobPlace } from '@gen3d/shared/keys'
import { completeOnSight } from './complete-on-sight.ts'
import { lookAhead } from './estimate-wait.ts'
import { readManifest, readProgress } from './job-files.ts'
import { toJobPlace } from './places.ts'
import { type JobFacts, readState } from './read-state.ts'
import { signResult } from './sign-result.ts'
import { secondsBetween } from './time.ts'
import type { Caller, World } from './world.ts'

export type StatusNeeds = Pick<
  World,
  'jobs' | 'sessions' | 'limits' | 'objects' | 'facts' | 'endpoint' | 'clock' | 'log' | 'settings'
>

/**
 * A caller's job as the API shows it, with addresses signed now. Looking makes a QUEUED job that works RUNNING, and one
 * whose manifest stands COMPLETED.
 */
export async function readStatus(world: StatusNeeds, caller: Caller, jobId: string): Promise<JobStatus> {
  const place = toJobPlace(caller.sub, jobId)
  const known = await readState(world, place)
  const wasOpen = isOpen(known.state)
  // Side by side: each is a round trip.
  const [manifest, progress, outlook] = await Promise.all([
    wasOpen || known.state === 'COMPLETED' ? readManifest(world, place) : null,
    wasOpen ? readProgress(world, place) : null,
    wasOpen ? lookAhead(world, known.kind) : null,
  ])
  const job = wasOpen ? await bringUpToDate(world, known, manifest, progress) : known
  const open = isOpen(job.state)
  return {
    job_id: job.jobId,
    session_id: job.sessionId,
    kind: job.kind,
    state: job.state,
    stage: open ? (progress?.stage ?? null) : null,
    progress: open ? (progress?.progress ?? null) : job.state === 'COMPLETED' ? 1 : null,
    queue_position: await countBefore(world, job),
    estimated_wait_seconds: open && outlook?.estimate ? remaining(world, job, outlook.estimate) : null,
    waking: job.state === 'QUEUED' && outlook ? outlook.waking : null,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    timings: { ...job.timings },
    cost_usd: toCost(world.settings.instanceUsdPerHour, job),
    retry_of: job.retryOf,
    mail: job.mail,
    result: job.state === 'COMPLETED' ? await signManifest(world, place, manifest) : null,
    error: job.errorCode === null ? null : { code: job.errorCode, ...JOB_ERRORS[job.errorCode] },
  }
}

/** A longer queue is not counted: its length would be news to nobody. */
const QUEUE_LOOKED_AT = 100

/** Jobs before one that waits; null where jobs do not wait for each other, and when there are too many to count. */
async function countBefore({ jobs, endpoint }: StatusNeeds, job: JobFacts): Promise<number | null> {
  return endpoint.queues && job.state === 'QUEUED'
    ? jobs.countOpenBefore(job.createdAt, QUEUE_LOOKED_AT)
    : null
}

type Seen = Awaited<ReturnType<typeof readManifest>>

async function bringUpToDate(
  world: StatusNeeds,
  job: JobFacts,
  manifest: Seen,
  progress: Progress | null,
): Promise<JobFacts> {
  if (manifest && manifest !== 'invalid') {
    const row = await world.jobs.get(job.jobId)
    if (!row || !isOpen(row.state)) return row ?? job
    return (await completeOnSight(world, row, manifest)) ?? (await world.jobs.get(job.jobId)) ?? job
  }
  if (!progress || job.state !== 'QUEUED') return job
  const patch = { startedAt: progress.started_at }
  const started = await world.jobs.transition(job.jobId, { ...TRANSITIONS.start, patch })
  if (started) world.log.info('job running', { job_id: job.jobId })
  return started ?? (await world.jobs.get(job.jobId)) ?? job
}

/** `seen`: null also when the job was completed after the look for the manifest. */
async function signManifest(world: StatusNeeds, place: JobPlace, seen: Seen): Promise<JobStatus['result']> {
  const manifest = seen ?? (await readManifest(world, place))
  if (manifest === null || manifest === 'invalid') {
    // A completed job had a valid manifest: its objects were removed by hand or by the lifecycle rule.
    world.log.warn('manifest gone', { job_id: place.jobId })
    return null
  }
  return signResult(world, place, manifest)
}

/** Only the time at work: a machine's start and idle tail serve many jobs. */
function toCost(usdPerHour: number | null, { startedAt, finishedAt }: JobFacts): number | null {
  if (usdPerHour === null || startedAt === null || finishedAt === null) return null
  const hours = secondsBetween(startedAt, new Date(finishedAt)) / 3600
  return Math.round(hours * usdPerHour * 1e6) / 1e6
}

/** The estimate for the whole job less what has passed; null when it takes longer than was thought. */
function remaining(
  { clock }: StatusNeeds,
  job: JobFacts,
  estimate: WaitEstimate,
): JobStatus['estimated_wait_seconds'] {
  const elapsed = secondsBetween(job.createdAt, clock.now())
  if (elapsed >= estimate.high) return null
  const round = (seconds: number) => Math.max(0, Math.ceil(seconds - elapsed))
  return { low: round(estimate.low), high: round(estimate.high), basis: estimate.basis }
}
