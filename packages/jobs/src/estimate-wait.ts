/** How long a job takes here: from this deployment's own recent jobs, else the engine's assumed figures. */
import type { JobStatus, WaitEstimate } from '@gen3d/shared/api'
import { engineFacts } from '@gen3d/shared/engines'
import type { JobKind } from '@gen3d/shared/job-states'
import type { EndpointSnapshot } from './ports.ts'
import { expiryInDays, secondsBetween } from './time.ts'
import type { World } from './world.ts'

/** A job that waited longer met a machine that had to start first. */
const COLD_WAIT_SECONDS = 60
const MIN_SAMPLES = 3
const MAX_SAMPLES = 40
const SAMPLE_DAYS = 30
/** The schedule writes the snapshot every minute. */
const SNAPSHOT_STALE_SECONDS = 300

interface Sample {
  /** Seconds from submit to the engine's start. */
  readonly wait: number
  /** Seconds at work. */
  readonly run: number
}

type Needs = Pick<World, 'facts' | 'clock' | 'settings'>

export const ENDPOINT_FACT = 'endpoint'

function timingsFact(kind: JobKind): string {
  return `timings#${kind}`
}

/** Remembers a finished job. Two that end at once may lose one sample, which costs nothing. */
export async function recordTiming(world: Needs, kind: JobKind, sample: Sample): Promise<void> {
  const samples = [...(await readSamples(world, kind)), sample].slice(-MAX_SAMPLES)
  await world.facts.put(timingsFact(kind), { samples }, expiryInDays(world.clock.now(), SAMPLE_DAYS))
}

async function readSamples({ facts }: Needs, kind: JobKind): Promise<Sample[]> {
  return ((await facts.get(timingsFact(kind)))?.samples as Sample[] | undefined) ?? []
}

async function readStatusOfEndpoint({ facts, clock }: Needs): Promise<EndpointSnapshot['status']> {
  const fact = await facts.get(ENDPOINT_FACT)
  if (!fact) return 'unknown'
  const age = secondsBetween(fact.taken_at as string, clock.now())
  return age > SNAPSHOT_STALE_SECONDS ? 'unknown' : (fact.status as EndpointSnapshot['status'])
}

export interface WaitOutlook {
  /** Seconds from submit to result, as a range; null when nothing is known of the machines. */
  readonly estimate: WaitEstimate | null
  /** Null: a machine is up, or nothing is known. */
  readonly waking: JobStatus['waking']
}

export async function estimateWait(world: Needs, kind: JobKind): Promise<WaitEstimate | null> {
  return (await lookAhead(world, kind)).estimate
}

/** What a job that is submitted now waits for. */
export async function lookAhead(world: Needs, kind: JobKind): Promise<WaitOutlook> {
  const [status, samples] = await Promise.all([readStatusOfEndpoint(world), readSamples(world, kind)])
  if (status === 'unknown' || status === 'failed') return { estimate: null, waking: null }
  const cold = status !== 'ready'
  const starts = samples.filter(({ wait }) => wait >= COLD_WAIT_SECONDS)
  const mean = starts.reduce((sum, { wait }) => sum + wait, 0) / starts.length
  return {
    estimate: toEstimate(world, kind, cold, samples),
    waking: cold ? { mean_seconds: starts.length > 0 ? Math.round(mean) : null } : null,
  }
}

function toEstimate(world: Needs, kind: JobKind, cold: boolean, samples: readonly Sample[]): WaitEstimate {
  const totals = samples
    .filter(({ wait }) => wait >= COLD_WAIT_SECONDS === cold)
    .map(({ wait, run }) => wait + run)
    .sort((a, b) => a - b)
  if (totals.length < MIN_SAMPLES) {
    return {
      ...engineFacts(world.settings.engine).assumedSeconds[cold ? 'asleep' : 'ready'][kind],
      basis: 'assumed',
    }
  }
  // The tenth and the ninetieth part of the recent ones.
  const at = (part: number) => totals[Math.round(part * (totals.length - 1))]
  return { low: Math.floor(at(0.1)), high: Math.ceil(at(0.9)), basis: 'measured' }
}
