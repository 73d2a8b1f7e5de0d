/** What an operator does by hand or by script, beside the product's own calls. Takes its credentials as arguments. */
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider'

export interface AdminOptions {
  readonly region: string
  /** Left out: AWS's own. */
  readonly cognitoEndpoint?: string
  /** Left out: the SDK's default chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** Makes the operator's calls. */
export function createAdmin({ region, cognitoEndpoint, credentials }: AdminOptions) {
  const cognito = new CognitoIdentityProviderClient({ region, endpoint: cognitoEndpoint, credentials })
  return {
    /** Makes a user with a verified address and a lasting password, or sets the password of the one there is. No mail goes out. */
    async ensureUser(userPoolId: string, email: string, password: string): Promise<void> {
      try {
        await cognito.send(
          new AdminCreateUserCommand({
            UserPoolId: userPoolId,
            Username: email,
            MessageAction: 'SUPPRESS',
            UserAttributes: [
              { Name: 'email', Value: email },
              { Name: 'email_verified', Value: 'true' },
            ],
          }),
        )
      } catch (error) {
        if (!(error instanceof UsernameExistsException)) throw error
      }
      await cognito.send(
        new AdminSetUserPasswordCommand({
          UserPoolId: userPoolId,
          Username: email,
          Password: password,
          Permanent: true,
        }),
      )
    },
  }
}
