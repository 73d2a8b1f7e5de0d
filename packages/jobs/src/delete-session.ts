import type { DeleteAccepted } from '@gen3d/shared/api'
import { isOpen } from '@gen3d/shared/job-states'
import { JOB_FILES, sessionPrefix } from '@gen3d/shared/keys'
import { slotsOf } from './admit.ts'
import { putCancelMark } from './cancel-job.ts'
import { getSession } from './places.ts'
import { deletePrefix } from './purge.ts'
import type { SessionRow } from './records.ts'
import { addSeconds, deadlineSeconds, expiryInDays } from './time.ts'
import type { Caller, World } from './world.ts'

/** Longer than any job can still deliver. */
const TOMBSTONE_DAYS = 30

type DeleteNeeds = Pick<World, 'jobs' | 'sessions' | 'limits' | 'objects' | 'clock' | 'log' | 'settings'>

/** Deletes a session with everything made of it. Throws `not_found`, for one deleted before too. */
export async function deleteSession(
  world: DeleteNeeds,
  caller: Caller,
  sessionId: string,
): Promise<DeleteAccepted> {
  await removeSession(world, await getSession(world, { sub: caller.sub, sessionId }))
  return { deleted: true }
}

/** The tombstone first: from then on nothing can be added, and what still arrives is deleted by notify or the sweep. */
export async function removeSession(world: DeleteNeeds, session: SessionRow): Promise<void> {
  const now = world.clock.now()
  const buried = await world.sessions.bury(session.sub, session.sessionId, {
    deletedAt: now.toISOString(),
    dueAt: now.toISOString(),
    expiresAt: expiryInDays(now, TOMBSTONE_DAYS),
  })
  if (!buried) return
  world.log.info('session deleted', { session_id: session.sessionId })
  await finishDeletion(world, buried)
}

/** Deletes rows and objects of a buried session; the sweep repeats it once no job can deliver any more. */
export async function finishDeletion(world: DeleteNeeds, session: SessionRow): Promise<void> {
  const { sub, sessionId, deletedAt } = session
  const jobIds = Object.keys(session.jobs)
  const marks: string[] = []
  for (const job of await world.jobs.getMany(jobIds)) {
    if (isOpen(job.state)) {
      await putCancelMark(world, job)
      marks.push(`jobs/${job.jobId}/${JOB_FILES.cancel}`)
    }
    await world.limits.freeSlot(slotsOf(sub), job.jobId)
    await world.jobs.delete(job.jobId)
  }
  await deletePrefix(world, sessionPrefix(session), marks)
  const lastArrival = addSeconds(deletedAt ?? world.clock.now(), deadlineSeconds(world.settings))
  const done = world.clock.now().toISOString() >= lastArrival
  await world.sessions.setDue(sub, sessionId, done ? null : lastArrival)
}
