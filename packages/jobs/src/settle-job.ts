import { isOpen } from '@gen3d/shared/job-states'
import { jobPrefix } from '@gen3d/shared/keys'
import { closeBooks } from './close-books.ts'
import { posterOf, readManifest } from './job-files.ts'
import { deletePrefix } from './purge.ts'
import type { JobRecord, SessionJob } from './records.ts'
import { sendJobMail } from './send-job-mail.ts'
import type { World } from './world.ts'

export type SettleNeeds = Pick<
  World,
  'jobs' | 'sessions' | 'limits' | 'facts' | 'objects' | 'mailer' | 'clock' | 'log' | 'settings'
>

/** What follows a job's end: slot, session, mail. Every part may be repeated: the sweep does so until all is done. */
export async function settleJob(world: SettleNeeds, job: JobRecord): Promise<void> {
  if (isOpen(job.state)) return
  const kept = await closeBooks(world, job, await findPoster(world, job))
  if (!kept) {
    // Its session was deleted while it worked.
    await deletePrefix(world, jobPrefix(job))
    await world.jobs.delete(job.jobId)
    return
  }
  if (job.mail === 'pending') await sendJobMail(world, job.jobId)
  else await world.jobs.update(job.jobId, { dueAt: null })
}

async function findPoster(world: SettleNeeds, job: JobRecord): Promise<SessionJob['poster']> {
  if (job.state !== 'COMPLETED' || job.kind !== 'reconstruct') return null
  const manifest = await readManifest(world, job)
  return manifest && manifest !== 'invalid' ? posterOf(manifest) : null
}
