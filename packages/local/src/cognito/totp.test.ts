import {
  AssociateSoftwareTokenCommand,
  GetUserCommand,
  RespondToAuthChallengeCommand,
  SetUserMFAPreferenceCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, test } from 'vitest'
import { ClientId, errorOf, pool, signedIn, signIn, Username } from './cognito-fixture.ts'
import { totpCode } from './totp.ts'

const answer = (Session: string | undefined, code: string) =>
  pool.client.send(
    new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      Session,
      ChallengeResponses: { USERNAME: Username, SOFTWARE_TOKEN_MFA_CODE: code },
    }),
  )

/** Turns it on for the account and returns the secret. */
async function turnOn(): Promise<string> {
  const { access: AccessToken } = await signedIn()
  const { SecretCode = '' } = await pool.client.send(new AssociateSoftwareTokenCommand({ AccessToken }))
  const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: true }
  const prefer = new SetUserMFAPreferenceCommand({ AccessToken, SoftwareTokenMfaSettings })
  expect((await errorOf(pool.client.send(prefer)))[0]).toBe('InvalidParameterException')
  const UserCode = totpCode(SecretCode, pool.nowMs)
  await pool.client.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode }))
  const settings = async () =>
    (await pool.client.send(new GetUserCommand({ AccessToken }))).UserMFASettingList
  expect(await settings()).toBeUndefined()
  await pool.client.send(prefer)
  expect(await settings()).toEqual(['SOFTWARE_TOKEN_MFA'])
  return SecretCode
}

describe('the code of an authenticator app', () => {
  test('is that of RFC 6238', () => {
    // The secret "12345678901234567890" of appendix B, whose codes have eight digits; six are their end.
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
    expect(totpCode(secret, 59_000)).toBe('287082')
    expect(totpCode(secret, 1_111_111_109_000)).toBe('081804')
  })

  test('is asked for after the password; a wrong one may be tried again, one is good once', async () => {
    const secret = await turnOn()
    const first = await signIn()
    expect(first.ChallengeName).toBe('SOFTWARE_TOKEN_MFA')
    expect(first.AuthenticationResult).toBeUndefined()
    const code = totpCode(secret, pool.nowMs)
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    expect((await errorOf(answer(first.Session, wrong)))[0]).toBe('CodeMismatchException')
    expect((await answer(first.Session, code)).AuthenticationResult?.IdToken).toBeDefined()
    expect((await errorOf(answer(first.Session, code)))[0]).toBe('NotAuthorizedException')
    const second = await signIn()
    expect((await errorOf(answer(second.Session, code)))[0]).toBe('ExpiredCodeException')
  })

  test('is refused when the challenge is over', async () => {
    const secret = await turnOn()
    const { Session } = await signIn()
    pool.nowMs += 3 * 60_000
    expect((await errorOf(answer(Session, totpCode(secret, pool.nowMs))))[0]).toBe('NotAuthorizedException')
  })
})
