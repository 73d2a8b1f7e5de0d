/**
 * What the use cases need of the world. Each port has an adapter on AWS and an in-memory twin in packages/aws, held to
 * one contract suite. All instants are ISO 8601 strings in UTC; all keys are built by @gen3d/shared/keys.
 */
import type { JobErrorCode } from '@gen3d/shared/errors'
import type { InferenceRequest } from '@gen3d/shared/inference'
import type { JobState } from '@gen3d/shared/job-states'
import type { JobRecord, SessionJob, SessionPhoto, SessionRow, SessionShare } from './records.ts'

export interface Clock {
  now(): Date
}

/** Makes ULIDs: time-ordered, unique. */
export type NewUlid = () => string

/** Fields of a job's row that a transition or an update may set; undefined leaves a field, null clears it. */
export type JobPatch = Partial<
  Pick<
    JobRecord,
    | 'startedAt'
    | 'finishedAt'
    | 'mail'
    | 'mailLeaseUntil'
    | 'mailDuplicates'
    | 'invokedAt'
    | 'invocations'
    | 'failureKey'
    | 'errorCode'
    | 'timings'
    | 'dueAt'
  >
>

export interface JobTransitionChange {
  readonly from: readonly JobState[]
  readonly to: JobState
  /** Where the present state is FAILED, its error code must be this one. */
  readonly onlyErrorCode?: JobErrorCode
  readonly patch: JobPatch
}

export interface JobStore {
  /** Writes a new row unless the id exists; returns the row that stands now and whether this call made it. */
  create(job: JobRecord): Promise<{ created: boolean; job: JobRecord }>
  get(jobId: string): Promise<JobRecord | null>
  /** The rows that exist, in no order. */
  getMany(jobIds: readonly string[]): Promise<JobRecord[]>
  /** One conditional write. Returns the new row, or null when the condition failed or there is no row. */
  transition(jobId: string, change: JobTransitionChange): Promise<JobRecord | null>
  /** Sets fields of an existing row without a change of state; null when there is no row. */
  update(jobId: string, patch: JobPatch): Promise<JobRecord | null>
  /**
   * Takes the right to send the job's mail until `until`: succeeds only when the mail is pending and nobody holds an
   * unexpired lease. Returns whether it was taken.
   */
  claimMail(jobId: string, now: string, until: string): Promise<boolean>
  /** Rows whose `dueAt` has passed, oldest first, through the sweep index: jobs to look after, of all users. */
  listDue(now: string, limit: number): Promise<JobRecord[]>
  /**
   * Open jobs of all users that were submitted before an instant, through the sweep index; null when more than `limit`
   * rows would have to be looked at. It may lag by seconds.
   */
  countOpenBefore(createdAt: string, limit: number): Promise<number | null>
  delete(jobId: string): Promise<void>
}

export interface SessionStore {
  create(session: SessionRow): Promise<void>
  /** The session of this owner, deleted ones too (they carry `deletedAt`). */
  get(sub: string, sessionId: string): Promise<SessionRow | null>
  setPhoto(sub: string, sessionId: string, photo: SessionPhoto): Promise<void>
  /** Adds or replaces a job's entry in a session that is not deleted; false when it is deleted or unknown. */
  setJob(sub: string, sessionId: string, jobId: string, job: SessionJob): Promise<boolean>
  /** The new row; null when the session is deleted or unknown. */
  rename(sub: string, sessionId: string, name: string): Promise<SessionRow | null>
  /**
   * Writes a share unless one stands that is valid at `now`: one conditional write. Returns the share that stands now;
   * null when the session is deleted or unknown.
   */
  openShare(sub: string, sessionId: string, share: SessionShare, now: string): Promise<SessionShare | null>
  closeShare(sub: string, sessionId: string): Promise<void>
  /** Newest first; deleted ones are left out. Throws `invalid_request` for a cursor that this store did not make. */
  list(
    sub: string,
    page: { limit: number; cursor?: string },
  ): Promise<{ sessions: SessionRow[]; nextCursor: string | null }>
  /** Turns the row into a tombstone that stays until `expiresAt` (epoch seconds); null when there is no such session. */
  bury(
    sub: string,
    sessionId: string,
    tombstone: { deletedAt: string; dueAt: string; expiresAt: number },
  ): Promise<SessionRow | null>
  setDue(sub: string, sessionId: string, dueAt: string | null): Promise<void>
  /** As JobStore.listDue. */
  listDue(now: string, limit: number): Promise<SessionRow[]>
}

/** Counters and slots with a limit each; every call is one conditional write. */
export interface LimitStore {
  /** Adds `amount` unless the sum would pass `max`; returns the sum, or null when refused. */
  add(counter: string, amount: number, max: number, expiresAt: number): Promise<number | null>
  read(counter: string): Promise<number>
  /** Takes a slot for a member in a set of at most `max`; true when taken or held already. */
  takeSlot(set: string, member: string, max: number, expiresAt: number): Promise<boolean>
  freeSlot(set: string, member: string): Promise<void>
  listSlots(set: string): Promise<string[]>
}

/** Small typed facts beside the jobs: idempotency keys, failure-location look-up, endpoint snapshot, recent timings. */
export interface FactStore {
  put(name: string, value: Fact, expiresAt: number): Promise<void>
  /** Writes unless the name exists; returns the value that stands now. */
  putOnce(name: string, value: Fact, expiresAt: number): Promise<Fact>
  get(name: string): Promise<Fact | null>
}
export type Fact = Readonly<Record<string, unknown>>

export interface ObjectHead {
  /** With its quotes, as S3 writes it. */
  readonly etag: string
  readonly sizeBytes: number
  readonly contentType: string
  readonly lastModified: Date
}

export interface ObjectStore {
  head(key: string): Promise<ObjectHead | null>
  /** The object, or null when there is none. `range` is [first, last], inclusive bytes. `ifMatch`: null when the ETag differs. */
  get(
    key: string,
    options?: { range?: readonly [number, number]; ifMatch?: string },
  ): Promise<Uint8Array | null>
  /** `ifAbsent` writes only when there is no such object. Returns whether this call wrote it. */
  put(
    key: string,
    body: Uint8Array | string,
    options: { contentType: string; ifAbsent?: boolean },
  ): Promise<boolean>
  delete(keys: readonly string[]): Promise<void>
  /** Every key under a prefix in the order of their bytes, page by page; `after`: only keys that come after this one. */
  list(
    prefix: string,
    options?: { after?: string },
  ): AsyncIterable<{ key: string; sizeBytes: number; lastModified: Date }>
  presignGet(key: string, options: { expiresSeconds: number; downloadName?: string }): Promise<string>
  /** A POST form whose policy pins key, content type and size. */
  presignPost(
    key: string,
    options: { contentType: string; sizeBytes: number; expiresSeconds: number },
  ): Promise<{ url: string; fields: Record<string, string> }>
}

export interface Invocation {
  readonly jobId: string
  readonly request: InferenceRequest
  /** Where the same request stands in the bucket. */
  readonly requestKey: string
  /** Folder of the endpoint's own small answer, with a slash at its end. */
  readonly outputPrefix: string
  /** Its file name: at most 32 characters. */
  readonly outputName: string
  readonly requestTtlSeconds: number
  readonly invocationTimeoutSeconds: number
}

export interface InferenceEndpoint {
  /** Whether jobs wait for each other: false where each gets a machine of its own. */
  readonly queues: boolean
  /** Hands a job to the engine, asynchronously. `failureKey`: where a failure object will stand, when that is known. */
  invoke(call: Invocation): Promise<{ failureKey: string | null }>
}

export interface EndpointObserver {
  /** What is known of the machines now; unknown figures are null. */
  describe(): Promise<EndpointSnapshot>
}

export interface EndpointSnapshot {
  readonly status: 'ready' | 'asleep' | 'changing' | 'failed' | 'unknown'
  readonly instances: number | null
}

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface Mailer {
  /** Throws MailRejected when this address will never take it; any other error may be tried again. */
  send(mail: Mail): Promise<void>
}

export class MailRejected extends Error {
  override readonly name = 'MailRejected'
}

export interface Accounts {
  /** Deletes a user-pool account; no error when it is gone. */
  deleteUser(username: string): Promise<void>
}

/** One line per state change: a fixed message and variable fields; no payloads, addresses or signed URLs. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}
