/** What `gen3d admin` asks of one deployment: a stage in a region. Each call tells one fact. */
import { type Account, isCallError } from './account.ts'
import { type BucketState, openBucket } from './bucket.ts'
import { createBuilds } from './builds.ts'

type Outputs = Readonly<Record<string, string>>

export interface Endpoint {
  readonly status: string
  readonly reason: string
  /** Name of the configuration that runs. */
  readonly configuration: string
}

export interface Operator {
  readonly stage: string
  readonly region: string
  identity(): Promise<{ readonly account: string; readonly arn: string }>
  /** Of `foundation`, `inference`, `api`, `notify` or `web`; null when it is not deployed here. */
  outputs(service: string): Promise<Outputs | null>
  bucketState(bucket: string): Promise<BucketState>
  /** What `gen3d admin image` and `weights` recorded; `none` before that. */
  recorded(name: 'image-uri' | 'weights'): Promise<string>
  /** Machines of a type that an endpoint may have; null when the account has no such quota. */
  endpointQuota(instanceType: string): Promise<number | null>
  endpoint(name: string): Promise<Endpoint | null>
  /** True while SES delivers to verified addresses only. */
  mailSandbox(): Promise<boolean>
  mailVerified(identity: string): Promise<boolean>
  messagesIn(queueUrl: string): Promise<number>
}

export function createOperator(account: Account, stage: string): Operator {
  return {
    stage,
    region: account.region,
    identity: () => account.identity(),
    outputs: (service) => account.stackOutputs(`gen3d-${service}-${stage}`),
    recorded: (name) => createBuilds(account, stage).recorded(name),
    bucketState: (bucket) => openBucket(bucket, account).state(),

    async endpointQuota(instanceType) {
      const wanted = `${instanceType} for endpoint usage`
      let NextToken: unknown
      do {
        const page = await account.json('quotas', 'ServiceQuotasV20190624.ListServiceQuotas', {
          ServiceCode: 'sagemaker',
          MaxResults: 100,
          ...(NextToken ? { NextToken } : {}),
        })
        const quotas = (page.Quotas ?? []) as { QuotaName: string; Value: number }[]
        const found = quotas.find(({ QuotaName }) => QuotaName === wanted)
        if (found) return found.Value
        NextToken = page.NextToken
      } while (NextToken)
      return null
    },

    async endpoint(name) {
      try {
        const { EndpointStatus, FailureReason, EndpointConfigName } = await account.json(
          'sagemaker',
          'SageMaker.DescribeEndpoint',
          { EndpointName: name },
        )
        return {
          status: String(EndpointStatus),
          reason: String(FailureReason ?? ''),
          configuration: String(EndpointConfigName),
        }
      } catch (error) {
        if (isCallError(error, 'ValidationException')) return null
        throw error
      }
    },

    async mailSandbox() {
      return (await account.ses('/v2/email/account')).ProductionAccessEnabled !== true
    },

    async mailVerified(identity) {
      try {
        const answer = await account.ses(`/v2/email/identities/${encodeURIComponent(identity)}`)
        return answer.VerifiedForSendingStatus === true
      } catch (error) {
        if (isCallError(error, 'NotFoundException')) return false
        throw error
      }
    },

    async messagesIn(queueUrl) {
      const { Attributes } = await account.json('sqs', 'AmazonSQS.GetQueueAttributes', {
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages'],
      })
      return Number((Attributes as Record<string, string>)?.ApproximateNumberOfMessages ?? 0)
    },
  }
}
