import type { EndpointObserver, EndpointSnapshot, InferenceEndpoint, Invocation } from '@gen3d/jobs/ports'
import { signedCall } from './signed-call.ts'

/** The engine as a Lambda, invoked asynchronously: the same port, request and manifest as the endpoint. */
export class LambdaEndpoint implements InferenceEndpoint, EndpointObserver {
  readonly queues = false
  readonly #functionName: string
  constructor(functionName: string) {
    this.#functionName = functionName
  }

  async invoke(call: Invocation) {
    await signedCall({
      service: 'lambda',
      host: 'lambda',
      endpointName: 'LAMBDA',
      path: `/2015-03-31/functions/${encodeURIComponent(this.#functionName)}/invocations`,
      headers: { 'Content-Type': 'application/json', 'X-Amz-Invocation-Type': 'Event' },
      body: JSON.stringify(call.request),
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
