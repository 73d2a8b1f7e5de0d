import type { JobStatus } from '@gen3d/shared/api'
import { Gen3dError } from '@gen3d/shared/errors'
import { TRANSITIONS } from '@gen3d/shared/job-states'
import { type JobPlace, jobKey } from '@gen3d/shared/keys'
import { closeBooks } from './close-books.ts'
import { toJobPlace } from './places.ts'
import { readState } from './read-state.ts'
import { readStatus, type StatusNeeds } from './read-status.ts'
import type { Caller, World } from './world.ts'

/** Cancels a job that has not ended; the engine sees the mark before its next step. Throws `conflict` if it has ended. */
export async function cancelJob(world: StatusNeeds, caller: Caller, jobId: string): Promise<JobStatus> {
  const place = toJobPlace(caller.sub, jobId)
  await readState(world, place)
  const finishedAt = world.clock.now().toISOString()
  const patch = { finishedAt, dueAt: finishedAt }
  const cancelled = await world.jobs.transition(jobId, { ...TRANSITIONS.cancel, patch })
  const { state } = cancelled ?? (await readState(world, place))
  if (state !== 'CANCELLED') throw new Gen3dError('conflict', `The job has ended already: it is ${state}.`)
  // Put again when it was cancelled before: the first call may have died in between.
  await putCancelMark(world, place)
  if (cancelled) {
    world.log.info('job cancelled', { job_id: jobId })
    await closeBooks(world, cancelled, null)
    await world.jobs.update(jobId, { dueAt: null })
  }
  return readStatus(world, caller, jobId)
}

export async function putCancelMark({ objects }: Pick<World, 'objects'>, place: JobPlace): Promise<void> {
  await objects.put(jobKey(place, 'cancel'), '', { contentType: 'text/plain' })
}
