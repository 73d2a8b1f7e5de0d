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
  /** A GET of SES v2, the one service here that speaks REST. */
  ses(path: string): Promise<Record<string, unknown>>
  /** Whose credentials these are. */
  identity(): Promise<{ readonly account: string; readonly arn: string }>
  /** The outputs of a stack by their keys; null when there is no such stack. */
  stackOutputs(name: string): Promise<Readonly<Record<string, string>> | null>
  /** When a stack was last changed; null when there is no such stack. */
  stackChanged(name: string): Promise<Date | null>
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
  // Made late, so that it sees the endpoint of the call's time, as the other calls do.
  const createCloudFormation = () => new CloudFormationClient({ region, credentials })
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
    async ses(path) {
      const endpoint = endpointOf('SESV2') ?? `https://email.${region}.amazonaws.com`
      const client = new AwsClient({ ...(await credentials()), service: 'ses', region, retries: 3 })
      const answer = await client.fetch(`${endpoint}${path}`)
      const text = await answer.text()
      if (!answer.ok) throw toCallError('ses', answer, text)
      return JSON.parse(text) as Record<string, unknown>
    },
    async identity() {
      const endpoint = endpointOf('STS') ?? `https://sts.${region}.amazonaws.com`
      const client = new AwsClient({ ...(await credentials()), service: 'sts', region, retries: 3 })
      const answer = await client.fetch(`${endpoint}/`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'Action=GetCallerIdentity&Version=2011-06-15',
      })
      const text = await answer.text()
      const field = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(text)?.[1] ?? ''
      if (!answer.ok) throw new AwsCallError('sts', answer.status, field('Code'), field('Message'))
      return { account: field('Account'), arn: field('Arn') }
    },
    async stackOutputs(name) {
      const stack = await readStack(name)
      return (
        stack &&
        Object.fromEntries(
          (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
        )
      )
    },
    async stackChanged(name) {
      const stack = await readStack(name)
      return stack?.LastUpdatedTime ?? stack?.CreationTime ?? null
    },
  }

  async function readStack(name: string) {
    try {
      const { Stacks } = await createCloudFormation().send(new DescribeStacksCommand({ StackName: name }))
      return Stacks?.[0] ?? null
    } catch (error) {
      if ((error as Error).name === 'ValidationError') return null
      throw error
    }
  }
}

function endpointOf(name: string): string | undefined {
  const endpoint = process.env[`AWS_ENDPOINT_URL_${name}`] || process.env.AWS_ENDPOINT_URL
  return endpoint?.replace(/\/$/, '')
}

export function isCallError(error: unknown, ...types: readonly string[]): boolean {
  return error instanceof AwsCallError && types.includes(error.type)
}
