/**
 * Ids. A session's id is a ULID. A job's id is `SESSION-JOB`, two ULIDs, so that its objects in S3 can be found when
 * its row is gone; it is also the endpoint's InferenceId (at most 64 characters).
 */
export const ULID_PATTERN = '[0-7][0-9A-HJKMNP-TV-Z]{25}'
/** User-pool subs are UUIDs. */
export const SUB_PATTERN = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
export const JOB_ID_PATTERN = `${ULID_PATTERN}-${ULID_PATTERN}`

/** 256 bits, base64url. */
export const SHARE_TOKEN_PATTERN = '[A-Za-z0-9_-]{43}'

const ULID = new RegExp(`^${ULID_PATTERN}$`)
const JOB_ID = new RegExp(`^${JOB_ID_PATTERN}$`)
const SHARE_TOKEN = new RegExp(`^${SHARE_TOKEN_PATTERN}$`)

export function isUlid(text: string): boolean {
  return ULID.test(text)
}

export function isJobId(text: string): boolean {
  return JOB_ID.test(text)
}

export function isShareToken(text: string): boolean {
  return SHARE_TOKEN.test(text)
}

export function toJobId(sessionId: string, jobUlid: string): string {
  return `${sessionId}-${jobUlid}`
}

/** The session that a job belongs to; the id must have passed `isJobId`. */
export function sessionOfJob(jobId: string): string {
  return jobId.slice(0, 26)
}

/** The job's own ULID: short enough for the endpoint's `Filename` (32 characters). */
export function ulidOfJob(jobId: string): string {
  return jobId.slice(27)
}
