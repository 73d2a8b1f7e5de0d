import { metadataKey } from '@gen3d/shared/keys'
import type { SessionRecord } from '@gen3d/shared/session-record'
import type { SessionPhoto, SessionRow } from './records.ts'
import type { World } from './world.ts'

/** Writes the session's durable record: what the bucket still knows when the row is gone. */
export async function putMetadata(
  { objects }: Pick<World, 'objects'>,
  session: SessionRow,
  photo: SessionPhoto,
): Promise<void> {
  const record: SessionRecord = {
    version: 1,
    session_id: session.sessionId,
    name: session.name,
    created_at: session.createdAt,
    content_type: session.contentType,
    photo: { etag: photo.etag, size_bytes: photo.sizeBytes, width: photo.width, height: photo.height },
  }
  await objects.put(metadataKey(session), JSON.stringify(record), { contentType: 'application/json' })
}
