/** A job's status in words; nothing that the API did not say. */
import type { JobStatus } from '@gen3d/shared/api'
import { isOpen } from '@gen3d/shared/job-states'
import { strings } from '../strings.ts'

const text = strings.wait

export interface Description {
  readonly headline: string
  /** Sentences below, in order. */
  readonly details: readonly string[]
  /** 0-1; null: nobody knows; undefined: there is nothing to show. */
  readonly fraction: number | null | undefined
}

/** `reflect_light` becomes `Reflect light`; engines name their own stages. */
export function stageName(stage: string): string {
  // The engine is done; the result still has to be seen in the bucket.
  if (stage === 'done') return text.storing
  const words = stage.replaceAll(/[_-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function secondsBetween(from: string, to: string | number): number {
  return Math.max(0, (new Date(to).getTime() - new Date(from).getTime()) / 1000)
}

/** From submit to end; null while nobody knows. */
export function tookSeconds(status: JobStatus): number | null {
  return status.finished_at ? secondsBetween(status.created_at, status.finished_at) : null
}

export function describeJob(status: JobStatus, now: number): Description {
  const estimate = status.estimated_wait_seconds
  const wait = estimate ? [text.estimate(estimate.low, estimate.high, estimate.basis === 'measured')] : []
  if (isOpen(status.state)) {
    const usual = status.waking?.mean_seconds ?? null
    const soFar = text.passed(secondsBetween(status.created_at, now))
    const passed = usual === null ? soFar : `${soFar}; ${text.usualWaking(usual)}`
    const working = status.state === 'RUNNING'
    const stage = status.stage ? stageName(status.stage) : text.states.running
    return {
      headline: working ? stage : status.waking ? text.waking : text.states.queued(status.queue_position),
      details: [passed, ...wait],
      fraction: working ? status.progress : null,
    }
  }
  const ended = status.state as Exclude<typeof status.state, 'QUEUED' | 'RUNNING'>
  const details = status.error ? [status.error.message] : []
  const seconds = ended === 'COMPLETED' ? tookSeconds(status) : null
  if (seconds !== null) details.push(text.took(seconds))
  if (status.mail === 'rejected') details.push(text.mailRejected)
  return { headline: text.states[ended], details, fraction: undefined }
}
