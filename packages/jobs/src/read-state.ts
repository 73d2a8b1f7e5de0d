import type { JobErrorCode } from '@gen3d/shared/errors'
import { InferenceRequest, type Manifest } from '@gen3d/shared/inference'
import type { JobKind, JobState } from '@gen3d/shared/job-states'
import { type JobPlace, jobKey } from '@gen3d/shared/keys'
import { findFault } from '@gen3d/shared/validate'
import { parseJson, readFailure, readManifest } from './job-files.ts'
import { notFound } from './places.ts'
import type { JobRecord } from './records.ts'
import type { World } from './world.ts'

/** What a job's status is made of. */
export type JobFacts = Pick<
  JobRecord,
  | 'jobId'
  | 'sub'
  | 'sessionId'
  | 'kind'
  | 'state'
  | 'createdAt'
  | 'startedAt'
  | 'finishedAt'
  | 'retryOf'
  | 'mail'
  | 'errorCode'
  | 'timings'
>

type Needs = Pick<World, 'jobs' | 'sessions' | 'objects'>

/** A caller's job: from its row, or rebuilt from its files when the row is gone. Throws `not_found`. */
export async function readState(world: Needs, place: JobPlace): Promise<JobFacts> {
  const row = await world.jobs.get(place.jobId)
  if (row) {
    if (row.sub !== place.sub) throw notFound()
    return row
  }
  return rebuild(world, place)
}

async function rebuild(world: Needs, place: JobPlace): Promise<JobFacts> {
  const session = await world.sessions.get(place.sub, place.sessionId)
  if (!session || session.deletedAt) throw notFound()
  const request = parseJson(await world.objects.get(jobKey(place, 'request')))
  if (findFault(InferenceRequest, request)) throw notFound()
  const { kind } = request as InferenceRequest
  const createdAt = session.jobs[place.jobId]?.createdAt ?? session.createdAt
  const manifest = await readManifest(world, place)
  if (manifest && manifest !== 'invalid') return fromManifest(place, manifest, createdAt)
  const failure = await readFailure(world, place)
  if (failure) return ended(place, kind, 'FAILED', createdAt, failure.failed_at, failure.code)
  const cancelled = await world.objects.head(jobKey(place, 'cancel'))
  return cancelled
    ? ended(place, kind, 'CANCELLED', createdAt, cancelled.lastModified.toISOString(), null)
    : ended(place, kind, 'EXPIRED', createdAt, null, 'not_started')
}

function fromManifest(place: JobPlace, manifest: Manifest, createdAt: string): JobFacts {
  return {
    ...ended(place, manifest.kind, 'COMPLETED', createdAt, manifest.finished_at, null),
    startedAt: manifest.started_at,
    timings: manifest.timings,
  }
}

function ended(
  place: JobPlace,
  kind: JobKind,
  state: JobState,
  createdAt: string,
  finishedAt: string | null,
  errorCode: JobErrorCode | null,
): JobFacts {
  // What only the row knew stays unknown.
  const unknown = { startedAt: null, retryOf: null, mail: 'none', timings: {} } as const
  return { ...place, ...unknown, kind, state, createdAt, finishedAt, errorCode }
}
