import { completeJob } from '@gen3d/jobs/complete-job'
import { failJob, failJobByKey } from '@gen3d/jobs/fail-job'
import { type SweepNeeds, sweep } from '@gen3d/jobs/sweep'
import { PREFIXES, parseJobKey } from '@gen3d/shared/keys'

/** What EventBridge sends: an object of the bucket was created, or the schedule's time has come. */
export interface NotifyEvent {
  readonly 'detail-type'?: string
  readonly time?: string
  readonly detail?: { readonly object?: { readonly key?: string } }
}

/** EventBridge hands keys over as they are: they must not be decoded. */
export async function handleEvent(world: SweepNeeds, event: NotifyEvent): Promise<void> {
  if (event['detail-type'] === 'Scheduled Event') {
    const done = await sweep(world)
    world.log.info('swept', done)
    return
  }
  const key = event.detail?.object?.key
  if (!key) throw new Error('an event without an object key')
  const place = parseJobKey(key)
  if (place?.file === 'manifest') return completeJob(world, place)
  if (place?.file === 'failure') return failJob(world, place.jobId, new Date(event.time ?? world.clock.now()))
  if (key.startsWith(PREFIXES.failures)) return failJobByKey(world, key)
  world.log.warn('an event of no interest', { key })
}
