import type { InferenceEndpoint, Invocation } from '@gen3d/jobs/ports'
import { INFERENCE_CONTENT_TYPE } from '@gen3d/shared/inference'
import { signedCall } from './signed-call.ts'

/**
 * The asynchronous endpoint (InvokeEndpointAsync). The operation is one POST whose parameters are headers; it knows no
 * idempotency token, so a call is never repeated here: the sweep does that after a look at the bucket.
 */
export class SageMakerEndpoint implements InferenceEndpoint {
  readonly queues = true
  readonly #bucket: string
  readonly #endpointName: string
  constructor(bucket: string, endpointName: string) {
    this.#bucket = bucket
    this.#endpointName = endpointName
  }

  async invoke(call: Invocation) {
    const { headers } = await signedCall({
      service: 'sagemaker',
      host: 'runtime.sagemaker',
      endpointName: 'SAGEMAKER_RUNTIME',
      path: `/endpoints/${encodeURIComponent(this.#endpointName)}/async-invocations`,
      headers: {
        'X-Amzn-SageMaker-Content-Type': INFERENCE_CONTENT_TYPE,
        'X-Amzn-SageMaker-Accept': INFERENCE_CONTENT_TYPE,
        'X-Amzn-SageMaker-Inference-Id': call.jobId,
        'X-Amzn-SageMaker-InputLocation': `s3://${this.#bucket}/${call.requestKey}`,
        'X-Amzn-SageMaker-S3OutputPathExtension': call.outputPrefix,
        'X-Amzn-SageMaker-Filename': call.outputName,
        'X-Amzn-SageMaker-RequestTTLSeconds': String(call.requestTtlSeconds),
        'X-Amzn-SageMaker-InvocationTimeoutSeconds': String(call.invocationTimeoutSeconds),
      },
      body: '',
      retries: 0,
    })
    return { failureKey: this.#toKey(headers.get('X-Amzn-SageMaker-FailureLocation')) }
  }

  #toKey(location: string | null): string | null {
    const prefix = `s3://${this.#bucket}/`
    return location?.startsWith(prefix) ? location.slice(prefix.length) : null
  }
}
