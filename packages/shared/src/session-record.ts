/** metadata.json: what a session is, kept as long as its photo (rows of the table go sooner). */
import type { Static } from 'typebox'
import * as Type from 'typebox'
import { MAX_NAME_LENGTH } from './limits.ts'
import { PHOTO_CONTENT_TYPES } from './photos.ts'
import { Instant, oneOf, Pixels, SessionId } from './schemas.ts'

export const SessionRecord = Type.Object({
  version: Type.Literal(1),
  session_id: SessionId,
  name: Type.String({ maxLength: MAX_NAME_LENGTH }),
  created_at: Instant,
  content_type: oneOf(PHOTO_CONTENT_TYPES),
  photo: Type.Object({
    etag: Type.String(),
    size_bytes: Type.Integer(),
    /** Of the EXIF-turned photo. */
    width: Pixels,
    height: Pixels,
  }),
})
export type SessionRecord = Static<typeof SessionRecord>
