import type { CreateUploadRequest, CreateUploadResponse } from '@gen3d/shared/api'
import { Gen3dError } from '@gen3d/shared/errors'
import { MAX_NAME_LENGTH, SESSION_ROW_DAYS, UPLOAD_URL_SECONDS } from '@gen3d/shared/limits'
import { isAccountDeleted } from './delete-account.ts'
import { photoKeyOf } from './places.ts'
import type { SessionRow } from './records.ts'
import { addSeconds, expiryInDays } from './time.ts'
import type { Caller, World } from './world.ts'

/** An upload without a job after this time is swept, with its photo. */
const ABANDONED_AFTER_SECONDS = 24 * 3600

/** The last part of a path, of either kind, without its ending. */
function toName(fileName: string): string {
  const base = fileName.split(/[/\\]/).at(-1) ?? ''
  const name = base.replace(/\.[A-Za-z0-9]{1,5}$/, '').trim() || base.trim() || 'photo'
  return name.slice(0, MAX_NAME_LENGTH)
}

/** Opens a session and returns the form with which its photo is uploaded. */
export async function createUpload(
  world: Pick<World, 'sessions' | 'objects' | 'facts' | 'clock' | 'newUlid'>,
  caller: Caller,
  body: CreateUploadRequest,
): Promise<CreateUploadResponse> {
  if (await isAccountDeleted(world, caller.sub)) throw new Gen3dError('unauthorized')
  const now = world.clock.now()
  const session: SessionRow = {
    sub: caller.sub,
    sessionId: world.newUlid(),
    name: toName(body.file_name),
    createdAt: now.toISOString(),
    contentType: body.content_type,
    photo: null,
    share: null,
    jobs: {},
    deletedAt: null,
    dueAt: addSeconds(now, ABANDONED_AFTER_SECONDS),
    expiresAt: expiryInDays(now, SESSION_ROW_DAYS),
  }
  await world.sessions.create(session)
  const upload = await world.objects.presignPost(photoKeyOf(session), {
    contentType: body.content_type,
    sizeBytes: body.size_bytes,
    expiresSeconds: UPLOAD_URL_SECONDS,
  })
  return { session_id: session.sessionId, upload, expires_at: addSeconds(now, UPLOAD_URL_SECONDS) }
}
