import {
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  ForgotPasswordCommand,
  ListUsersCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, test } from 'vitest'
import {
  ClientId,
  errorOf,
  getUser,
  key,
  Password,
  pool,
  refresh,
  region,
  signedIn,
  signIn,
  signUp,
  Username,
  UserPoolId,
} from './cognito-fixture.ts'

describe('administration', () => {
  const invite = (more: object = {}) =>
    pool.client.send(new AdminCreateUserCommand({ UserPoolId, Username, ...more }))

  test('invites with a temporary password that must be replaced at the first sign-in', async () => {
    const made = await invite({ UserAttributes: [{ Name: 'email_verified', Value: 'true' }] })
    expect(made.User).toMatchObject({ UserStatus: 'FORCE_CHANGE_PASSWORD', Enabled: true })
    const temporary = /temporary password is (\S+)/.exec(pool.mails[0].text)![1]
    const challenge = await signIn(temporary)
    expect(challenge.ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    const respond = (NEW_PASSWORD: string, Session = challenge.Session) =>
      pool.client.send(
        new RespondToAuthChallengeCommand({
          ClientId,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session,
          ChallengeResponses: { USERNAME: Username, NEW_PASSWORD },
        }),
      )
    expect((await errorOf(respond('weak')))[0]).toBe('InvalidPasswordException')
    expect(await errorOf(respond(Password, 'made-up-session-0000000'))).toEqual([
      'NotAuthorizedException',
      'Invalid session for the user.',
    ])
    expect((await respond(Password)).AuthenticationResult?.IdToken).toBeDefined()
    expect((await errorOf(respond(Password)))[0]).toBe('NotAuthorizedException')
    expect((await signIn()).AuthenticationResult).toBeDefined()
    expect((await errorOf(signIn(temporary)))[0]).toBe('NotAuthorizedException')
  })

  test('a temporary password ends after seven days and can be sent anew', async () => {
    await invite()
    const temporary = () => /temporary password is (\S+)/.exec(pool.mails.at(-1)!.text)![1]
    pool.nowMs += 7 * 86_400_000 + 1
    expect((await errorOf(signIn(temporary())))[1]).toContain('Temporary password has expired')
    await invite({ MessageAction: 'RESEND' })
    expect((await signIn(temporary())).ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    expect((await errorOf(invite()))[0]).toBe('UsernameExistsException')
  })

  test('sets, reads, disables, signs out, confirms and deletes accounts', async () => {
    const { access, refresh: token } = await signedIn()
    const to = { UserPoolId, Username }
    await pool.client.send(
      new AdminSetUserPasswordCommand({ ...to, Password: 'Another-one-2', Permanent: true }),
    )
    expect((await signIn('Another-one-2')).AuthenticationResult).toBeDefined()
    const read = await pool.client.send(new AdminGetUserCommand(to))
    expect(read.UserStatus).toBe('CONFIRMED')
    expect(read.UserCreateDate?.getTime()).toBe(pool.nowMs)
    await pool.client.send(
      new AdminUpdateUserAttributesCommand({
        ...to,
        UserAttributes: [{ Name: 'email_verified', Value: 'false' }],
      }),
    )
    const forgot = pool.client.send(new ForgotPasswordCommand({ ClientId, Username }))
    expect((await errorOf(forgot))[0]).toBe('InvalidParameterException')
    await pool.client.send(new AdminDisableUserCommand(to))
    expect((await errorOf(signIn('Another-one-2')))[1]).toBe('User is disabled.')
    await pool.client.send(new AdminEnableUserCommand(to))
    await pool.client.send(new AdminUserGlobalSignOutCommand(to))
    expect((await errorOf(refresh(token)))[0]).toBe('NotAuthorizedException')
    expect((await errorOf(getUser(access)))[0]).toBe('NotAuthorizedException')
    await pool.client.send(
      new AdminSetUserPasswordCommand({ ...to, Password: 'Another-one-3', Permanent: false }),
    )
    expect((await signIn('Another-one-3')).ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    await pool.client.send(new AdminDeleteUserCommand(to))
    expect((await errorOf(pool.client.send(new AdminGetUserCommand(to))))[0]).toBe('UserNotFoundException')
    await signUp('carl@example.com')
    await pool.client.send(new AdminConfirmSignUpCommand({ UserPoolId, Username: 'carl@example.com' }))
    expect((await signIn(Password, 'carl@example.com')).AuthenticationResult).toBeDefined()
  })

  test('lists by page and filter', async () => {
    for (const name of ['ann', 'bob', 'carl']) {
      await invite({ Username: `${name}@example.com`, MessageAction: 'SUPPRESS' })
    }
    expect(pool.mails).toEqual([])
    const first = await pool.client.send(new ListUsersCommand({ UserPoolId, Limit: 2 }))
    expect(first.Users?.length).toBe(2)
    const rest = await pool.client.send(
      new ListUsersCommand({ UserPoolId, PaginationToken: first.PaginationToken }),
    )
    expect(rest.Users?.length).toBe(1)
    expect(rest.PaginationToken).toBeUndefined()
    const filtered = await pool.client.send(new ListUsersCommand({ UserPoolId, Filter: 'email ^= "bo"' }))
    expect(filtered.Users?.[0].Attributes).toContainEqual({ Name: 'email', Value: 'bob@example.com' })
    const broken = pool.client.send(new ListUsersCommand({ UserPoolId, Filter: 'email like x' }))
    expect((await errorOf(broken))[0]).toBe('InvalidParameterException')
  })

  test('refuses unsigned, unknown and wrongly signed callers', async () => {
    const call = async (credentials: { accessKeyId: string; secretAccessKey: string }) => {
      const other = new CognitoIdentityProviderClient({
        region,
        endpoint: pool.cognito.endpoint,
        credentials,
        maxAttempts: 1,
      })
      return (await errorOf(other.send(new ListUsersCommand({ UserPoolId }))))[0]
    }
    expect(await call({ ...key, secretAccessKey: 'guess' })).toBe('InvalidSignatureException')
    expect(await call({ ...key, accessKeyId: 'OTHER' })).toBe('UnrecognizedClientException')
    const unsigned = await fetch(pool.cognito.endpoint, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.ListUsers' },
      body: JSON.stringify({ UserPoolId }),
    })
    expect(unsigned.status).toBe(403)
    expect((await unsigned.json()).__type).toBe('MissingAuthenticationTokenException')
  })

  test('serves nothing but its operations', async () => {
    for (const name of ['requirePassword', 'askPreSignUp', 'constructor', '__proto__', 'DescribeUserPool']) {
      const response = await fetch(pool.cognito.endpoint, {
        method: 'POST',
        headers: { 'X-Amz-Target': `AWSCognitoIdentityProviderService.${name}` },
        body: '{}',
      })
      expect([response.status, (await response.json()).__type]).toEqual([400, 'UnknownOperationException'])
    }
  })
})
