/**
 * Every S3 key, built and parsed here and nowhere else.
 *
 *   users/SUB/sessions/SID/original_image.EXT     the photo as uploaded
 *                          metadata.json          the session's durable record
 *                          share.json             what the tokens of its share links are made from
 *                          masks/N.png            N: the first 16 hex digits of the mask's SHA-256
 *                          jobs/JOB/request.json  what the endpoint receives
 *                                   progress.json the engine's last word
 *                                   cancel        a mark: stop before the next step
 *                                   failure.json  the engine's typed reason
 *                                   manifest.json the durable record, put once
 *                                   output/NAME   what the endpoint itself writes
 *                                   ATTEMPT/FILE  one try's files; ATTEMPT is a ULID
 *   failures/…                                    the endpoint's failure objects
 *   public/…                                      the site
 *   models/sam3/… models/sam3d/… models/decoders/NAME-VERSION.onnx
 */
import { isJobId, isUlid, SUB_PATTERN, sessionOfJob, ULID_PATTERN } from './ids.ts'
import type { PhotoExtension } from './photos.ts'

export const PREFIXES = {
  users: 'users/',
  failures: 'failures/',
  public: 'public/',
  sam3: 'models/sam3/',
  sam3d: 'models/sam3d/',
  decoders: 'models/decoders/',
} as const

/** Names inside a job's folder. */
export const JOB_FILES = {
  request: 'request.json',
  progress: 'progress.json',
  cancel: 'cancel',
  failure: 'failure.json',
  manifest: 'manifest.json',
} as const

/** A file of an attempt: no slash, so that a name taken from a manifest can never leave its folder. */
export const ATTEMPT_FILE_PATTERN = '[a-z0-9][a-z0-9._-]{0,79}'
/** No slash: a decoder that a manifest names lies under models/decoders/ and nowhere else. */
export const DECODER_NAME_PATTERN = '^[a-z0-9][a-z0-9._-]{0,79}$'
const DECODER_NAME = new RegExp(DECODER_NAME_PATTERN)
const ATTEMPT_FILE = new RegExp(`^${ATTEMPT_FILE_PATTERN}$`)
const MASK_NAME_LENGTH = 16

export interface SessionPlace {
  /** The user pool's `sub`: the one owner id. */
  readonly sub: string
  readonly sessionId: string
}

export interface JobPlace extends SessionPlace {
  readonly jobId: string
}

export function userPrefix(sub: string): string {
  return `${PREFIXES.users}${sub}/`
}

export function sessionPrefix(place: SessionPlace): string {
  return `${userPrefix(place.sub)}sessions/${place.sessionId}/`
}

export function photoKey(place: SessionPlace, extension: PhotoExtension): string {
  return `${sessionPrefix(place)}original_image.${extension}`
}

export function metadataKey(place: SessionPlace): string {
  return `${sessionPrefix(place)}metadata.json`
}

/** Stands once in a session: without it nobody can make or guess a token, a copy of the table included. */
export function shareSecretKey(place: SessionPlace): string {
  return `${sessionPrefix(place)}share.json`
}

/** Masks are named by content: the same mask is stored once, and a name is never overwritten with another mask. */
export function maskKey(place: SessionPlace, sha256Hex: string): string {
  return `${sessionPrefix(place)}masks/${sha256Hex.slice(0, MASK_NAME_LENGTH)}.png`
}

export function jobPrefix(place: JobPlace): string {
  return `${sessionPrefix(place)}jobs/${place.jobId}/`
}

export function jobKey(place: JobPlace, file: keyof typeof JOB_FILES): string {
  return `${jobPrefix(place)}${JOB_FILES[file]}`
}

const INTERNAL_KEY =
  /\/sessions\/[^/]+\/(?:share\.json|jobs\/[^/]+\/(?:request\.json|progress\.json|cancel|output\/.*))$/

/** Whether a key under a user's prefix holds how the system works, and nothing that its owner made or gave. */
export function isInternalKey(key: string): boolean {
  return INTERNAL_KEY.test(key)
}

/** The prefix under which the endpoint writes its own small answer. */
export function outputPrefix(place: JobPlace): string {
  return `${jobPrefix(place)}output/`
}

/** Throws a RangeError when the attempt or the file name could leave the attempt's folder. */
export function attemptKey(place: JobPlace, attempt: string, file: string): string {
  if (!isUlid(attempt) || !ATTEMPT_FILE.test(file))
    throw new RangeError(`not an attempt's file: ${attempt}/${file}`)
  return `${jobPrefix(place)}${attempt}/${file}`
}

/** Throws a RangeError when name or version could leave the decoders' folder. */
export function decoderKey(decoder: { name: string; version: string }): string {
  if (!DECODER_NAME.test(decoder.name) || !DECODER_NAME.test(decoder.version))
    throw new RangeError(`not a decoder: ${decoder.name} ${decoder.version}`)
  return `${PREFIXES.decoders}${decoder.name}-${decoder.version}.onnx`
}

const JOB_FILE_KEY = new RegExp(
  `^users/(${SUB_PATTERN})/sessions/(${ULID_PATTERN})/jobs/([^/]+)/([a-z]+(?:\\.json)?)$`,
)
const FAILURE_KEY = new RegExp(`^failures/(?:[^/]*/)*(${ULID_PATTERN}-${ULID_PATTERN})[^/]*$`)
const FILE_OF_NAME = new Map(
  Object.entries(JOB_FILES).map(([file, name]) => [name as string, file as keyof typeof JOB_FILES]),
)

/** A key of a file that stands directly in a job's folder, or null. */
export function parseJobKey(key: string): (JobPlace & { file: keyof typeof JOB_FILES }) | null {
  const match = JOB_FILE_KEY.exec(key)
  if (!match) return null
  const [, sub, sessionId, jobId, name] = match
  const file = FILE_OF_NAME.get(name)
  if (!file || !isJobId(jobId) || sessionOfJob(jobId) !== sessionId) return null
  return { sub, sessionId, jobId, file }
}

/** The job id in a failure object's default name; null when the endpoint chose another name (look it up then). */
export function parseFailureKey(key: string): string | null {
  return FAILURE_KEY.exec(key)?.[1] ?? null
}
