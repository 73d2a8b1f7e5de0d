import type { Client } from '@gen3d/client/client'
import { waitForJob } from '@gen3d/client/wait'
import type { JobStatus, ReconstructResponse } from '@gen3d/shared/api'
import { CliError, EXIT } from './errors.ts'
import { createProgressBar } from './progress-bar.ts'
import type { Terminal } from './terminal.ts'

/**
 * Waits for the end of a job behind a progress bar and resolves with its COMPLETED status. Throws CliError with exit
 * code 4 for any other end. Ctrl-C stops the waiting, not the job.
 */
export async function followJob(client: Client, jobId: string, terminal: Terminal): Promise<JobStatus> {
  const bar = createProgressBar(terminal.draw)
  try {
    const status = await waitForJob(client, jobId, {
      signal: terminal.signal,
      onStatus: (now) => bar.show(toLabel(now), now.progress),
      onTrouble: () => bar.show('No answer; asking again', null),
    })
    if (status.state === 'COMPLETED') return status
    throw new CliError(describeEnd(status), EXIT.jobFailed)
  } catch (error) {
    bar.end()
    if (terminal.signal.aborted) {
      terminal.note(`Job ${jobId} goes on. See gen3d status ${jobId}, or stop it with gen3d cancel ${jobId}.`)
    }
    throw error
  } finally {
    bar.end()
  }
}

function describeEnd({ job_id, state, error }: JobStatus): string {
  if (error) return `Job ${job_id}: ${error.message}`
  if (state === 'CANCELLED') return `Job ${job_id} was cancelled. Run it again with gen3d retry ${job_id}.`
  return `Job ${job_id} ended as ${state}. Run it again with gen3d retry ${job_id}.`
}

function toLabel(status: JobStatus): string {
  if (status.state === 'RUNNING') return status.stage ?? 'Working'
  const ahead = status.queue_position ? `, ${status.queue_position} before it` : ''
  const estimate = status.estimated_wait_seconds
  const wait = estimate ? `, ${Math.round(estimate.low)}-${Math.round(estimate.high)} s` : ''
  return `Waiting${ahead}${wait}`
}

/** The objects of a finished reconstruct; throws CliError for a job that made none. */
export function toReconstructResult(status: JobStatus): ReconstructResponse {
  const { result } = status
  if (result && 'objects' in result) return result
  if (status.state === 'COMPLETED') {
    throw new CliError(
      `Job ${status.job_id} is ${status.kind === 'embed' ? 'an embed' : 'a select'}: it makes no files to download.`,
    )
  }
  throw new CliError(
    `Job ${status.job_id} has no result: it is ${status.state}.`,
    ['QUEUED', 'RUNNING'].includes(status.state) ? EXIT.failure : EXIT.jobFailed,
  )
}
