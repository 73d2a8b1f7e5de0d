import type { JobStatus } from '@gen3d/shared/api'
import { describe, expect, it } from 'vitest'
import { describeJob, stageName } from './describe.ts'

const created = '2026-01-01T10:00:00.000Z'
const now = Date.parse('2026-01-01T10:00:20.000Z')
const status: JobStatus = {
  job_id: 'j',
  session_id: 's',
  kind: 'reconstruct',
  state: 'QUEUED',
  stage: null,
  progress: null,
  queue_position: null,
  waking: null,
  estimated_wait_seconds: null,
  created_at: created,
  started_at: null,
  finished_at: null,
  timings: {},
  cost_usd: null,
  retry_of: null,
  mail: 'none',
  result: null,
  error: null,
}

describe('the words for a job', () => {
  it('promises nothing that nobody knows', () => {
    expect(describeJob(status, now)).toEqual({
      headline: 'Waiting for a machine',
      details: ['20 s so far'],
      fraction: null,
    })
  })

  it('tells the place in the queue and the estimate as a range', () => {
    const described = describeJob(
      { ...status, queue_position: 2, estimated_wait_seconds: { low: 30, high: 300, basis: 'assumed' } },
      now,
    )
    expect(described.headline).toBe('2 before you in the queue')
    expect(described.details).toContain('30 s to 5 min to go, a guess')
  })

  it('tells that a machine is being woken, and how long that usually takes', () => {
    const described = describeJob({ ...status, queue_position: 0, waking: { mean_seconds: 360 } }, now)
    expect(described.headline).toBe('Waking a machine')
    expect(described.details).toEqual(['20 s so far; to wake one usually takes 6 min'])
    expect(describeJob({ ...status, waking: { mean_seconds: null } }, now).details).toEqual(['20 s so far'])
  })

  it('tells the step that runs and how far it is', () => {
    const described = describeJob({ ...status, state: 'RUNNING', stage: 'bake_texture', progress: 0.4 }, now)
    expect(described.headline).toBe('Bake texture')
    expect(described.fraction).toBe(0.4)
  })

  it('tells why a job failed and shows no bar', () => {
    const error = { code: 'empty_mask', message: 'The selection is empty.', blame: 'photo' } as const
    const described = describeJob({ ...status, state: 'FAILED', error }, now)
    expect(described.details).toContain('The selection is empty.')
    expect(described.fraction).toBeUndefined()
  })

  it('reads any engine’s stage', () => {
    expect(stageName('load-models')).toBe('Load models')
    expect(stageName('done')).toBe('Storing the result')
  })
})
