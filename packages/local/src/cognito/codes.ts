import { createHash, randomInt } from 'node:crypto'
import { AwsError } from '../aws-error.ts'
import type { MailedCode, User } from './user-store.ts'

const hourMs = 3_600_000
const codesPerHour = 10
const guessesPerCode = 5

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Makes a six-digit code; throws `LimitExceededException` beyond 10 codes an hour for one user. */
export function makeCode(
  user: User,
  nowMs: number,
  lifetimeMs: number,
): { code: string; mailed: MailedCode } {
  user.codesSentAt = user.codesSentAt.filter((at) => at > nowMs - hourMs)
  if (user.codesSentAt.length >= codesPerHour) {
    throw new AwsError('LimitExceededException', 'Attempt limit exceeded, please try after some time.')
  }
  user.codesSentAt.push(nowMs)
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  return { code, mailed: { hash: sha256(code), expiresAt: nowMs + lifetimeMs, wrongGuesses: 0 } }
}

/** Throws Cognito's error unless the code is the one that was mailed and still holds. */
export function checkCode(mailed: MailedCode | undefined, code: string, nowMs: number): void {
  if (!mailed || mailed.expiresAt <= nowMs) throw expiredCode()
  if (mailed.wrongGuesses >= guessesPerCode) {
    throw new AwsError('LimitExceededException', 'Attempt limit exceeded, please try after some time.')
  }
  if (mailed.hash === sha256(code)) return
  mailed.wrongGuesses += 1
  throw mismatchedCode()
}

export function expiredCode(): AwsError {
  return new AwsError('ExpiredCodeException', 'Invalid code provided, please request a code again.')
}

export function mismatchedCode(): AwsError {
  return new AwsError('CodeMismatchException', 'Invalid verification code provided, please try again.')
}
