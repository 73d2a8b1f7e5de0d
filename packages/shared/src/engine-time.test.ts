import { expect, test } from 'vitest'
import { invocationSeconds, MAX_INVOCATION_SECONDS, maxObjects } from './engine-time.ts'
import { ENGINES, type EngineName, engineFacts } from './engines.ts'
import { MAX_OBJECTS } from './limits.ts'

test.each(Object.keys(ENGINES) as EngineName[])(
  '%s: all that a machine takes fits into one invocation at the default time, each job with the most objects',
  (engine) => {
    const [inFlight, engineTimeoutSeconds] = [4, 900]
    const longest = maxObjects(engine, engineTimeoutSeconds) * engineFacts(engine).secondsPerObject
    expect(longest).toBeLessThanOrEqual(engineTimeoutSeconds)
    expect(inFlight * longest).toBeLessThanOrEqual(invocationSeconds(inFlight, engineTimeoutSeconds))
    expect(invocationSeconds(inFlight, engineTimeoutSeconds)).toBeLessThanOrEqual(MAX_INVOCATION_SECONDS)
  },
)

test('a slow engine makes fewer objects in one job, never more than the contract takes', () => {
  expect(maxObjects('sam3d', 900)).toBe(7)
  expect(maxObjects('sam3d', 3600)).toBe(MAX_OBJECTS)
  expect(maxObjects('sam3d', 119)).toBe(0)
  expect(maxObjects('preview', 900)).toBe(MAX_OBJECTS)
})
