import { type Failure, Manifest } from '@gen3d/shared/inference'
import { JOB_FILES } from '@gen3d/shared/keys'
import { findFault } from '@gen3d/shared/validate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bucket, emptyMask, openBucket, putJob, readJson } from '../conformance/bucket.contract.ts'

let bucket: Bucket
let handler: (event: unknown) => Promise<unknown>

beforeAll(async () => {
  bucket = await openBucket()
  // Loaded now: it makes its client from the environment, as on Lambda.
  handler = (await import('./lambda.ts')).handler
})
afterAll(() => bucket.stop())

test('runs the event as a job and answers with its attempt', async () => {
  const request = await putJob(bucket, 'reconstruct')
  expect(await handler(request)).toMatchObject({ job_id: request.job_id, won: true })
  expect(findFault(Manifest, await readJson(bucket, request, JOB_FILES.manifest))).toBeNull()
})

test('throws for a failed job, so that the failure destination hears of it', async () => {
  const request = await putJob(bucket, 'reconstruct', { masks: [{ name: 'none', png: emptyMask() }] })
  await expect(handler(request)).rejects.toThrow('empty_mask')
  expect((await readJson<Failure>(bucket, request, JOB_FILES.failure))?.code).toBe('empty_mask')
})

test('throws for an event that is no request', async () => {
  await expect(handler({ kind: 'embed' })).rejects.toThrow('invalid_request')
})
