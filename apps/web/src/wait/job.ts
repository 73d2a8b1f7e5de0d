/** A job that the page follows to its end. */
import type { Client } from '@gen3d/client/client'
import { waitForJob } from '@gen3d/client/wait'
import type { JobStatus } from '@gen3d/shared/api'
import { type Signal, signal } from '@preact/signals'

export interface FollowedJob {
  readonly jobId: string
  readonly status: Signal<JobStatus | null>
  /** The last question was not answered; it is asked again. */
  readonly trouble: Signal<boolean>
  readonly fault: Signal<unknown>
  stop(): void
}

/** Asks until the job has ended; `onEnd` is called once, with its last status. */
export function followJob(client: Client, jobId: string, onEnd: (status: JobStatus) => void): FollowedJob {
  const status = signal<JobStatus | null>(null)
  const trouble = signal(false)
  const fault = signal<unknown>(null)
  const stop = new AbortController()
  waitForJob(client, jobId, {
    signal: stop.signal,
    onStatus: (now) => {
      trouble.value = false
      status.value = now
    },
    onTrouble: () => {
      trouble.value = true
    },
  }).then(onEnd, (error) => {
    if (!stop.signal.aborted) fault.value = error
  })
  return { jobId, status, trouble, fault, stop: () => stop.abort() }
}
