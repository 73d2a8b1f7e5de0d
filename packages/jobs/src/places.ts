/** From ids and records to keys: every key is rebuilt from (sub, session, job), none is ever taken from outside. */
import { Gen3dError } from '@gen3d/shared/errors'
import { isJobId, isUlid, sessionOfJob } from '@gen3d/shared/ids'
import { type JobPlace, photoKey, type SessionPlace } from '@gen3d/shared/keys'
import { PHOTO_TYPES } from '@gen3d/shared/photos'
import type { SessionRow } from './records.ts'
import type { World } from './world.ts'

export function notFound(): Gen3dError {
  return new Gen3dError('not_found')
}

/** The place at which a caller's job would stand; throws `not_found` for what is no job id. */
export function toJobPlace(sub: string, jobId: string): JobPlace {
  if (!isJobId(jobId)) throw notFound()
  return { sub, sessionId: sessionOfJob(jobId), jobId }
}

/** The caller's session; throws `not_found` for a malformed, unknown, foreign or deleted one. */
export async function getSession(
  { sessions }: Pick<World, 'sessions'>,
  place: SessionPlace,
): Promise<SessionRow> {
  const session = isUlid(place.sessionId) ? await sessions.get(place.sub, place.sessionId) : null
  if (!session || session.deletedAt) throw notFound()
  return session
}

export function photoKeyOf(session: SessionRow): string {
  return photoKey(session, PHOTO_TYPES[session.contentType])
}
