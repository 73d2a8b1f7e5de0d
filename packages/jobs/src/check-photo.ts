import { ImageError } from '@gen3d/image/errors'
import { checkLimits, type ImageHead, readHead } from '@gen3d/image/head'
import { Gen3dError } from '@gen3d/shared/errors'
import { photoKeyOf } from './places.ts'
import type { ObjectHead } from './ports.ts'
import { putMetadata } from './put-metadata.ts'
import type { SessionPhoto, SessionRow } from './records.ts'
import type { World } from './world.ts'

/** Enough for nearly every JPEG and PNG. */
const FIRST_BYTES = 65_536

type Needs = Pick<World, 'sessions' | 'objects'>

/**
 * Looks at the uploaded photo before it costs anything, once per session, and records its ETag and turned size.
 * Throws `not_uploaded`, `photo_replaced` or `invalid_photo`.
 */
export async function checkPhoto(world: Needs, session: SessionRow): Promise<SessionPhoto> {
  const object = await world.objects.head(photoKeyOf(session))
  if (!object) throw new Gen3dError('not_uploaded', undefined, { field: 'session_id' })
  if (session.photo) {
    if (session.photo.etag !== object.etag) throw replaced()
    return session.photo
  }
  const head = await readPhotoHead(world, session, object)
  const photo = {
    etag: object.etag,
    sizeBytes: object.sizeBytes,
    width: head.turnedWidth,
    height: head.turnedHeight,
  }
  await world.sessions.setPhoto(session.sub, session.sessionId, photo)
  await putMetadata(world, session, photo)
  return photo
}

function replaced(): Gen3dError {
  return new Gen3dError('photo_replaced', undefined, { field: 'session_id' })
}

/** Reads no more of the photo than its head needs. */
async function readPhotoHead(
  { objects }: Needs,
  session: SessionRow,
  object: ObjectHead,
): Promise<ImageHead> {
  let wanted = FIRST_BYTES
  for (;;) {
    const complete = wanted >= object.sizeBytes
    // S3 has no range of an empty object.
    const bytes =
      object.sizeBytes === 0
        ? new Uint8Array(0)
        : await objects.get(photoKeyOf(session), {
            range: [0, Math.min(wanted, object.sizeBytes) - 1],
            ifMatch: object.etag,
          })
    if (!bytes) throw replaced()
    try {
      const head = readHead(bytes, { complete })
      checkLimits(head)
      return head
    } catch (error) {
      if (!(error instanceof ImageError)) throw error
      if (error.code !== 'needs_more_bytes' || complete) {
        throw new Gen3dError('invalid_photo', error.message, { field: 'session_id', cause: error })
      }
      wanted = Math.max(error.neededBytes ?? 0, wanted * 4)
    }
  }
}
