import type { JobErrorCode } from '@gen3d/shared/errors'
import type { Failure, Progress } from '@gen3d/shared/inference'
import { isOpen } from '@gen3d/shared/job-states'
import { jobKey, parseFailureKey } from '@gen3d/shared/keys'
import { completeJob } from './complete-job.ts'
import { endWithout } from './end-job.ts'
import { readFailure, readProgress } from './job-files.ts'
import { type SettleNeeds, settleJob } from './settle-job.ts'
import { failureFact } from './start-job.ts'
import { secondsBetween } from './time.ts'

/** The endpoint stops an invocation a little before or after its time: this near counts as a time-out. */
const TIME_OUT_TOLERANCE_SECONDS = 10

/** A failure object of the endpoint: finds the job by the object's name or by the look-up, and fails it. */
export async function failJobByKey(world: SettleNeeds, failureKey: string): Promise<void> {
  const fact = parseFailureKey(failureKey) ?? (await world.facts.get(failureFact(failureKey)))?.job_id
  if (typeof fact !== 'string') {
    world.log.warn('failure object of no known job', { key: failureKey })
    return
  }
  const failedAt = (await world.objects.head(failureKey))?.lastModified
  await failJob(world, fact, failedAt ?? world.clock.now())
}

/**
 * Fails an open job, with the engine's typed reason where it left one. A job whose manifest stands is completed
 * instead; one that has ended stays as it is.
 */
export async function failJob(world: SettleNeeds, jobId: string, failedAt: Date): Promise<void> {
  const job = await world.jobs.get(jobId)
  if (!job || !isOpen(job.state)) return
  if (await world.objects.head(jobKey(job, 'manifest'))) return completeJob(world, job)
  const failure = await readFailure(world, job)
  const progress = await readProgress(world, job)
  const worked = progress ? secondsBetween(progress.started_at, failure?.failed_at ?? failedAt) : 0
  const code = toCode(failure, progress, worked, world.settings.engineTimeoutSeconds)
  const failed = await endWithout(world, job, 'fail', code, worked)
  if (failed) await settleJob(world, failed)
}

/** An engine that was stopped by the endpoint could say nothing: it is known by the time that it had worked. */
function toCode(
  failure: Failure | null,
  progress: Progress | null,
  workedSeconds: number,
  timeoutSeconds: number,
): JobErrorCode {
  if (failure) return failure.code
  const timedOut = progress !== null && workedSeconds >= timeoutSeconds - TIME_OUT_TOLERANCE_SECONDS
  return timedOut ? 'timed_out' : 'engine_failed'
}
