// Codes of an authenticator app: RFC 6238 as Cognito uses it (SHA-1, 30 s, six digits).
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { AwsError } from '../aws-error.ts'
import { mismatchedCode } from './codes.ts'
import { invalidParameter, type Operation, requireSignedIn, requireText } from './pool.ts'
import type { User } from './user-store.ts'

const stepMs = 30_000
/** Clocks that differ by a step are forgiven. */
const driftSteps = 1
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** 160 bits, as RFC 4226 advises; 32 letters. */
const secretBytes = 20

function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('')
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}

function codeOfStep(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const offset = digest[digest.length - 1] & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** The code that an authenticator app with this secret (base 32) shows at a time. */
export function totpCode(secret: string, nowMs: number): string {
  return codeOfStep(secret, Math.floor(nowMs / stepMs))
}

/** The step whose code this is, or null. */
function findStep(secret: string, code: string, nowMs: number): number | null {
  const now = Math.floor(nowMs / stepMs)
  for (let step = now - driftSteps; step <= now + driftSteps; step += 1) {
    const wanted = Buffer.from(codeOfStep(secret, step))
    const given = Buffer.from(code)
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return step
  }
  return null
}

/** Throws Cognito's error unless the code is right and was not used before. */
export function checkTotp(user: User, code: string, nowMs: number): void {
  const step = user.totp && findStep(user.totp.secret, code, nowMs)
  if (!user.totp || step === null || step === undefined) throw mismatchedCode()
  if (step <= (user.totp.usedStep ?? 0)) {
    throw new AwsError('ExpiredCodeException', 'Your software token has already been used once.')
  }
  user.totp.usedStep = step
}

export const AssociateSoftwareToken: Operation = (pool, input) => {
  const user = requireSignedIn(pool, input)
  const secret = toBase32(randomBytes(secretBytes))
  user.totp = { secret, verified: false, enabled: false }
  pool.users.save()
  return { SecretCode: secret }
}

export const VerifySoftwareToken: Operation = (pool, input) => {
  const user = requireSignedIn(pool, input)
  if (!user.totp || findStep(user.totp.secret, requireText(input, 'UserCode'), pool.nowMs()) === null) {
    throw new AwsError('EnableSoftwareTokenMFAException', 'Code mismatch')
  }
  user.totp.verified = true
  pool.users.save()
  return { Status: 'SUCCESS' }
}

export const SetUserMFAPreference: Operation = (pool, input) => {
  const user = requireSignedIn(pool, input)
  const wish = input.SoftwareTokenMfaSettings as { Enabled?: unknown } | undefined
  const enabled = wish?.Enabled === true
  if (enabled && !user.totp?.verified) throw invalidParameter('User has not verified software token mfa')
  if (user.totp) user.totp.enabled = enabled
  pool.users.save()
  return {}
}
