import { invocationSeconds } from '@gen3d/shared/engine-time'
import { ulidOfJob } from '@gen3d/shared/ids'
import { jobKey, outputPrefix, parseFailureKey } from '@gen3d/shared/keys'
import type { JobRecord } from './records.ts'
import { addSeconds } from './time.ts'
import type { World } from './world.ts'

/** A row that was not invoked by then lost its caller: API Gateway ends every call after 29 s. */
export const START_DUE_SECONDS = 60
/** The sweep's first look after an invocation, in case the event of its end is lost. */
const FIRST_LOOK_SECONDS = 120

/** The fact that leads from a failure object whose name does not carry the job's id to the job. */
export function failureFact(failureKey: string): string {
  return `failure#${failureKey}`
}

/** Writes request.json and invokes the endpoint. Calling it twice makes two attempts, of which the first result wins. */
export async function startJob(
  world: Pick<World, 'jobs' | 'facts' | 'objects' | 'endpoint' | 'clock' | 'log' | 'settings'>,
  job: JobRecord,
): Promise<JobRecord> {
  const { requestTtlSeconds, engineTimeoutSeconds, inFlightPerInstance } = world.settings
  const requestKey = jobKey(job, 'request')
  await world.objects.put(requestKey, JSON.stringify(job.request), { contentType: 'application/json' })
  const { failureKey } = await world.endpoint.invoke({
    jobId: job.jobId,
    request: job.request,
    requestKey,
    outputPrefix: outputPrefix(job),
    outputName: ulidOfJob(job.jobId),
    requestTtlSeconds,
    invocationTimeoutSeconds: invocationSeconds(inFlightPerInstance, engineTimeoutSeconds),
  })
  if (failureKey && parseFailureKey(failureKey) !== job.jobId) {
    await world.facts.put(failureFact(failureKey), { job_id: job.jobId }, job.expiresAt)
  }
  const now = world.clock.now()
  // The dueAt of a job that has ended meanwhile is its own business: the sweep's next look at it does no harm.
  const updated = await world.jobs.update(job.jobId, {
    invokedAt: now.toISOString(),
    invocations: job.invocations + 1,
    failureKey,
    dueAt: addSeconds(now, FIRST_LOOK_SECONDS),
  })
  world.log.info('job invoked', { job_id: job.jobId, invocations: job.invocations + 1 })
  return updated ?? job
}
