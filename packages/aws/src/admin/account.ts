/** Where an operator's calls go: region and credentials, shown before anything is done. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { AwsClient } from 'aws4fetch'
import { AwsCallError, toCallError } from '../signed-call.ts'

export interface AccountOptions {
  readonly region: string
  /** Of ~/.aws; left out: AWS_PROFILE, the environment, SSO, the instance's role. */
  readonly profile?: string
  /** Instead of all those. */
  readonly credentials?: Credentials
}

export type Credentials = () => Promise<{
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}>

export interface Account {
  readonly region: string
  readonly credentials: Credentials
  /** A call of a service that speaks AWS JSON; `target` is its header, `Service.Operation`. */
  json(service: JsonService, target: string, input: object): Promise<Record<string, unknown>>
  /** The outputs of a stack by their keys; null when there is no such stack. */
  stackOutputs(name: string): Promise<Readonly<Record<string, string>> | null>
}

/** Endpoint prefix, signing name, name in AWS_ENDPOINT_URL_*, content type. */
const JSON_SERVICES = {
  codebuild: ['codebuild', 'codebuild', 'CODEBUILD', '1.1'],
  cognito: ['cognito-idp', 'cognito-idp', 'COGNITO_IDENTITY_PROVIDER', '1.1'],
  ecr: ['api.ecr', 'ecr', 'ECR', '1.1'],
  quotas: ['servicequotas', 'servicequotas', 'SERVICE_QUOTAS', '1.1'],
  sagemaker: ['api.sagemaker', 'sagemaker', 'SAGEMAKER', '1.1'],
  secrets: ['secretsmanager', 'secretsmanager', 'SECRETS_MANAGER', '1.1'],
  sqs: ['sqs', 'sqs', 'SQS', '1.0'],
  ssm: ['ssm', 'ssm', 'SSM', '1.1'],
} as const
export type JsonService = keyof typeof JSON_SERVICES

export function openAccount({ region, profile, ...options }: AccountOptions): Account {
  const credentials = options.credentials ?? fromNodeProviderChain({ profile, clientConfig: { region } })
  const cloudFormation = new CloudFormationClient({ region, credentials })
  return {
    region,
    credentials,
    async json(service, target, input) {
      const [host, signingName, endpointName, version] = JSON_SERVICES[service]
      const endpoint = endpointOf(endpointName) ?? `https://${host}.${region}.amazonaws.com`
      const client = new AwsClient({ ...(await credentials()), service: signingName, region, retries: 3 })
      const answer = await client.fetch(`${endpoint}/`, {
        method: 'POST',
        headers: { 'Content-Type': `application/x-amz-json-${version}`, 'X-Amz-Target': target },
        body: JSON.stringify(input),
      })
      const text = await answer.text()
      if (!answer.ok) throw toCallError(service, answer, text)
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    },
    async stackOutputs(name) {
      try {
        const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }))
        const pairs = (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [
          OutputKey,
          OutputValue,
        ])
        return Object.fromEntries(pairs)
      } catch (error) {
        if ((error as Error).name === 'ValidationError') return null
        throw error
      }
    },
  }
}

function endpointOf(name: string): string | undefined {
  const endpoint = process.env[`AWS_ENDPOINT_URL_${name}`] || process.env.AWS_ENDPOINT_URL
  return endpoint?.replace(/\/$/, '')
}

export function isCallError(error: unknown, ...types: readonly string[]): boolean {
  return error instanceof AwsCallError && types.includes(error.type)
}
