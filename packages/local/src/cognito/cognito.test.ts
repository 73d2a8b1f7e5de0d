import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  ChangePasswordCommand,
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  DeleteUserCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  ListUsersCommand,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { JwtRsaVerifier } from 'aws-jwt-verify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CognitoOptions, type LocalCognito, startCognito } from './cognito.ts'
import type { PoolMail, PreSignUpEvent } from './pool.ts'

const region = 'us-east-1'
const UserPoolId = 'us-east-1_Local0001'
const ClientId = 'localclient0000000000000001'
const key = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret' }
const Username = 'ann@example.com'
const Password = 'Correct-horse-1'

let folder: string
let nowMs: number
let mails: PoolMail[]
let cognito: LocalCognito
let client: CognitoIdentityProviderClient

async function start(more: Partial<CognitoOptions> = {}): Promise<void> {
  cognito = await startCognito({
    folder,
    port: 0,
    region,
    userPoolId: UserPoolId,
    clientId: ClientId,
    keyOf: (id) => (id === key.accessKeyId ? key : undefined),
    sendMail: (mail) => void mails.push(mail),
    nowMs: () => nowMs,
    ...more,
  })
  client = new CognitoIdentityProviderClient({
    region,
    endpoint: cognito.endpoint,
    credentials: key,
    maxAttempts: 1,
  })
}

// One key for all tests: to make one takes longer than a test.
let signingKey: string | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gen3d-cognito-'))
  if (signingKey) await writeFile(join(folder, 'signing-key.json'), signingKey)
  nowMs = Date.now()
  mails = []
  await start()
  signingKey ??= await readFile(join(folder, 'signing-key.json'), 'utf8')
})
afterEach(async () => {
  await cognito.stop()
  await rm(folder, { recursive: true, force: true })
})

async function errorOf(promise: Promise<unknown>): Promise<[name: string, message: string]> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new Error('expected an error')
  return [error.name, error.message]
}
const lastCode = () => /\b\d{6}\b/.exec(mails.at(-1)?.text ?? '')?.[0] ?? ''
const otherCode = () => String((Number(lastCode()) + 1) % 1_000_000).padStart(6, '0')
const signUp = (username = Username) =>
  client.send(new SignUpCommand({ ClientId, Username: username, Password }))
const confirm = (code = lastCode()) =>
  client.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode: code }))
const signIn = (password = Password, username = Username) =>
  client.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  )
const refresh = (token: string) =>
  client.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: token },
    }),
  )
const getUser = (AccessToken: string) => client.send(new GetUserCommand({ AccessToken }))

async function signedIn(): Promise<{ access: string; id: string; refresh: string }> {
  await signUp()
  await confirm()
  const { AuthenticationResult: result } = await signIn()
  return { access: result!.AccessToken!, id: result!.IdToken!, refresh: result!.RefreshToken! }
}

describe('sign-up', () => {
  test('mails a code, refuses to sign in before it, and confirms the address with it', async () => {
    const made = await signUp()
    expect(made.UserConfirmed).toBe(false)
    expect(made.UserSub).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.CodeDeliveryDetails).toEqual({
      AttributeName: 'email',
      DeliveryMedium: 'EMAIL',
      Destination: 'a***@e***',
    })
    expect(mails.map((mail) => mail.to)).toEqual([Username])
    expect(await errorOf(signIn())).toEqual(['UserNotConfirmedException', 'User is not confirmed.'])
    expect((await errorOf(signIn('Wrong-pass-1')))[0]).toBe('NotAuthorizedException')
    expect(await errorOf(confirm(otherCode()))).toEqual([
      'CodeMismatchException',
      'Invalid verification code provided, please try again.',
    ])
    await confirm()
    expect((await signIn()).AuthenticationResult?.ExpiresIn).toBe(3600)
    expect((await errorOf(confirm()))[1]).toBe('User cannot be confirmed. Current status is CONFIRMED')
  })

  test('resends a code: the new one holds, the old one does not', async () => {
    await signUp()
    const first = lastCode()
    await client.send(new ResendConfirmationCodeCommand({ ClientId, Username }))
    if (first !== lastCode()) expect((await errorOf(confirm(first)))[0]).toBe('CodeMismatchException')
    await confirm()
    const again = client.send(new ResendConfirmationCodeCommand({ ClientId, Username }))
    expect(await errorOf(again)).toEqual(['InvalidParameterException', 'User is already confirmed.'])
  })

  test('a code ends after a day, after five wrong guesses, and codes are limited by the hour', async () => {
    await signUp()
    nowMs += 24 * 3_600_000 + 1
    expect((await errorOf(confirm()))[0]).toBe('ExpiredCodeException')
    await client.send(new ResendConfirmationCodeCommand({ ClientId, Username }))
    for (let guess = 0; guess < 5; guess += 1) await errorOf(confirm(otherCode()))
    expect((await errorOf(confirm()))[0]).toBe('LimitExceededException')
    const resend = () => client.send(new ResendConfirmationCodeCommand({ ClientId, Username }))
    for (let sent = 1; sent < 10; sent += 1) await resend()
    expect(await errorOf(resend())).toEqual([
      'LimitExceededException',
      'Attempt limit exceeded, please try after some time.',
    ])
  })

  test.each([
    ['Aa1!aaa', 'Password not long enough'],
    ['AAAA111!', 'Password must have lowercase characters'],
    ['aaaa111!', 'Password must have uppercase characters'],
    ['aaaaAAA!', 'Password must have numeric characters'],
    ['aaaaAAA1', 'Password must have symbol characters'],
  ])('refuses the password %s: %s', async (weak, reason) => {
    const attempt = client.send(new SignUpCommand({ ClientId, Username, Password: weak }))
    expect(await errorOf(attempt)).toEqual([
      'InvalidPasswordException',
      `Password did not conform with policy: ${reason}`,
    ])
  })

  test('takes one account for an address in any case, and only addresses', async () => {
    await signUp()
    expect(await errorOf(signUp('ANN@example.com'))).toEqual([
      'UsernameExistsException',
      'User already exists',
    ])
    expect(await errorOf(signUp('ann'))).toEqual([
      'InvalidParameterException',
      'Username should be an email.',
    ])
    const racing = await Promise.allSettled([signUp('bob@example.com'), signUp('bob@example.com')])
    expect(racing.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('asks the pre sign-up trigger with the event of Cognito and hands its reason on', async () => {
    await cognito.stop()
    const events: PreSignUpEvent[] = []
    await start({
      async preSignUp(event) {
        events.push(event)
        if (!event.request.userAttributes.email.endsWith('@example.com')) throw new Error('Not invited')
        const isKnown = event.request.userAttributes.email === 'auto@example.com'
        return { ...event, response: { autoConfirmUser: isKnown, autoVerifyEmail: isKnown } }
      },
    })
    expect(await errorOf(signUp('eve@example.org'))).toEqual([
      'UserLambdaValidationException',
      'PreSignUp failed with error Not invited.',
    ])
    expect((await signUp('auto@example.com')).UserConfirmed).toBe(true)
    expect(mails).toEqual([])
    expect((await signIn(Password, 'auto@example.com')).AuthenticationResult).toBeDefined()
    expect(events[0]).toMatchObject({
      version: '1',
      region,
      userPoolId: UserPoolId,
      triggerSource: 'PreSignUp_SignUp',
      callerContext: { clientId: ClientId },
      request: { userAttributes: { email: 'eve@example.org' }, validationData: null },
      response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
    })
  })

  test('says so when the mail cannot be delivered', async () => {
    await cognito.stop()
    await start({
      sendMail: () => {
        throw new Error('inbox is full')
      },
    })
    expect((await errorOf(signUp()))[0]).toBe('CodeDeliveryFailureException')
  })
})

describe('sign-in', () => {
  test('hides whether the account exists', async () => {
    await signedIn()
    const expected = ['NotAuthorizedException', 'Incorrect username or password.']
    expect(await errorOf(signIn('Wrong-pass-1'))).toEqual(expected)
    expect(await errorOf(signIn(Password, 'nobody@example.com'))).toEqual(expected)
    const forgot = await client.send(new ForgotPasswordCommand({ ClientId, Username: 'nobody@example.com' }))
    expect(forgot.CodeDeliveryDetails?.Destination).toBe('n***@e***')
    const confirmation = new ConfirmSignUpCommand({
      ClientId,
      Username: 'nobody@example.com',
      ConfirmationCode: '123456',
    })
    expect((await errorOf(client.send(confirmation)))[0]).toBe('ExpiredCodeException')
  })

  test('locks after five wrong passwords, for a while', async () => {
    await signedIn()
    for (let guess = 0; guess < 5; guess += 1) await errorOf(signIn('Wrong-pass-1'))
    expect(await errorOf(signIn())).toEqual(['NotAuthorizedException', 'Password attempts exceeded'])
    nowMs += 1001
    expect((await signIn()).AuthenticationResult).toBeDefined()
  })

  test('issues id and access tokens with the claims of Cognito, verifiable with the published keys', async () => {
    const { id, access } = await signedIn()
    const jwks = await (await fetch(cognito.jwksUrl)).json()
    const verifier = JwtRsaVerifier.create({ issuer: cognito.issuer, audience: null })
    verifier.cacheJwks(jwks)
    const idClaims = await verifier.verify(id)
    const seconds = Math.floor(nowMs / 1000)
    expect(cognito.issuer).toBe(`https://cognito-idp.${region}.amazonaws.com/${UserPoolId}`)
    expect(idClaims).toMatchObject({
      aud: ClientId,
      token_use: 'id',
      email: Username,
      email_verified: true,
      auth_time: seconds,
      iat: seconds,
      exp: seconds + 3600,
      'cognito:username': idClaims.sub,
    })
    expect(await verifier.verify(access)).toMatchObject({
      sub: idClaims.sub,
      client_id: ClientId,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      username: idClaims.sub,
    })
  })

  test('names missing parameters, unknown clients and flows that are not allowed', async () => {
    const initiate = (more: object) =>
      errorOf(client.send(new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_PASSWORD_AUTH', ...more })))
    expect((await initiate({ AuthParameters: { PASSWORD: 'x' } }))[1]).toContain('USERNAME')
    expect((await initiate({ ClientId: 'other' }))[0]).toBe('ResourceNotFoundException')
    expect(await initiate({ AuthFlow: 'USER_SRP_AUTH' })).toEqual([
      'InvalidParameterException',
      'USER_SRP_AUTH flow not enabled for this client',
    ])
  })
})

describe('sessions', () => {
  test('refreshes with the time of the first sign-in, until the refresh token is revoked or over', async () => {
    const tokens = await signedIn()
    nowMs += 5000
    const renewed = (await refresh(tokens.refresh)).AuthenticationResult
    expect(renewed?.RefreshToken).toBeUndefined()
    const claims = JSON.parse(Buffer.from(renewed!.IdToken!.split('.')[1], 'base64url').toString())
    expect(claims.iat - claims.auth_time).toBe(5)
    await client.send(new RevokeTokenCommand({ ClientId, Token: tokens.refresh }))
    expect(await errorOf(refresh(tokens.refresh))).toEqual([
      'NotAuthorizedException',
      'Refresh Token has been revoked',
    ])
    expect((await errorOf(getUser(tokens.access)))[1]).toBe('Access Token has been revoked')
    expect((await errorOf(refresh('rubbish')))[1]).toBe('Invalid Refresh Token')
    const wrongKind = client.send(new RevokeTokenCommand({ ClientId, Token: tokens.access }))
    expect((await errorOf(wrongKind))[0]).toBe('UnsupportedTokenTypeException')

    const { AuthenticationResult: second } = await signIn()
    nowMs += 30 * 86_400_000 + 1
    expect((await errorOf(refresh(second!.RefreshToken!)))[1]).toBe('Refresh Token has expired')
  })

  test('a refresh token with one letter changed is refused', async () => {
    const { refresh: token } = await signedIn()
    const altered = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
    expect((await errorOf(refresh(altered)))[0]).toBe('NotAuthorizedException')
  })

  test('signs out everywhere', async () => {
    const one = await signedIn()
    const two = (await signIn()).AuthenticationResult!
    await client.send(new GlobalSignOutCommand({ AccessToken: one.access }))
    expect((await errorOf(refresh(two.RefreshToken!)))[0]).toBe('NotAuthorizedException')
    expect((await errorOf(getUser(two.AccessToken!)))[1]).toBe('Access Token has been revoked')
  })

  test('reads the own account, refuses altered, expired and id tokens', async () => {
    const { access, id } = await signedIn()
    const { UserAttributes } = await getUser(access)
    expect(UserAttributes).toEqual(
      expect.arrayContaining([
        { Name: 'email', Value: Username },
        { Name: 'email_verified', Value: 'true' },
      ]),
    )
    const [header, payload, signature] = access.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'someone' })).toString('base64url')
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    for (const bad of [`${header}.${forged}.${signature}`, `${none}.${forged}.`, id, 'rubbish']) {
      expect(await errorOf(getUser(bad))).toEqual(['NotAuthorizedException', 'Invalid Access Token'])
    }
    nowMs += 3_600_001
    expect((await errorOf(getUser(access)))[1]).toBe('Access Token has expired')
  })

  test('changes the password and deletes the account', async () => {
    const { access } = await signedIn()
    const change = (PreviousPassword: string, ProposedPassword: string) =>
      client.send(new ChangePasswordCommand({ AccessToken: access, PreviousPassword, ProposedPassword }))
    expect((await errorOf(change('Wrong-pass-1', 'Another-one-2')))[0]).toBe('NotAuthorizedException')
    expect((await errorOf(change(Password, 'weak')))[0]).toBe('InvalidPasswordException')
    await change(Password, 'Another-one-2')
    expect((await signIn('Another-one-2')).AuthenticationResult).toBeDefined()
    await client.send(new DeleteUserCommand({ AccessToken: access }))
    expect((await errorOf(getUser(access)))[0]).toBe('UserNotFoundException')
    expect((await errorOf(signIn('Another-one-2')))[0]).toBe('NotAuthorizedException')
  })

  test('resets a forgotten password with a mailed code', async () => {
    await signedIn()
    await client.send(new ForgotPasswordCommand({ ClientId, Username }))
    const code = lastCode()
    const reset = (ConfirmationCode: string, newPassword: string) =>
      client.send(
        new ConfirmForgotPasswordCommand({ ClientId, Username, ConfirmationCode, Password: newPassword }),
      )
    expect((await errorOf(reset(otherCode(), 'Another-one-2')))[0]).toBe('CodeMismatchException')
    expect((await errorOf(reset(code, 'weak')))[0]).toBe('InvalidPasswordException')
    await reset(code, 'Another-one-2')
    expect((await errorOf(signIn()))[0]).toBe('NotAuthorizedException')
    expect((await signIn('Another-one-2')).AuthenticationResult).toBeDefined()
    expect((await errorOf(reset(code, 'Another-one-3')))[0]).toBe('ExpiredCodeException')
    await client.send(new ForgotPasswordCommand({ ClientId, Username }))
    nowMs += 3_600_001
    expect((await errorOf(reset(lastCode(), 'Another-one-3')))[0]).toBe('ExpiredCodeException')
  })
})

describe('administration', () => {
  const invite = (more: object = {}) =>
    client.send(new AdminCreateUserCommand({ UserPoolId, Username, ...more }))

  test('invites with a temporary password that must be replaced at the first sign-in', async () => {
    const made = await invite({ UserAttributes: [{ Name: 'email_verified', Value: 'true' }] })
    expect(made.User).toMatchObject({ UserStatus: 'FORCE_CHANGE_PASSWORD', Enabled: true })
    const temporary = /temporary password is (\S+)/.exec(mails[0].text)![1]
    const challenge = await signIn(temporary)
    expect(challenge.ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    const respond = (NEW_PASSWORD: string, Session = challenge.Session) =>
      client.send(
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
    const temporary = () => /temporary password is (\S+)/.exec(mails.at(-1)!.text)![1]
    nowMs += 7 * 86_400_000 + 1
    expect((await errorOf(signIn(temporary())))[1]).toContain('Temporary password has expired')
    await invite({ MessageAction: 'RESEND' })
    expect((await signIn(temporary())).ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    expect((await errorOf(invite()))[0]).toBe('UsernameExistsException')
  })

  test('sets, reads, disables, signs out, confirms and deletes accounts', async () => {
    const { access, refresh: token } = await signedIn()
    const to = { UserPoolId, Username }
    await client.send(new AdminSetUserPasswordCommand({ ...to, Password: 'Another-one-2', Permanent: true }))
    expect((await signIn('Another-one-2')).AuthenticationResult).toBeDefined()
    const read = await client.send(new AdminGetUserCommand(to))
    expect(read.UserStatus).toBe('CONFIRMED')
    expect(read.UserCreateDate?.getTime()).toBe(nowMs)
    await client.send(
      new AdminUpdateUserAttributesCommand({
        ...to,
        UserAttributes: [{ Name: 'email_verified', Value: 'false' }],
      }),
    )
    const forgot = client.send(new ForgotPasswordCommand({ ClientId, Username }))
    expect((await errorOf(forgot))[0]).toBe('InvalidParameterException')
    await client.send(new AdminDisableUserCommand(to))
    expect((await errorOf(signIn('Another-one-2')))[1]).toBe('User is disabled.')
    await client.send(new AdminEnableUserCommand(to))
    await client.send(new AdminUserGlobalSignOutCommand(to))
    expect((await errorOf(refresh(token)))[0]).toBe('NotAuthorizedException')
    expect((await errorOf(getUser(access)))[0]).toBe('NotAuthorizedException')
    await client.send(new AdminSetUserPasswordCommand({ ...to, Password: 'Another-one-3', Permanent: false }))
    expect((await signIn('Another-one-3')).ChallengeName).toBe('NEW_PASSWORD_REQUIRED')
    await client.send(new AdminDeleteUserCommand(to))
    expect((await errorOf(client.send(new AdminGetUserCommand(to))))[0]).toBe('UserNotFoundException')
    await signUp('carl@example.com')
    await client.send(new AdminConfirmSignUpCommand({ UserPoolId, Username: 'carl@example.com' }))
    expect((await signIn(Password, 'carl@example.com')).AuthenticationResult).toBeDefined()
  })

  test('lists by page and filter', async () => {
    for (const name of ['ann', 'bob', 'carl']) {
      await invite({ Username: `${name}@example.com`, MessageAction: 'SUPPRESS' })
    }
    expect(mails).toEqual([])
    const first = await client.send(new ListUsersCommand({ UserPoolId, Limit: 2 }))
    expect(first.Users?.length).toBe(2)
    const rest = await client.send(
      new ListUsersCommand({ UserPoolId, PaginationToken: first.PaginationToken }),
    )
    expect(rest.Users?.length).toBe(1)
    expect(rest.PaginationToken).toBeUndefined()
    const filtered = await client.send(new ListUsersCommand({ UserPoolId, Filter: 'email ^= "bo"' }))
    expect(filtered.Users?.[0].Attributes).toContainEqual({ Name: 'email', Value: 'bob@example.com' })
    const broken = client.send(new ListUsersCommand({ UserPoolId, Filter: 'email like x' }))
    expect((await errorOf(broken))[0]).toBe('InvalidParameterException')
  })

  test('refuses unsigned, unknown and wrongly signed callers', async () => {
    const call = async (credentials: { accessKeyId: string; secretAccessKey: string }) => {
      const other = new CognitoIdentityProviderClient({
        region,
        endpoint: cognito.endpoint,
        credentials,
        maxAttempts: 1,
      })
      return (await errorOf(other.send(new ListUsersCommand({ UserPoolId }))))[0]
    }
    expect(await call({ ...key, secretAccessKey: 'guess' })).toBe('InvalidSignatureException')
    expect(await call({ ...key, accessKeyId: 'OTHER' })).toBe('UnrecognizedClientException')
    const unsigned = await fetch(cognito.endpoint, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.ListUsers' },
      body: JSON.stringify({ UserPoolId }),
    })
    expect(unsigned.status).toBe(403)
    expect((await unsigned.json()).__type).toBe('MissingAuthenticationTokenException')
  })

  test('serves nothing but its operations', async () => {
    for (const name of ['requirePassword', 'askPreSignUp', 'constructor', '__proto__', 'DescribeUserPool']) {
      const response = await fetch(cognito.endpoint, {
        method: 'POST',
        headers: { 'X-Amz-Target': `AWSCognitoIdentityProviderService.${name}` },
        body: '{}',
      })
      expect([response.status, (await response.json()).__type]).toEqual([400, 'UnknownOperationException'])
    }
  })
})

test('keeps accounts, sessions and keys over a restart, and no password in clear', async () => {
  const { access, refresh: token } = await signedIn()
  await cognito.stop()
  await start()
  expect((await getUser(access)).Username).toBeDefined()
  expect((await refresh(token)).AuthenticationResult).toBeDefined()
  const stored = await readFile(join(folder, 'users.json'), 'utf8')
  expect(stored).toContain(Username)
  expect(stored).not.toContain(Password)
  expect(stored).not.toContain(token)
})

test('answers pages of any origin', async () => {
  const preflight = await fetch(cognito.endpoint, {
    method: 'OPTIONS',
    headers: {
      Origin: 'http://127.0.0.1:1234',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type,x-amz-target',
    },
  })
  expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,x-amz-target')
  const failed = await fetch(cognito.endpoint, {
    method: 'POST',
    headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
    body: 'no json',
  })
  expect([failed.status, failed.headers.get('access-control-allow-origin')]).toEqual([400, '*'])
})
