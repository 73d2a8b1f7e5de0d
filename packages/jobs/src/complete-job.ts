import { JOB_FILES, type JobPlace, jobPrefix } from '@gen3d/shared/keys'
import { endCompleted, endWithout } from './end-job.ts'
import { readManifest } from './job-files.ts'
import { deletePrefix } from './purge.ts'
import { type SettleNeeds, settleJob } from './settle-job.ts'

/**
 * A manifest stands in a job's folder: completes the job and sends its mail. What arrives for a cancelled job or a
 * deleted session is deleted. Safe for events that come twice, late or out of order.
 */
export async function completeJob(world: SettleNeeds, place: JobPlace): Promise<void> {
  const session = await world.sessions.get(place.sub, place.sessionId)
  if (session?.deletedAt) {
    await deletePrefix(world, jobPrefix(place))
    world.log.info('late result of a deleted session removed', { job_id: place.jobId })
    return
  }
  const job = await world.jobs.get(place.jobId)
  // Without a row the manifest speaks for itself: the status is rebuilt from it.
  if (!job || job.sub !== place.sub) return
  const manifest = await readManifest(world, place)
  if (!manifest) return
  if (manifest === 'invalid') {
    world.log.error('manifest breaks the contract', { job_id: place.jobId })
    const failed = await endWithout(world, job, 'fail', 'engine_failed', 0)
    if (failed) await settleJob(world, failed)
    return
  }
  const completed = await endCompleted(world, job, manifest)
  if (completed) return settleJob(world, completed)
  const now = await world.jobs.get(place.jobId)
  // Completed by one who saw the manifest before this event came: the mail is still to be sent.
  if (now?.state === 'COMPLETED' && now.dueAt !== null) return settleJob(world, now)
  if (now?.state === 'CANCELLED') {
    await deletePrefix(world, jobPrefix(place), [JOB_FILES.request, JOB_FILES.cancel])
    world.log.info('late result of a cancelled job removed', { job_id: place.jobId })
  }
}
