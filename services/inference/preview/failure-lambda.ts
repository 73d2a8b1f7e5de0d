/**
 * Where Lambda sends a call of the engine that threw, crashed, ran out of time or waited too long: it leaves the failure
 * object that the endpoint would leave, which notify hears of.
 */
import { createS3Client, S3ObjectStore } from '@gen3d/aws/object-store'
import { INFERENCE_CONTENT_TYPE } from '@gen3d/shared/inference'
import { PREFIXES } from '@gen3d/shared/keys'
import { textOf } from './job-runner.ts'

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
interface FailedCall {
  readonly requestContext?: { readonly condition?: string }
  readonly requestPayload?: unknown
  readonly responsePayload?: unknown
}

const client = createS3Client()

export async function handler(call: FailedCall): Promise<void> {
  const bucket = textOf(call.requestPayload, 'bucket')
  const jobId = textOf(call.requestPayload, 'job_id')
  if (!bucket || !jobId) throw new Error('a failed call without bucket or job_id')
  const body = JSON.stringify({
    condition: call.requestContext?.condition ?? null,
    error: textOf(call.responsePayload, 'errorMessage').slice(0, 1000),
  })
  const objects = new S3ObjectStore(bucket, client)
  await objects.put(`${PREFIXES.failures}${jobId}-error.out`, body, { contentType: INFERENCE_CONTENT_TYPE })
}
