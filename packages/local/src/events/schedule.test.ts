import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { parseRate, startSchedule } from './schedule.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('reads rates as EventBridge does', () => {
  expect(['rate(1 minute)', 'rate(5 minutes)', 'rate(2 hours)', 'rate(1 day)'].map(parseRate)).toEqual([
    60, 300, 7200, 86_400,
  ])
  for (const wrong of [
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'cron(0 * * * ? *)',
    '5 minutes',
  ]) {
    expect(() => parseRate(wrong)).toThrow('is no rate expression')
  }
})

it('runs at every interval, never twice at a time, and goes on after a failure', async () => {
  const errors: unknown[] = []
  let runs = 0
  let release = () => {}
  const schedule = startSchedule({
    everySeconds: 60,
    onError: (error) => errors.push(error),
    run: async () => {
      runs += 1
      if (runs === 1) throw new Error('first')
      if (runs === 2)
        await new Promise<void>((resolve) => {
          release = resolve
        })
    },
  })
  await vi.advanceTimersByTimeAsync(59_000)
  expect(runs).toBe(0)
  await vi.advanceTimersByTimeAsync(1000)
  expect([runs, errors.length]).toEqual([1, 1])
  await vi.advanceTimersByTimeAsync(180_000)
  expect(runs).toBe(2)
  release()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(runs).toBe(3)
  await schedule.stop()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(runs).toBe(3)
})
