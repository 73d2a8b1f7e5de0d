import type { JobStatus } from '@gen3d/shared/api'
import { JOB_ERRORS } from '@gen3d/shared/errors'
import type { Progress } from '@gen3d/shared/inference'
import { isOpen, TRANSITIONS } from '@gen3d/shared/job-states'
import type { JobPlace } from '@gen3d/shared/keys'
import { estimateWait } from './estimate-wait.ts'
import { readManifest, readProgress } from './job-files.ts'
import { toJobPlace } from './places.ts'
import { type JobFacts, readState } from './read-state.ts'
import { signResult } from './sign-result.ts'
import { secondsBetween } from './time.ts'
import type { Caller, World } from './world.ts'

export type StatusNeeds = Pick<
  World,
  'jobs' | 'sessions' | 'objects' | 'facts' | 'clock' | 'log' | 'settings'
>

/** A caller's job as the API shows it, with addresses signed now. Looking makes a QUEUED job that works RUNNING. */
export async function readStatus(world: StatusNeeds, caller: Caller, jobId: string): Promise<JobStatus> {
  const place = toJobPlace(caller.sub, jobId)
  let job = await readState(world, place)
  const progress = isOpen(job.state) ? await readProgress(world, place) : null
  if (progress && job.state === 'QUEUED') job = await markRunning(world, job, progress)
  const open = isOpen(job.state)
  return {
    job_id: job.jobId,
    session_id: job.sessionId,
    kind: job.kind,
    state: job.state,
    stage: open ? (progress?.stage ?? null) : null,
    progress: open ? (progress?.progress ?? null) : job.state === 'COMPLETED' ? 1 : null,
    queue_position: null,
    estimated_wait_seconds: open ? await remaining(world, job) : null,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    timings: { ...job.timings },
    retry_of: job.retryOf,
    mail: job.mail,
    result: job.state === 'COMPLETED' ? await readResult(world, place) : null,
    error: job.errorCode === null ? null : { code: job.errorCode, ...JOB_ERRORS[job.errorCode] },
  }
}

async function markRunning(world: StatusNeeds, job: JobFacts, progress: Progress): Promise<JobFacts> {
  const patch = { startedAt: progress.started_at }
  const started = await world.jobs.transition(job.jobId, { ...TRANSITIONS.start, patch })
  if (started) world.log.info('job running', { job_id: job.jobId })
  return started ?? (await world.jobs.get(job.jobId)) ?? job
}

async function readResult(world: StatusNeeds, place: JobPlace): Promise<JobStatus['result']> {
  const manifest = await readManifest(world, place)
  if (manifest === null || manifest === 'invalid') {
    // A completed job had a valid manifest: its objects were removed by hand or by the lifecycle rule.
    world.log.warn('manifest gone', { job_id: place.jobId })
    return null
  }
  return signResult(world, place, manifest)
}

/** The estimate for the whole job less what has passed; null when it takes longer than was thought. */
async function remaining(world: StatusNeeds, job: JobFacts): Promise<JobStatus['estimated_wait_seconds']> {
  const estimate = await estimateWait(world, job.kind)
  if (!estimate) return null
  const elapsed = secondsBetween(job.createdAt, world.clock.now())
  if (elapsed >= estimate.high) return null
  const round = (seconds: number) => Math.max(0, Math.ceil(seconds - elapsed))
  return { low: round(estimate.low), high: round(estimate.high), basis: estimate.basis }
}
