import type { InitializeRequest, JobAccepted } from '@gen3d/shared/api'
import { checkPhoto } from './check-photo.ts'
import { getSession } from './places.ts'
import { type SubmitNeeds, submit } from './submit.ts'
import type { Caller } from './world.ts'

/** Checks the uploaded photo and has its embedding computed. */
export async function initialize(
  world: SubmitNeeds,
  caller: Caller,
  body: InitializeRequest,
  idempotencyKey: string | null,
): Promise<JobAccepted> {
  const session = await getSession(world, { sub: caller.sub, sessionId: body.session_id })
  const photo = await checkPhoto(world, session)
  return submit(world, caller, session, {
    kind: 'embed',
    photoEtag: photo.etag,
    masks: [],
    options: null,
    retryOf: null,
    idempotency: idempotencyKey === null ? null : { key: idempotencyKey, body: ['initialize', body] },
  })
}
