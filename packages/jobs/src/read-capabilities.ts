import type { Capabilities } from '@gen3d/shared/api'
import { maxObjects } from '@gen3d/shared/engine-time'
import { engineFacts } from '@gen3d/shared/engines'
import { countInFlight, dayCounter } from './admit.ts'
import { estimateWait } from './estimate-wait.ts'
import type { Caller, World } from './world.ts'

/** A machine that was started stays up so long after the last job: somebody pays for it. */
const IDLE_TAIL_SECONDS = 600

/** What this deployment can do, what is left for the caller today, what a job takes and costs. */
export async function readCapabilities(
  world: Pick<World, 'jobs' | 'limits' | 'facts' | 'clock' | 'settings'>,
  caller: Caller,
): Promise<Capabilities> {
  const { settings, limits, clock } = world
  const { formats, qualities, textPrompts } = engineFacts(settings.engine)
  const [today, inFlight, embed, reconstruct] = await Promise.all([
    limits.read(dayCounter(caller.sub, clock.now())),
    countInFlight(world, caller.sub),
    estimateWait(world, 'embed'),
    estimateWait(world, 'reconstruct'),
  ])
  const wait = embed && reconstruct ? { embed, reconstruct } : null
  return {
    engine: settings.engine,
    formats: [...formats],
    qualities: [...qualities],
    max_objects: maxObjects(settings.engine, settings.engineTimeoutSeconds),
    text_prompts: textPrompts,
    mail: settings.mailEnabled,
    limits: {
      jobs_today_left: Math.max(0, settings.maxJobsPerDay - today),
      in_flight_left: Math.max(0, settings.maxJobsInFlight - inFlight),
    },
    estimated_wait_seconds: wait,
    estimated_cost_usd: wait && toCost(settings.instanceUsdPerHour, wait),
  }
}

/** Of one photo, embedded and reconstructed: low on a machine that others keep busy, high where it pays its idle tail. */
function toCost(
  usdPerHour: number | null,
  { embed, reconstruct }: NonNullable<Capabilities['estimated_wait_seconds']>,
): Capabilities['estimated_cost_usd'] {
  if (usdPerHour === null) return null
  const usd = (seconds: number) => Math.round((seconds / 3600) * usdPerHour * 1e4) / 1e4
  return {
    low: usd(embed.low + reconstruct.low),
    high: usd(embed.high + reconstruct.high + IDLE_TAIL_SECONDS),
  }
}
