import type { JobAccepted } from '@gen3d/shared/api'
import { Gen3dError } from '@gen3d/shared/errors'
import { InferenceRequest } from '@gen3d/shared/inference'
import { isRetryable } from '@gen3d/shared/job-states'
import { type JobPlace, jobKey } from '@gen3d/shared/keys'
import { findFault } from '@gen3d/shared/validate'
import { checkPhoto } from './check-photo.ts'
import { parseJson } from './job-files.ts'
import { getSession, notFound, toJobPlace } from './places.ts'
import { readState } from './read-state.ts'
import { type SubmitNeeds, submit } from './submit.ts'
import type { Caller } from './world.ts'

/** Makes a new job like one that FAILED, EXPIRED or was CANCELLED; throws `conflict` for any other. */
export async function retryJob(
  world: SubmitNeeds,
  caller: Caller,
  jobId: string,
  idempotencyKey: string | null,
): Promise<JobAccepted> {
  const place = toJobPlace(caller.sub, jobId)
  const session = await getSession(world, place)
  const { state } = await readState(world, place)
  if (!isRetryable(state)) {
    throw new Gen3dError(
      'conflict',
      `The job is ${state}. Only a failed, expired or cancelled job can be retried.`,
    )
  }
  const request = await readRequest(world, place)
  const photo = await checkPhoto(world, session)
  return submit(world, caller, session, {
    kind: request.kind,
    photoEtag: photo.etag,
    text: request.text,
    masks: request.masks,
    options: request.options,
    retryOf: jobId,
    idempotency: idempotencyKey === null ? null : { key: idempotencyKey, body: ['retry', jobId] },
  })
}

async function readRequest(world: SubmitNeeds, place: JobPlace): Promise<InferenceRequest> {
  const row = await world.jobs.get(place.jobId)
  if (row?.sub === place.sub) return row.request
  const request = parseJson(await world.objects.get(jobKey(place, 'request')))
  if (findFault(InferenceRequest, request)) throw notFound()
  return request as InferenceRequest
}
