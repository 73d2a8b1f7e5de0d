import { slotsOf } from './admit.ts'
import type { JobRecord, SessionJob } from './records.ts'
import type { World } from './world.ts'

/** After a job's end: frees its slot and writes its state into the session. Safe to repeat. False: the session is deleted. */
export async function closeBooks(
  world: Pick<World, 'limits' | 'sessions'>,
  job: JobRecord,
  poster: SessionJob['poster'],
): Promise<boolean> {
  await world.limits.freeSlot(slotsOf(job.sub), job.jobId)
  const { kind, state, createdAt } = job
  return world.sessions.setJob(job.sub, job.sessionId, job.jobId, { kind, state, createdAt, poster })
}
