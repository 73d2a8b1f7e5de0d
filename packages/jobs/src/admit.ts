/** Limits: jobs a day and jobs in flight per user, seconds of the engine a month for all. */
import { Gen3dError } from '@gen3d/shared/errors'
import { isOpen } from '@gen3d/shared/job-states'
import { expiryInDays, secondsBetween, startOfNextDay, startOfNextMonth } from './time.ts'
import type { World } from './world.ts'

/** Nobody knows when a job in flight ends: look again after this. */
const IN_FLIGHT_RETRY_SECONDS = 60

export function dayCounter(sub: string, now: Date): string {
  return `jobs#${sub}#${now.toISOString().slice(0, 10)}`
}

export function engineSecondsCounter(now: Date): string {
  return `engine-seconds#${now.toISOString().slice(0, 7)}`
}

export function slotsOf(sub: string): string {
  return `in-flight#${sub}`
}

function refuse(message: string, retryAfterSeconds: number): Gen3dError {
  return new Gen3dError('limit_reached', message, { retryAfterSeconds: Math.ceil(retryAfterSeconds) })
}

type Needs = Pick<World, 'limits' | 'jobs' | 'clock' | 'settings' | 'log'>

/** Counts a job in, or throws `limit_reached` with the time to wait and counts nothing. */
export async function admit(world: Needs, sub: string, jobId: string): Promise<void> {
  const { limits, settings } = world
  const now = world.clock.now()
  if ((await limits.read(engineSecondsCounter(now))) >= settings.maxGpuSecondsPerMonth) {
    // An alarm of the deployment counts this line.
    world.log.warn('monthly cap reached')
    const seconds = secondsBetween(now, startOfNextMonth(now))
    throw refuse('This month’s computing time is used up for everybody. Try again next month.', seconds)
  }
  if (!(await takeSlot(world, sub, jobId))) {
    const message = `${settings.maxJobsInFlight} of your jobs are under way. Wait until one has ended.`
    throw refuse(message, IN_FLIGHT_RETRY_SECONDS)
  }
  const counted = await limits.add(dayCounter(sub, now), 1, settings.maxJobsPerDay, expiryInDays(now, 2))
  if (counted === null) {
    await limits.freeSlot(slotsOf(sub), jobId)
    const message = `You have made ${settings.maxJobsPerDay} jobs today. Try again tomorrow (UTC).`
    throw refuse(message, secondsBetween(now, startOfNextDay(now)))
  }
}

/** A slot whose job has ended without freeing it (a crash in between) is freed here: full sets heal themselves. */
async function takeSlot(world: Needs, sub: string, jobId: string): Promise<boolean> {
  const { limits, settings, clock } = world
  const set = slotsOf(sub)
  const take = () => limits.takeSlot(set, jobId, settings.maxJobsInFlight, expiryInDays(clock.now(), 365))
  if (await take()) return true
  const open = await countInFlight(world, sub)
  return open < settings.maxJobsInFlight && (await take())
}

/** The user's open jobs, after stale slots were freed. */
export async function countInFlight(
  { limits, jobs }: Pick<World, 'limits' | 'jobs'>,
  sub: string,
): Promise<number> {
  const set = slotsOf(sub)
  const members = await limits.listSlots(set)
  const open = new Set(
    (await jobs.getMany(members)).filter((job) => isOpen(job.state)).map((job) => job.jobId),
  )
  for (const member of members) if (!open.has(member)) await limits.freeSlot(set, member)
  return open.size
}
