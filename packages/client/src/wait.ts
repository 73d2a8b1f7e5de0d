/** Follows a job to its end. */
import type { JobStatus } from '@gen3d/shared/api'
import { isOpen } from '@gen3d/shared/job-states'
import type { Client } from './client.ts'
import { ApiError, NetworkError } from './errors.ts'

export interface WaitOptions {
  readonly signal?: AbortSignal
  readonly onStatus?: (status: JobStatus) => void
  /** Called when an answer did not come and it is asked again. */
  readonly onTrouble?: (error: Error) => void
  /** Give up asking after so many seconds; the job itself goes on. Default: 7 hours, more than any job may take. */
  readonly timeoutSeconds?: number
}

const DEFAULT_TIMEOUT_SECONDS = 7 * 3600
const TROUBLE_SECONDS = 3
/** Retry-After counts whole seconds, a small job takes less: so short at first, then a part of what has passed. */
const FIRST_PAUSE_SECONDS = 0.2
const PAUSE_SHARE = 0.25

function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, seconds * 1000)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Whether asking again may help: no answer, throttled, or an error on the other side. */
function isPassing(error: unknown): error is Error {
  return (
    error instanceof NetworkError ||
    (error instanceof ApiError && (error.status === 429 || error.status >= 500))
  )
}

/** Resolves with the status in which the job ended, whatever state that is; rejects on the signal or the time-out. */
export async function waitForJob(
  client: Client,
  jobId: string,
  options: WaitOptions = {},
): Promise<JobStatus> {
  const start = Date.now()
  const end = start + (options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000
  for (;;) {
    options.signal?.throwIfAborted()
    let pause = TROUBLE_SECONDS
    try {
      const { status, retryAfterSeconds } = await client.readStatus(jobId, {
        signal: options.signal,
      })
      options.onStatus?.(status)
      if (!isOpen(status.state)) return status
      const passed = (Date.now() - start) / 1000
      pause = Math.min(retryAfterSeconds ?? 1, Math.max(FIRST_PAUSE_SECONDS, passed * PAUSE_SHARE))
    } catch (error) {
      if (!isPassing(error)) throw error
      options.onTrouble?.(error)
    }
    if (Date.now() + pause * 1000 > end)
      throw new NetworkError(`Job ${jobId} has not ended in time; it goes on.`)
    await sleep(pause, options.signal)
  }
}
