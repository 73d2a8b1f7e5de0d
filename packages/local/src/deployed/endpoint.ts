/**
 * The asynchronous endpoint as it is deployed, on this machine: its paths, concurrency, time-outs, environment and role
 * come from the model and the configuration that AWS (an emulator) holds. The container is a process of the caller's
 * choice: no image is built or pulled here, and no GPU is used.
 */
import type { ContainerOptions } from '../sagemaker/container.ts'
import { type LocalSageMaker, startSageMaker } from '../sagemaker/sagemaker.ts'
import type { SigningKey } from '../sigv4.ts'
import type { AwsCalls } from './aws-calls.ts'

export interface DeployedEndpointOptions {
  readonly name: string
  /** Where its queue is kept. */
  readonly folder: string
  readonly port: number
  /** Instead of the deployed image. */
  readonly container: Omit<ContainerOptions, 'log'>
  /** Who may invoke it. */
  readonly keyOf: (accessKeyId: string) => SigningKey | undefined
  readonly log: (line: string) => void
}

interface Configuration {
  readonly AsyncInferenceConfig: {
    readonly OutputConfig: { readonly S3OutputPath: string; readonly S3FailurePath: string }
    readonly ClientConfig: { readonly MaxConcurrentInvocationsPerInstance: number }
  }
  readonly ProductionVariants: readonly [{ readonly ModelName: string }]
}
interface Model {
  readonly ExecutionRoleArn: string
  readonly PrimaryContainer: { readonly Environment: Readonly<Record<string, string>> }
}

/** Starts the endpoint of a name; throws when it is not deployed. */
export async function startDeployedEndpoint(
  calls: AwsCalls,
  options: DeployedEndpointOptions,
): Promise<LocalSageMaker> {
  const describe = async <T>(kind: string, name: string) =>
    (await calls.json('sagemaker', `SageMaker.Describe${kind}`, { [`${kind}Name`]: name })) as T
  const { EndpointConfigName } = await describe<{ EndpointConfigName: string }>('Endpoint', options.name)
  const configuration = await describe<Configuration>('EndpointConfig', EndpointConfigName)
  const model = await describe<Model>('Model', configuration.ProductionVariants[0].ModelName)
  const key = await calls.takeRole(model.ExecutionRoleArn, 'sagemaker.amazonaws.com')
  const { endpoint, region } = calls.place
  const { OutputConfig, ClientConfig } = configuration.AsyncInferenceConfig
  return startSageMaker({
    folder: options.folder,
    port: options.port,
    region,
    keyOf: options.keyOf,
    s3: { endpoint, ...key },
    stopGraceSeconds: 5,
    log: options.log,
    endpoints: [
      {
        name: options.name,
        s3OutputPath: OutputConfig.S3OutputPath,
        s3FailurePath: OutputConfig.S3FailurePath,
        maxConcurrentInvocationsPerInstance: ClientConfig.MaxConcurrentInvocationsPerInstance,
        ...options.container,
        env: {
          ...model.PrimaryContainer.Environment,
          // A container of SageMaker's listens to its network; a process here to this machine only.
          GEN3D_ENGINE_HOST: '127.0.0.1',
          ...options.container.env,
          AWS_ENDPOINT_URL_S3: endpoint,
          AWS_REGION: region,
          AWS_ACCESS_KEY_ID: key.accessKeyId,
          AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
          ...(key.sessionToken ? { AWS_SESSION_TOKEN: key.sessionToken } : {}),
        },
      },
    ],
  })
}
