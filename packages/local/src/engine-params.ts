import { MAX_INVOCATION_SECONDS } from '@gen3d/shared/engine-time'
import type { EngineName } from '@gen3d/shared/engines'

/** Jobs that a machine takes at a time, as in the default parameters. */
const IN_FLIGHT = 4

/**
 * Parameters of the engine behind the local endpoint, over those of deploy/parameters.yml: the section `local` there is
 * made for the preview engine; another one gets all the time that there is.
 */
export function engineParams(engine: EngineName): Readonly<Record<string, unknown>> {
  if (engine === 'preview') return {}
  return {
    engine,
    engineTimeoutSeconds: MAX_INVOCATION_SECONDS / IN_FLIGHT,
    inFlightPerInstance: IN_FLIGHT,
  }
}
