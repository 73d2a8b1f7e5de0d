/** Everything that is made once, from the environment. A wrong value stops the cold start and is named. */
import { CognitoAccounts } from '@gen3d/aws/accounts'
import { type AwsWorld, createAwsWorld } from '@gen3d/aws/aws-world'
import { readConfig, readVariable } from '@gen3d/aws/config'
import { JsonLog } from '@gen3d/aws/log'
import type { Accounts } from '@gen3d/jobs/ports'
import { ENV } from '@gen3d/shared/names'

export type ApiWorld = AwsWorld & { readonly accounts: Accounts }

export function wire(env: NodeJS.ProcessEnv): { world: ApiWorld; siteOrigin: string } {
  const world = createAwsWorld(readConfig(env), new JsonLog({ service: 'api' }))
  const accounts = new CognitoAccounts(readVariable(env, ENV.userPoolId))
  return { world: { ...world, accounts }, siteOrigin: readVariable(env, ENV.siteOrigin) }
}
