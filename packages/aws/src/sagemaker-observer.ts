import type { EndpointObserver, EndpointSnapshot } from '@gen3d/jobs/ports'
import { AwsCallError, jsonCall } from './signed-call.ts'

interface EndpointDescription {
  readonly EndpointStatus?: string
  readonly ProductionVariants?: readonly {
    readonly CurrentInstanceCount?: number
    readonly DesiredInstanceCount?: number
  }[]
}

export class SageMakerObserver implements EndpointObserver {
  readonly #endpointName: string
  constructor(endpointName: string) {
    this.#endpointName = endpointName
  }

  async describe(): Promise<EndpointSnapshot> {
    try {
      const answer = await jsonCall({
        service: 'sagemaker',
        host: 'api.sagemaker',
        endpointName: 'SAGEMAKER',
        target: 'SageMaker.DescribeEndpoint',
        input: { EndpointName: this.#endpointName },
      })
      return toSnapshot(answer as EndpointDescription)
    } catch (error) {
      // ValidationException: there is no such endpoint (yet).
      if (error instanceof AwsCallError && error.type === 'ValidationException')
        return { status: 'unknown', instances: null }
      throw error
    }
  }
}

function toSnapshot({ EndpointStatus, ProductionVariants }: EndpointDescription): EndpointSnapshot {
  const instances = ProductionVariants?.[0]?.CurrentInstanceCount ?? null
  const wanted = ProductionVariants?.[0]?.DesiredInstanceCount ?? null
  if (EndpointStatus === 'Failed') return { status: 'failed', instances }
  if (instances !== null && instances > 0) return { status: 'ready', instances }
  if (instances === 0) return { status: wanted ? 'changing' : 'asleep', instances }
  return { status: EndpointStatus === 'InService' ? 'unknown' : 'changing', instances }
}
