import { openAccount } from '@gen3d/aws/admin/account'
import type { Serverless } from './check-parameters.ts'
import type { WebService } from './publish-site.ts'

export interface Machine {
  readonly engine: string
  readonly instanceType: string
}

/**
 * SageMaker refuses another machine type while the endpoint's scalable target stands, in the middle of the stack's
 * update: throws before anything is changed.
 */
export async function checkInstanceType(
  serverless: WebService & Pick<Serverless, 'classes'>,
  { engine, instanceType }: Machine,
): Promise<void> {
  if (engine !== 'sam3d') return
  const provider = serverless.getProvider('aws')
  const account = openAccount({
    region: provider.getRegion(),
    credentials: provider.getAwsSdkV3CredentialsProvider(),
  })
  const standing = await account.stackOutputs(provider.naming.getStackName())
  if (!standing?.EndpointName || standing.InstanceType === instanceType) return
  throw new serverless.classes.Error(
    `Nothing was deployed. The endpoint runs on ${standing.InstanceType}, and SageMaker takes no other type while it scales. Set engine: preview, deploy, change instanceType, set engine: sam3d, deploy.`,
    'GEN3D_INSTANCE_TYPE',
  )
}
