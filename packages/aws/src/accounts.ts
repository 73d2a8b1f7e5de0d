import type { Accounts } from '@gen3d/jobs/ports'
import { AwsCallError, jsonCall } from './signed-call.ts'

export class CognitoAccounts implements Accounts {
  readonly #userPoolId: string
  constructor(userPoolId: string) {
    this.#userPoolId = userPoolId
  }

  async deleteUser(username: string) {
    try {
      await jsonCall({
        service: 'cognito-idp',
        host: 'cognito-idp',
        endpointName: 'COGNITO_IDENTITY_PROVIDER',
        target: 'AWSCognitoIdentityProviderService.AdminDeleteUser',
        input: { UserPoolId: this.#userPoolId, Username: username },
      })
    } catch (error) {
      if (!(error instanceof AwsCallError && error.type === 'UserNotFoundException')) throw error
    }
  }
}
