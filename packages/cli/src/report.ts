import type { JobAccepted, JobStatus, ResultFile } from '@gen3d/shared/api'
import type { Arguments } from './arguments.ts'
import type { Planned } from './outputs.ts'
import type { Terminal } from './terminal.ts'

/** Tells of a job that was just made: with --json the API's answer, else its id alone, for scripts to take. */
export function reportJob(job: JobAccepted, args: Arguments, terminal: Terminal): void {
  terminal.out(args.has('json') ? JSON.stringify(job) : job.job_id)
}

/** Tells of files that were downloaded. */
export function reportMade(
  status: JobStatus,
  plan: readonly Planned<ResultFile>[],
  args: Arguments,
  terminal: Terminal,
): void {
  const { job_id, session_id, result } = status
  const made = result && 'objects' in result ? result : null
  if (args.has('json')) {
    const files = plan.map(({ path, object, file: { format, size_bytes } }) => ({
      path,
      object,
      format,
      size_bytes,
    }))
    const facts = { engine: made?.engine, warnings: made?.warnings, timings: status.timings }
    terminal.out(JSON.stringify({ job_id, session_id, files, ...facts }))
    return
  }
  for (const { path, file } of plan) terminal.out(`${path}  ${toSize(file.size_bytes)}`)
  for (const warning of made?.warnings ?? []) terminal.note(`Note: ${warning}`)
}

/** A job for people, in a few lines. */
export function describeJob(status: JobStatus): string {
  const { state, stage, progress, queue_position, estimated_wait_seconds: wait, result, error } = status
  const facts: [string, string | null][] = [
    ['job', status.job_id],
    ['session', status.session_id],
    ['kind', status.kind],
    ['state', state],
    ['stage', stage && `${stage}${progress === null ? '' : `, ${Math.floor(progress * 100)} %`}`],
    ['in the queue', queue_position === null ? null : `${queue_position} before it`],
    ['wait', wait && `${Math.round(wait.low)} to ${Math.round(wait.high)} s (${wait.basis})`],
    ['created', status.created_at],
    ['finished', status.finished_at],
    ['retry of', status.retry_of],
    ['error', error?.message ?? null],
    ['found', result && 'candidates' in result ? `${result.candidates.length} in the photo` : null],
    ['files', result && 'objects' in result ? listFiles(result.objects) : null],
  ]
  return facts
    .filter((fact): fact is [string, string] => Boolean(fact[1]))
    .map(([name, value]) => `${name.padEnd(13)}${value}`)
    .join('\n')
}

function listFiles(objects: readonly { name: string; files: readonly ResultFile[] }[]): string {
  return objects
    .map(
      ({ name, files }) =>
        `${name}: ${files.map((file) => `${file.format} ${toSize(file.size_bytes)}`).join(', ')}`,
    )
    .join('; ')
}

/** Bytes for people: 512 B, 38 kB, 1.4 MB, 15.3 GB. */
export function toSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${(bytes / 1e9).toFixed(1)} GB`
}
