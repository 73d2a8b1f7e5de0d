/**
 * Kinds and states of a job, and every transition there is. A transition is one conditional write: it happens only from
 * the states listed here, so that events which come twice, late or out of order change nothing that must not change.
 */
export const JOB_KINDS = ['embed', 'select', 'reconstruct'] as const
export type JobKind = (typeof JOB_KINDS)[number]

export const JOB_STATES = ['QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'EXPIRED', 'CANCELLED'] as const
export type JobState = (typeof JOB_STATES)[number]

export const OPEN_STATES = ['QUEUED', 'RUNNING'] as const satisfies readonly JobState[]
/** From here `POST /jobs/{job_id}/retry` makes a new job. */
const RETRYABLE_STATES = ['FAILED', 'EXPIRED', 'CANCELLED'] as const satisfies readonly JobState[]

export const TRANSITIONS = {
  /** Seen only when somebody looks, so a job may end without it. */
  start: { from: ['QUEUED'], to: 'RUNNING' },
  complete: { from: ['QUEUED', 'RUNNING'], to: 'COMPLETED' },
  /** A result that came after the job was given up: the person still gets it. */
  completeLate: { from: ['EXPIRED', 'FAILED'], to: 'COMPLETED' },
  fail: { from: ['QUEUED', 'RUNNING'], to: 'FAILED' },
  expire: { from: ['QUEUED', 'RUNNING'], to: 'EXPIRED' },
  cancel: { from: ['QUEUED', 'RUNNING'], to: 'CANCELLED' },
} as const satisfies Record<string, { from: readonly JobState[]; to: JobState }>

/** Of a FAILED job only a time-out may still become COMPLETED: any other failure was said by the engine itself. */
export const LATE_RESULT_AFTER = 'timed_out'

export function isOpen(state: JobState): boolean {
  return (OPEN_STATES as readonly JobState[]).includes(state)
}

export function isRetryable(state: JobState): boolean {
  return (RETRYABLE_STATES as readonly JobState[]).includes(state)
}
