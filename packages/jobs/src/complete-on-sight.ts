import type { Manifest } from '@gen3d/shared/inference'
import { closeBooks } from './close-books.ts'
import { endCompleted } from './end-job.ts'
import { posterOf } from './job-files.ts'
import type { JobRecord } from './records.ts'
import type { World } from './world.ts'

type Needs = Pick<World, 'jobs' | 'sessions' | 'limits' | 'facts' | 'clock' | 'log' | 'settings'>

/**
 * Ends an open job whose manifest somebody has just seen, so that nobody waits for the event of it (about a second on
 * AWS). Slot and session follow at once, the mail when the event comes. Null when the job's state does not allow it.
 */
export async function completeOnSight(
  world: Needs,
  job: JobRecord,
  manifest: Manifest,
): Promise<JobRecord | null> {
  const completed = await endCompleted(world, job, manifest)
  if (completed) await closeBooks(world, completed, posterOf(manifest))
  return completed
}
