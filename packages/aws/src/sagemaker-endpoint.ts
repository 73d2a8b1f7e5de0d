import { InvokeEndpointAsyncCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime'
import type { InferenceEndpoint, Invocation } from '@gen3d/jobs/ports'
import { INFERENCE_CONTENT_TYPE } from '@gen3d/shared/inference'

/** The asynchronous endpoint. It knows no idempotency token, so the SDK must not repeat a call by itself. */
export class SageMakerEndpoint implements InferenceEndpoint {
  readonly #bucket: string
  readonly #endpointName: string
  readonly #client: SageMakerRuntimeClient
  constructor(bucket: string, endpointName: string, client = new SageMakerRuntimeClient({ maxAttempts: 1 })) {
    this.#bucket = bucket
    this.#endpointName = endpointName
    this.#client = client
  }

  async invoke(call: Invocation) {
    const answer = await this.#client.send(
      new InvokeEndpointAsyncCommand({
        EndpointName: this.#endpointName,
        ContentType: INFERENCE_CONTENT_TYPE,
        Accept: INFERENCE_CONTENT_TYPE,
        InferenceId: call.jobId,
        InputLocation: `s3://${this.#bucket}/${call.requestKey}`,
        S3OutputPathExtension: call.outputPrefix,
        Filename: call.outputName,
        RequestTTLSeconds: call.requestTtlSeconds,
        InvocationTimeoutSeconds: call.invocationTimeoutSeconds,
      }),
    )
    const prefix = `s3://${this.#bucket}/`
    const location = answer.FailureLocation
    return { failureKey: location?.startsWith(prefix) ? location.slice(prefix.length) : null }
  }
}
