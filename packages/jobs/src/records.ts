/** Rows of the table, as the use cases see them. The adapter maps them to snake_case attributes. */
import type { MAIL_STATES } from '@gen3d/shared/api'
import type { JobErrorCode } from '@gen3d/shared/errors'
import type { InferenceRequest } from '@gen3d/shared/inference'
import type { JobKind, JobState } from '@gen3d/shared/job-states'
import type { PhotoContentType } from '@gen3d/shared/photos'

export type MailState = (typeof MAIL_STATES)[number]

export interface JobRecord {
  readonly jobId: string
  /** The owner: the user pool's sub. */
  readonly sub: string
  readonly sessionId: string
  readonly kind: JobKind
  readonly state: JobState
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly retryOf: string | null
  /** What the engine receives: request.json is written from it, so that a crash before that write loses nothing. */
  readonly request: InferenceRequest
  /** Of the verified token, for the one mail. */
  readonly email: string | null
  readonly mail: MailState
  readonly mailLeaseUntil: string | null
  /** Mails sent although an earlier attempt may have got through, after a crash in between. */
  readonly mailDuplicates: number
  readonly invokedAt: string | null
  readonly invocations: number
  /** Where the endpoint said that it would put a failure object. */
  readonly failureKey: string | null
  readonly errorCode: JobErrorCode | null
  readonly timings: Readonly<Record<string, number>>
  /** When the sweep looks at it next; null: nothing is left to do. In the sweep index only while set. */
  readonly dueAt: string | null
  /** After this instant an open job is given up. */
  readonly deadlineAt: string
  /** Epoch seconds: the table's TTL. Expired rows are treated as gone. */
  readonly expiresAt: number
}

/** What a session remembers of a job when the job's row is gone. */
export interface SessionJob {
  readonly kind: JobKind
  readonly state: JobState
  readonly createdAt: string
  /** The picture of a finished reconstruction. */
  readonly poster: { readonly attempt: string; readonly file: string } | null
}

export interface SessionRow {
  readonly sub: string
  readonly sessionId: string
  readonly name: string
  readonly createdAt: string
  readonly contentType: PhotoContentType
  /** Set by the first job. Width and height are those of the EXIF-turned photo. */
  readonly photo: SessionPhoto | null
  /** Its share link; null: it has none. One that has expired stays until the next. */
  readonly share: SessionShare | null
  /** By job id. */
  readonly jobs: Readonly<Record<string, SessionJob>>
  readonly deletedAt: string | null
  /** When the sweep looks at it: an upload without a job, or a deleted session's last late result. */
  readonly dueAt: string | null
  readonly expiresAt: number
}

/** The token itself stands nowhere: it is made of this and a secret in the owner's folder of the bucket. */
export interface SessionShare {
  /** A ULID: no two links of a session have the same token. */
  readonly nonce: string
  readonly expiresAt: string
}

export interface SessionPhoto {
  readonly etag: string
  readonly sizeBytes: number
  readonly width: number
  readonly height: number
}
