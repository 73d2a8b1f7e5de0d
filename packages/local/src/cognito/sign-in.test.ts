import {
  ChangePasswordCommand,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  DeleteUserCommand,
  ForgotPasswordCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { JwtRsaVerifier } from 'aws-jwt-verify'
import { describe, expect, test } from 'vitest'
import {
  ClientId,
  errorOf,
  getUser,
  lastCode,
  otherCode,
  Password,
  pool,
  refresh,
  region,
  signedIn,
  signIn,
  Username,
  UserPoolId,
} from './cognito-fixture.ts'

describe('sign-in', () => {
  test('hides whether the account exists', async () => {
    await signedIn()
    const expected = ['NotAuthorizedException', 'Incorrect username or password.']
    expect(await errorOf(signIn('Wrong-pass-1'))).toEqual(expected)
    expect(await errorOf(signIn(Password, 'nobody@example.com'))).toEqual(expected)
    const forgot = await pool.client.send(
      new ForgotPasswordCommand({ ClientId, Username: 'nobody@example.com' }),
    )
    expect(forgot.CodeDeliveryDetails?.Destination).toBe('n***@e***')
    const confirmation = new ConfirmSignUpCommand({
      ClientId,
      Username: 'nobody@example.com',
      ConfirmationCode: '123456',
    })
    expect((await errorOf(pool.client.send(confirmation)))[0]).toBe('ExpiredCodeException')
  })

  test('locks after five wrong passwords, for a while', async () => {
    await signedIn()
    for (let guess = 0; guess < 5; guess += 1) await errorOf(signIn('Wrong-pass-1'))
    expect(await errorOf(signIn())).toEqual(['NotAuthorizedException', 'Password attempts exceeded'])
    pool.nowMs += 1001
    expect((await signIn()).AuthenticationResult).toBeDefined()
  })

  test('issues id and access tokens with the claims of Cognito, verifiable with the published keys', async () => {
    const { id, access } = await signedIn()
    const jwks = await (await fetch(pool.cognito.jwksUrl)).json()
    const verifier = JwtRsaVerifier.create({ issuer: pool.cognito.issuer, audience: null })
    verifier.cacheJwks(jwks)
    const idClaims = await verifier.verify(id)
    const seconds = Math.floor(pool.nowMs / 1000)
    expect(pool.cognito.issuer).toBe(`https://cognito-idp.${region}.amazonaws.com/${UserPoolId}`)
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
      errorOf(
        pool.client.send(new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_PASSWORD_AUTH', ...more })),
      )
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
    pool.nowMs += 5000
    const renewed = (await refresh(tokens.refresh)).AuthenticationResult
    expect(renewed?.RefreshToken).toBeUndefined()
    const claims = JSON.parse(Buffer.from(renewed!.IdToken!.split('.')[1], 'base64url').toString())
    expect(claims.iat - claims.auth_time).toBe(5)
    await pool.client.send(new RevokeTokenCommand({ ClientId, Token: tokens.refresh }))
    expect(await errorOf(refresh(tokens.refresh))).toEqual([
      'NotAuthorizedException',
      'Refresh Token has been revoked',
    ])
    expect((await errorOf(getUser(tokens.access)))[1]).toBe('Access Token has been revoked')
    expect((await errorOf(refresh('rubbish')))[1]).toBe('Invalid Refresh Token')
    const wrongKind = pool.client.send(new RevokeTokenCommand({ ClientId, Token: tokens.access }))
    expect((await errorOf(wrongKind))[0]).toBe('UnsupportedTokenTypeException')

    const { AuthenticationResult: second } = await signIn()
    pool.nowMs += 30 * 86_400_000 + 1
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
    await pool.client.send(new GlobalSignOutCommand({ AccessToken: one.access }))
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
    pool.nowMs += 3_600_001
    expect((await errorOf(getUser(access)))[1]).toBe('Access Token has expired')
  })

  test('changes the password and deletes the account', async () => {
    const { access } = await signedIn()
    const change = (PreviousPassword: string, ProposedPassword: string) =>
      pool.client.send(new ChangePasswordCommand({ AccessToken: access, PreviousPassword, ProposedPassword }))
    expect((await errorOf(change('Wrong-pass-1', 'Another-one-2')))[0]).toBe('NotAuthorizedException')
    expect((await errorOf(change(Password, 'weak')))[0]).toBe('InvalidPasswordException')
    await change(Password, 'Another-one-2')
    expect((await signIn('Another-one-2')).AuthenticationResult).toBeDefined()
    await pool.client.send(new DeleteUserCommand({ AccessToken: access }))
    expect((await errorOf(getUser(access)))[0]).toBe('UserNotFoundException')
    expect((await errorOf(signIn('Another-one-2')))[0]).toBe('NotAuthorizedException')
  })

  test('resets a forgotten password with a mailed code', async () => {
    await signedIn()
    await pool.client.send(new ForgotPasswordCommand({ ClientId, Username }))
    const code = lastCode()
    const reset = (ConfirmationCode: string, newPassword: string) =>
      pool.client.send(
        new ConfirmForgotPasswordCommand({ ClientId, Username, ConfirmationCode, Password: newPassword }),
      )
    expect((await errorOf(reset(otherCode(), 'Another-one-2')))[0]).toBe('CodeMismatchException')
    expect((await errorOf(reset(code, 'weak')))[0]).toBe('InvalidPasswordException')
    await reset(code, 'Another-one-2')
    expect((await errorOf(signIn()))[0]).toBe('NotAuthorizedException')
    expect((await signIn('Another-one-2')).AuthenticationResult).toBeDefined()
    expect((await errorOf(reset(code, 'Another-one-3')))[0]).toBe('ExpiredCodeException')
    await pool.client.send(new ForgotPasswordCommand({ ClientId, Username }))
    pool.nowMs += 3_600_001
    expect((await errorOf(reset(lastCode(), 'Another-one-3')))[0]).toBe('ExpiredCodeException')
  })
})
