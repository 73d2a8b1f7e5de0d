import {
  AdminCreateUserCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, test } from 'vitest'
import {
  ClientId,
  confirm,
  errorOf,
  lastCode,
  otherCode,
  Password,
  pool,
  region,
  signIn,
  signUp,
  start,
  Username,
  UserPoolId,
} from './cognito-fixture.ts'
import type { PreSignUpEvent } from './pool.ts'

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
    expect(pool.mails.map((mail) => mail.to)).toEqual([Username])
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
    await pool.client.send(new ResendConfirmationCodeCommand({ ClientId, Username }))
    if (first !== lastCode()) expect((await errorOf(confirm(first)))[0]).toBe('CodeMismatchException')
    await confirm()
    const again = pool.client.send(new ResendConfirmationCodeCommand({ ClientId, Username }))
    expect(await errorOf(again)).toEqual(['InvalidParameterException', 'User is already confirmed.'])
  })

  test('a code ends after a day, after five wrong guesses, and codes are limited by the hour', async () => {
    await signUp()
    pool.nowMs += 24 * 3_600_000 + 1
    expect((await errorOf(confirm()))[0]).toBe('ExpiredCodeException')
    await pool.client.send(new ResendConfirmationCodeCommand({ ClientId, Username }))
    for (let guess = 0; guess < 5; guess += 1) await errorOf(confirm(otherCode()))
    expect((await errorOf(confirm()))[0]).toBe('LimitExceededException')
    const resend = () => pool.client.send(new ResendConfirmationCodeCommand({ ClientId, Username }))
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
    const attempt = pool.client.send(new SignUpCommand({ ClientId, Username, Password: weak }))
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
    await pool.cognito.stop()
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
    expect(pool.mails).toEqual([])
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

  test('is refused where accounts are made by invitation only', async () => {
    await pool.cognito.stop()
    await start({ adminCreateUserOnly: true })
    expect(await errorOf(signUp())).toEqual([
      'NotAuthorizedException',
      'SignUp is not permitted for this user pool',
    ])
    const invitation = new AdminCreateUserCommand({ UserPoolId, Username })
    expect((await pool.client.send(invitation)).User?.UserStatus).toBe('FORCE_CHANGE_PASSWORD')
  })

  test('says so when the mail cannot be delivered', async () => {
    await pool.cognito.stop()
    await start({
      sendMail: () => {
        throw new Error('inbox is full')
      },
    })
    expect((await errorOf(signUp()))[0]).toBe('CodeDeliveryFailureException')
  })
})
