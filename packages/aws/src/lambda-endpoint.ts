import type { EndpointObserver, EndpointSnapshot, InferenceEndpoint, Invocation } from '@gen3d/jobs/ports'
import { signedCall } from './signed-call.ts'

/** What the engine's Lambda is handed: it reads the request from the bucket, as the endpoint would. */
export interface LambdaInvocation {
  readonly bucket: string
  readonly request_key: string
}

/** The engine as a Lambda, invoked asynchronously: the same port, request and manifest as the endpoint. */
export class LambdaEndpoint implements InferenceEndpoint, EndpointObserver {
  readonly #bucket: string
  readonly #functionName: string
  constructor(bucket: string, functionName: string) {
    this.#bucket = bucket
    this.#functionName = functionName
  }

  async invoke(call: Invocation) {
    const payload: LambdaInvocation = { bucket: this.#bucket, request_key: call.requestKey }
    await signedCall({
      service: 'lambda',
      endpointName: 'LAMBDA',
      path: `/2015-03-31/functions/${encodeURIComponent(this.#functionName)}/invocations`,
      headers: { 'Content-Type': 'application/json', 'X-Amz-Invocation-Type': 'Event' },
      body: JSON.stringify(payload),
      retries: 0,
    })
    // The engine leaves failure.json; what kills it is seen by its time-out.
    return { failureKey: null }
  }

  async describe(): Promise<EndpointSnapshot> {
    // Lambda starts as many as are needed, within seconds.
    return { status: 'ready', instances: null }
  }
}
