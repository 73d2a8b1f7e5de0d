/** Reads the small JSON files of a job's folder. A file that is missing or breaks its schema reads as null or 'invalid'. */
import { Failure, Manifest, Progress } from '@gen3d/shared/inference'
import { type JobPlace, jobKey } from '@gen3d/shared/keys'
import { findFault } from '@gen3d/shared/validate'
import type { SessionJob } from './records.ts'
import type { World } from './world.ts'

type Needs = Pick<World, 'objects'>

/** Undefined for what is no JSON. */
export function parseJson(bytes: Uint8Array | null): unknown {
  if (!bytes) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

/** `invalid`: there is one, but it breaks the schema or speaks of another job. */
export async function readManifest(
  { objects }: Needs,
  place: JobPlace,
): Promise<Manifest | 'invalid' | null> {
  const bytes = await objects.get(jobKey(place, 'manifest'))
  if (!bytes) return null
  const value = parseJson(bytes)
  if (findFault(Manifest, value)) return 'invalid'
  const manifest = value as Manifest
  const same =
    manifest.job_id === place.jobId &&
    manifest.session_id === place.sessionId &&
    manifest.user_id === place.sub
  return same ? manifest : 'invalid'
}

export async function readProgress({ objects }: Needs, place: JobPlace): Promise<Progress | null> {
  const value = parseJson(await objects.get(jobKey(place, 'progress')))
  return findFault(Progress, value) ? null : (value as Progress)
}

export async function readFailure({ objects }: Needs, place: JobPlace): Promise<Failure | null> {
  const value = parseJson(await objects.get(jobKey(place, 'failure')))
  return findFault(Failure, value) ? null : (value as Failure)
}

/** The picture of the first object that has one. */
export function posterOf(manifest: Manifest): SessionJob['poster'] {
  if (manifest.kind !== 'reconstruct') return null
  const file = manifest.objects.flatMap(({ files }) => files).find(({ format }) => format === 'png')?.file
  return file ? { attempt: manifest.attempt, file } : null
}
