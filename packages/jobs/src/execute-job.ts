/** The engine's side of a job: from request.json to the attempt's files and the one manifest. */
import type { Engine, ReconstructInput } from '@gen3d/shared/engine'
import { JOB_ERRORS, type JobErrorCode } from '@gen3d/shared/errors'
import { type Failure, InferenceRequest, Manifest } from '@gen3d/shared/inference'
import { attemptKey, type JobPlace, jobKey, jobPrefix, sessionPrefix } from '@gen3d/shared/keys'
import { findFault } from '@gen3d/shared/validate'
import { runEmbed, runReconstruct } from './execute-engine.ts'
import { JobCancelled, JobProgress } from './execute-progress.ts'
import type { Clock, Log, NewUlid, ObjectStore } from './ports.ts'
import { deletePrefix } from './purge.ts'

export interface EngineWorld {
  readonly objects: ObjectStore
  readonly engine: Engine
  readonly clock: Clock
  readonly newUlid: NewUlid
  readonly log: Log
}

/** What the container answers with: a non-2xx makes the endpoint write a failure object. */
export interface ExecuteAnswer {
  readonly status: 200 | 400 | 409 | 422 | 500
  readonly body: unknown
}

/** Thrown inside an attempt for a reason that is known by name. */
class AttemptFailed extends Error {
  override readonly name = 'AttemptFailed'
  readonly code: JobErrorCode
  constructor(code: JobErrorCode) {
    super(JOB_ERRORS[code].message)
    this.code = code
  }
}

/** Runs one attempt of a job. Never throws for what went wrong in it: failure.json says it and the status shows it. */
export async function executeJob(request: unknown, world: EngineWorld): Promise<ExecuteAnswer> {
  const fault = findFault(InferenceRequest, request)
  if (fault) return refuse(`${fault.field || 'request'} ${fault.message}`)
  const checked = request as InferenceRequest
  if (checked.kind === 'select' && checked.text === undefined) return refuse('text is missing')
  const place = { sub: checked.user_id, sessionId: checked.session_id, jobId: checked.job_id }
  if (!staysInside(place, checked)) return refuse('a key lies outside the session')
  const attempt = world.newUlid()
  const progress = new JobProgress(world, place, attempt)
  try {
    const manifest = await runAttempt(world, checked, place, attempt, progress)
    return await commit(world, place, manifest)
  } catch (error) {
    await deletePrefix(world, attemptPrefix(place, attempt))
    if (error instanceof JobCancelled) {
      world.log.info('attempt stopped: the job is cancelled', { job_id: place.jobId, attempt })
      return { status: 409, body: { error: { code: 'cancelled', message: error.message } } }
    }
    return fail(world, place, attempt, error)
  }
}

function refuse(message: string): ExecuteAnswer {
  return { status: 400, body: { error: { code: 'invalid_request', message } } }
}

function attemptPrefix(place: JobPlace, attempt: string): string {
  return `${jobPrefix(place)}${attempt}/`
}

/** A request can make the engine read and write only inside its own session. */
function staysInside(place: JobPlace, request: InferenceRequest): boolean {
  const prefix = sessionPrefix(place)
  const inside = (key: string) => key.startsWith(prefix) && !key.includes('..')
  return (
    request.job_prefix === jobPrefix(place) &&
    inside(request.photo.key) &&
    request.masks.every(({ key }) => inside(key))
  )
}

async function runAttempt(
  world: EngineWorld,
  request: InferenceRequest,
  place: JobPlace,
  attempt: string,
  progress: JobProgress,
): Promise<Manifest> {
  const { objects, engine, clock } = world
  // The API asks none of these engines for it (`textPrompts` in the contract).
  if (request.kind === 'select') throw new Error(`${engine.name} finds nothing by words`)
  const [, { photo, masks }] = await Promise.all([progress.start(), readInput(objects, request)])
  const put = async (file: string, bytes: Uint8Array, contentType: string) => {
    await objects.put(attemptKey(place, attempt, file), bytes, { contentType })
  }
  const made =
    request.kind === 'embed'
      ? await runEmbed(engine, photo, progress, put)
      : await runReconstruct(engine, request, { photo, masks }, progress, put)
  return {
    version: request.version,
    job_id: request.job_id,
    session_id: request.session_id,
    user_id: request.user_id,
    attempt,
    engine: { name: engine.name, version: engine.version },
    started_at: progress.startedAt.toISOString(),
    finished_at: clock.now().toISOString(),
    timings: progress.timings(),
    ...made,
  }
}

async function readInput(
  objects: ObjectStore,
  request: InferenceRequest,
): Promise<Pick<ReconstructInput, 'photo' | 'masks'>> {
  const [photo, ...pngs] = await Promise.all([
    objects.get(request.photo.key, { ifMatch: request.photo.etag }),
    ...request.masks.map(({ key }) => objects.get(key)),
  ])
  if (!photo) throw new AttemptFailed('photo_replaced')
  const masks = request.masks.map(({ name }, i) => {
    const png = pngs[i]
    if (!png) throw new AttemptFailed('engine_failed')
    return { name, png }
  })
  return { photo, masks }
}

/** The first manifest wins; a later attempt removes what it made. */
async function commit(world: EngineWorld, place: JobPlace, manifest: Manifest): Promise<ExecuteAnswer> {
  const { attempt } = manifest
  const fault = findFault(Manifest, manifest)
  if (fault) throw new Error(`the engine's result breaks the contract: ${fault.field} ${fault.message}`)
  const won = await world.objects.put(jobKey(place, 'manifest'), JSON.stringify(manifest), {
    contentType: 'application/json',
    ifAbsent: true,
  })
  if (!won) await deletePrefix(world, attemptPrefix(place, attempt))
  world.log.info('attempt finished', { job_id: place.jobId, attempt, won, timings: manifest.timings })
  return { status: 200, body: { job_id: place.jobId, attempt, won } }
}

async function fail(
  world: EngineWorld,
  place: JobPlace,
  attempt: string,
  error: unknown,
): Promise<ExecuteAnswer> {
  const code = toJobErrorCode(error)
  const failure: Failure = { attempt, code, failed_at: world.clock.now().toISOString() }
  world.log.error('attempt failed', { job_id: place.jobId, attempt, code, error: String(error) })
  await world.objects.put(jobKey(place, 'failure'), JSON.stringify(failure), {
    contentType: 'application/json',
  })
  const { blame, message } = JOB_ERRORS[code]
  return { status: blame === 'photo' ? 422 : 500, body: { error: { code, message } } }
}

/** Codes of engines and of the image reader that mean something to a person; every other is `engine_failed`. */
const CODES: Readonly<Record<string, JobErrorCode>> = {
  photo_unreadable: 'image_unreadable',
  not_an_image: 'image_unreadable',
  empty_file: 'image_unreadable',
  unsupported_format: 'image_unreadable',
  unsupported_variant: 'image_unreadable',
  animated: 'image_unreadable',
  too_large: 'image_unreadable',
  damaged: 'image_unreadable',
  mask_empty: 'empty_mask',
}

function toJobErrorCode(error: unknown): JobErrorCode {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string') return 'engine_failed'
  if (Object.hasOwn(JOB_ERRORS, code)) return code as JobErrorCode
  return Object.hasOwn(CODES, code) ? CODES[code] : 'engine_failed'
}
