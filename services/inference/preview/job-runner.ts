/** What the process and the Lambda share: from a request to executeJob with S3, a clock and new ids. */
import { createS3Client, S3ObjectStore } from '@gen3d/aws/object-store'
import { type ExecuteAnswer, executeJob } from '@gen3d/jobs/execute-job'
import type { Log } from '@gen3d/jobs/ports'
import type { Engine } from '@gen3d/shared/engine'
import { monotonicFactory } from 'ulid'

export type JobRunner = (request: unknown, engine: Engine) => Promise<ExecuteAnswer>

export function createJobRunner(log: Log): JobRunner {
  const client = createS3Client()
  const newUlid = monotonicFactory()
  const clock = { now: () => new Date() }
  return (request, engine) => {
    const objects = new S3ObjectStore(textOf(request, 'bucket'), client)
    return executeJob(request, { objects, engine, clock, newUlid, log })
  }
}

/** A text field of a request that nobody has checked yet; empty where there is none. */
export function textOf(request: unknown, field: string): string {
  const value = (request as Record<string, unknown> | null)?.[field]
  return typeof value === 'string' ? value : ''
}
