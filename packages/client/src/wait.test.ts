import type { JobStatus } from '@gen3d/shared/api'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Client } from './client.ts'
import { ApiError } from './errors.ts'
import { waitForJob } from './wait.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A client whose job ends after so many seconds, and the seconds at which it was asked. */
function createJob(lastsSeconds: number, fail: (ask: number) => Error | null = () => null) {
  const start = Date.now()
  const asked: number[] = []
  const readStatus: Client['readStatus'] = async () => {
    const passed = (Date.now() - start) / 1000
    asked.push(passed)
    const error = fail(asked.length)
    if (error) throw error
    const state = passed < lastsSeconds ? 'RUNNING' : 'COMPLETED'
    return { status: { state } as JobStatus, retryAfterSeconds: state === 'RUNNING' ? 1 : null }
  }
  return { client: { readStatus } as Client, asked }
}

it('sees the end of a short job at once', async () => {
  const { client, asked } = createJob(0.5)
  const waiting = waitForJob(client, 'job')
  await vi.advanceTimersByTimeAsync(1000)
  expect((await waiting).state).toBe('COMPLETED')
  expect(asked.at(-1)).toBeCloseTo(0.6)
})

it('asks a long job as seldom as the API says', async () => {
  const { client, asked } = createJob(60)
  const waiting = waitForJob(client, 'job')
  await vi.advanceTimersByTimeAsync(62_000)
  expect((await waiting).state).toBe('COMPLETED')
  const last = asked.slice(-20)
  for (let i = 1; i < last.length; i++) expect(last[i] - last[i - 1]).toBeCloseTo(1)
  expect(asked.length).toBeLessThan(75)
})

it('goes on after an answer that did not come, and ends with one that will not', async () => {
  const unavailable = new ApiError({ status: 503, code: 'unavailable', message: 'later' })
  const { client } = createJob(1, (ask) => (ask === 2 ? unavailable : null))
  const onTrouble = vi.fn()
  const waiting = waitForJob(client, 'job', { onTrouble })
  await vi.advanceTimersByTimeAsync(5000)
  expect((await waiting).state).toBe('COMPLETED')
  expect(onTrouble).toHaveBeenCalledWith(unavailable)
  const gone = new ApiError({ status: 404, code: 'not_found', message: 'gone' })
  await expect(waitForJob(createJob(1, () => gone).client, 'job')).rejects.toBe(gone)
})
