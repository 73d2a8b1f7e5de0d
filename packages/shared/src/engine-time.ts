/** How long the engine may work, what the queue on a machine adds to that, and what fits into it. */
import { type EngineName, engineFacts } from './engines.ts'
import { MAX_OBJECTS } from './limits.ts'

/** The most that InvokeEndpointAsync takes as InvocationTimeoutSeconds. */
export const MAX_INVOCATION_SECONDS = 3600

/**
 * Seconds from the moment at which a machine takes a job to the moment at which it must have answered. A machine takes
 * `inFlight` jobs and works on one at a time, each for at most `engineTimeoutSeconds`: the last one waits for the others.
 */
export function invocationSeconds(inFlight: number, engineTimeoutSeconds: number): number {
  return inFlight * engineTimeoutSeconds
}

/** The most objects of one job: as many as the engine makes for certain before its own time is over. */
export function maxObjects(engine: EngineName, engineTimeoutSeconds: number): number {
  return Math.min(MAX_OBJECTS, Math.floor(engineTimeoutSeconds / engineFacts(engine).secondsPerObject))
}
