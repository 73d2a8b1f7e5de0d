import type { JobAccepted } from '@gen3d/shared/api'
import { sessionOfJob, toJobId } from '@gen3d/shared/ids'
import { INFERENCE_VERSION, type InferenceRequest } from '@gen3d/shared/inference'
import type { JobKind } from '@gen3d/shared/job-states'
import { jobPrefix } from '@gen3d/shared/keys'
import { JOB_ROW_DAYS } from '@gen3d/shared/limits'
import { admit } from './admit.ts'
import { claimKey, type Idempotency } from './idempotency.ts'
import { notFound, photoKeyOf } from './places.ts'
import type { JobRecord, SessionRow } from './records.ts'
import { START_DUE_SECONDS, startJob } from './start-job.ts'
import { addSeconds, deadlineSeconds, expiryInDays, secondsBetween } from './time.ts'
import type { Caller, World } from './world.ts'

export interface Submission {
  readonly kind: JobKind
  readonly photoEtag: string
  /** Of a select: what to find. */
  readonly text?: string
  readonly masks: InferenceRequest['masks']
  readonly options: InferenceRequest['options']
  readonly retryOf: string | null
  readonly idempotency: Idempotency | null
}

export type SubmitNeeds = Pick<
  World,
  'jobs' | 'sessions' | 'limits' | 'facts' | 'objects' | 'endpoint' | 'clock' | 'newUlid' | 'log' | 'settings'
>

/**
 * Makes a job: the row first, then the request, then the invocation, so that a crash at any point leaves something
 * that the sweep can finish. A job that stands already under the same Idempotency-Key is returned as it is.
 */
export async function submit(
  world: SubmitNeeds,
  caller: Caller,
  session: SessionRow,
  submission: Submission,
): Promise<JobAccepted> {
  const { idempotency } = submission
  const ulid = idempotency ? await claimKey(world, caller.sub, idempotency) : world.newUlid()
  const wanted = toRecord(world, caller, session, submission, toJobId(session.sessionId, ulid))
  const { created, job } = await world.jobs.create(wanted)
  if (!created) return toAccepted(await resume(world, job))
  try {
    await admit(world, caller.sub, job.jobId)
    const entry = { kind: job.kind, state: job.state, createdAt: job.createdAt, poster: null }
    if (!(await world.sessions.setJob(job.sub, job.sessionId, job.jobId, entry))) throw notFound()
  } catch (error) {
    await world.jobs.delete(job.jobId)
    throw error
  }
  world.log.info('job queued', { job_id: job.jobId, kind: job.kind, retry_of: job.retryOf })
  return toAccepted(await startSafely(world, job))
}

/** A first call that died before it invoked: its repetition does it. Younger rows are another call's, still at work. */
async function resume(world: SubmitNeeds, job: JobRecord): Promise<JobRecord> {
  const age = secondsBetween(job.createdAt, world.clock.now())
  const stuck = job.state === 'QUEUED' && job.invokedAt === null && age > START_DUE_SECONDS
  return stuck ? startSafely(world, job) : job
}

/** The row stands, so an endpoint that does not answer now loses nothing: the sweep invokes again. */
async function startSafely(world: SubmitNeeds, job: JobRecord): Promise<JobRecord> {
  try {
    return await startJob(world, job)
  } catch (error) {
    world.log.error('invocation failed', { job_id: job.jobId, error: String(error) })
    return job
  }
}

function toAccepted(job: JobRecord): JobAccepted {
  return { job_id: job.jobId, session_id: sessionOfJob(job.jobId), kind: job.kind, state: job.state }
}

function toRecord(
  world: SubmitNeeds,
  caller: Caller,
  session: SessionRow,
  submission: Submission,
  jobId: string,
): JobRecord {
  const now = world.clock.now()
  const place = { sub: caller.sub, sessionId: session.sessionId, jobId }
  const request: InferenceRequest = {
    version: INFERENCE_VERSION,
    job_id: jobId,
    session_id: session.sessionId,
    user_id: caller.sub,
    kind: submission.kind,
    bucket: world.settings.bucket,
    photo: { key: photoKeyOf(session), etag: submission.photoEtag },
    ...(submission.text !== undefined && { text: submission.text }),
    masks: submission.masks,
    options: submission.options,
    job_prefix: jobPrefix(place),
  }
  return {
    ...place,
    kind: submission.kind,
    state: 'QUEUED',
    createdAt: now.toISOString(),
    startedAt: null,
    finishedAt: null,
    retryOf: submission.retryOf,
    request,
    email: caller.email,
    mail: 'none',
    mailLeaseUntil: null,
    mailDuplicates: 0,
    invokedAt: null,
    invocations: 0,
    failureKey: null,
    errorCode: null,
    timings: {},
    dueAt: addSeconds(now, START_DUE_SECONDS),
    deadlineAt: addSeconds(now, deadlineSeconds(world.settings)),
    expiresAt: expiryInDays(now, JOB_ROW_DAYS),
  }
}
