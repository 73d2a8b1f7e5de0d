import type { ReconstructManifest } from '@gen3d/shared/inference'
import { isOpen } from '@gen3d/shared/job-states'
import type { JobPlace } from '@gen3d/shared/keys'
import { readManifest } from './job-files.ts'
import type { SessionRow } from './records.ts'
import type { World } from './world.ts'

export interface Made {
  readonly place: JobPlace
  readonly manifest: ReconstructManifest
}

/** The newest finished reconstruction of a session, by its manifest: rows of jobs go sooner. Null when there is none. */
export async function findMade(world: Pick<World, 'objects'>, session: SessionRow): Promise<Made | null> {
  const { sub, sessionId } = session
  const jobIds = Object.entries(session.jobs)
    // An open one may have finished a moment ago.
    .filter(([, { kind, state }]) => kind === 'reconstruct' && (state === 'COMPLETED' || isOpen(state)))
    .sort(([a, one], [b, other]) => other.createdAt.localeCompare(one.createdAt) || b.localeCompare(a))
    .map(([jobId]) => jobId)
  for (const jobId of jobIds) {
    const place = { sub, sessionId, jobId }
    const manifest = await readManifest(world, place)
    if (manifest !== null && manifest !== 'invalid' && manifest.kind === 'reconstruct') {
      return { place, manifest }
    }
  }
  return null
}
