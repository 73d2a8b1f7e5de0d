import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { AwsError } from '../aws-error.ts'
import { checkPasswordPolicy, hashPassword, isPassword } from './passwords.ts'
import {
  type Challenge,
  type Input,
  invalidParameter,
  notAuthorized,
  type Operation,
  type Pool,
  readTexts,
  requireClient,
  requireSignedIn,
  requireText,
} from './pool.ts'
import { tokenLifetimeSeconds } from './tokens.ts'
import { checkTotp } from './totp.ts'
import type { Session, User } from './user-store.ts'

const refreshLifetimeSeconds = 30 * 86_400
const challengeLifetimeMs = 3 * 60_000
// Cognito's own: five wrong passwords are free, then each doubles the wait, up to 15 minutes.
const freeGuesses = 5
const longestLockMs = 15 * 60_000

const wrongPassword = () => notAuthorized('Incorrect username or password.')
const sha256 = (text: string) => createHash('sha256').update(text).digest()

function startSession(pool: Pool, user: User): object {
  const originJti = randomUUID()
  const refreshToken = `${user.sub}.${originJti}.${randomBytes(48).toString('base64url')}`
  const authTime = Math.floor(pool.nowMs() / 1000)
  user.sessions[originJti] = {
    refreshTokenHash: sha256(refreshToken).toString('hex'),
    authTime,
    expiresAt: authTime + refreshLifetimeSeconds,
  }
  pool.users.save()
  return {
    AuthenticationResult: { ...toResult(pool, user, originJti, authTime), RefreshToken: refreshToken },
  }
}

function toResult(pool: Pool, user: User, originJti: string, authTime: number): object {
  const { idToken, accessToken } = pool.tokens.issue(user, originJti, authTime)
  return { AccessToken: accessToken, IdToken: idToken, ExpiresIn: tokenLifetimeSeconds, TokenType: 'Bearer' }
}

/** Throws unless the password is right; counts wrong ones, for names without an account too. */
export async function requirePassword(pool: Pool, username: string, password: string): Promise<User> {
  const user = pool.users.find(username)
  const name = user?.sub ?? username.toLowerCase()
  const before = pool.failedSignIns.get(name)
  if (before && before.lockedUntil > pool.nowMs()) throw notAuthorized('Password attempts exceeded')
  if (!(await isPassword(password, user?.passwordHash)) || !user) {
    const count = (pool.failedSignIns.get(name)?.count ?? 0) + 1
    const lockMs = count < freeGuesses ? 0 : Math.min(longestLockMs, 1000 * 2 ** (count - freeGuesses))
    pool.failedSignIns.set(name, { count, lockedUntil: pool.nowMs() + lockMs })
    throw wrongPassword()
  }
  pool.failedSignIns.delete(name)
  return user
}

function challenge(
  pool: Pool,
  user: User,
  name: Challenge['name'],
  parameters: Readonly<Record<string, string>>,
): object {
  const session = randomBytes(32).toString('base64url')
  pool.challenges.set(session, { name, sub: user.sub, expiresAt: pool.nowMs() + challengeLifetimeMs })
  return {
    ChallengeName: name,
    Session: session,
    ChallengeParameters: { USER_ID_FOR_SRP: user.sub, ...parameters },
  }
}

/** The password was right: tokens, or first the code of the authenticator app. */
function enter(pool: Pool, user: User): object {
  return user.totp?.enabled
    ? challenge(pool, user, 'SOFTWARE_TOKEN_MFA', { FRIENDLY_DEVICE_NAME: 'authenticator' })
    : startSession(pool, user)
}

async function signInWithPassword(pool: Pool, input: Input): Promise<object> {
  const parameters = readTexts(input, 'AuthParameters')
  for (const name of ['USERNAME', 'PASSWORD']) {
    if (!parameters[name]) throw invalidParameter(`Missing required parameter ${name}`)
  }
  const user = await requirePassword(pool, parameters.USERNAME, parameters.PASSWORD)
  if (!user.enabled) throw notAuthorized('User is disabled.')
  if (user.status === 'UNCONFIRMED') {
    throw new AwsError('UserNotConfirmedException', 'User is not confirmed.')
  }
  if (user.status === 'CONFIRMED') return enter(pool, user)
  if ((user.temporaryPasswordExpiresAt ?? 0) <= pool.nowMs()) {
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.')
  }
  const userAttributes = JSON.stringify({ email_verified: String(user.emailVerified), email: user.email })
  return challenge(pool, user, 'NEW_PASSWORD_REQUIRED', { requiredAttributes: '[]', userAttributes })
}

function findSession(
  pool: Pool,
  token: string,
): { user: User; originJti: string; session: Session } | undefined {
  const [sub, originJti] = token.split('.')
  const user = pool.users.find(sub ?? '')
  const session = user?.sessions[originJti ?? '']
  if (!user || !session) return undefined
  const isSame = timingSafeEqual(sha256(token), Buffer.from(session.refreshTokenHash, 'hex'))
  return isSame ? { user, originJti, session } : undefined
}

function refresh(pool: Pool, input: Input): object {
  const token = readTexts(input, 'AuthParameters').REFRESH_TOKEN
  if (!token) throw invalidParameter('Missing required parameter REFRESH_TOKEN')
  if (token.split('.').length !== 3) throw notAuthorized('Invalid Refresh Token')
  const found = findSession(pool, token)
  if (!found) throw notAuthorized('Refresh Token has been revoked')
  const { user, originJti, session } = found
  if (session.expiresAt * 1000 <= pool.nowMs()) throw notAuthorized('Refresh Token has expired')
  if (!user.enabled) throw notAuthorized('User is disabled.')
  return { AuthenticationResult: toResult(pool, user, originJti, session.authTime) }
}

export const InitiateAuth: Operation = (pool, input) => {
  requireClient(pool, input)
  const flow = requireText(input, 'AuthFlow')
  if (flow === 'USER_PASSWORD_AUTH') return signInWithPassword(pool, input)
  if (flow === 'REFRESH_TOKEN_AUTH' || flow === 'REFRESH_TOKEN') return refresh(pool, input)
  throw invalidParameter(`${flow} flow not enabled for this client`)
}

/** What each challenge is answered with. */
const ANSWERS: Readonly<Record<string, string | undefined>> = {
  NEW_PASSWORD_REQUIRED: 'NEW_PASSWORD',
  SOFTWARE_TOKEN_MFA: 'SOFTWARE_TOKEN_MFA_CODE',
}

export const RespondToAuthChallenge: Operation = async (pool, input) => {
  requireClient(pool, input)
  const name = requireText(input, 'ChallengeName')
  const answerName = ANSWERS[name]
  if (!answerName) throw invalidParameter(`Challenge ${name} is not supported by the local user pool.`)
  const session = requireText(input, 'Session')
  const responses = readTexts(input, 'ChallengeResponses')
  for (const each of ['USERNAME', answerName]) {
    if (!responses[each]) throw invalidParameter(`Missing required parameter ${each}`)
  }
  const open = pool.challenges.get(session)
  const user = pool.users.find(responses.USERNAME)
  if (!open || !user || open.sub !== user.sub || open.name !== name) {
    throw notAuthorized('Invalid session for the user.')
  }
  if (open.expiresAt <= pool.nowMs()) {
    throw notAuthorized('Invalid session for the user, session is expired.')
  }
  if (name === 'SOFTWARE_TOKEN_MFA') {
    // A wrong code may be tried again in the same session.
    checkTotp(user, responses.SOFTWARE_TOKEN_MFA_CODE, pool.nowMs())
    pool.challenges.delete(session)
    return startSession(pool, user)
  }
  if (user.status !== 'FORCE_CHANGE_PASSWORD') throw notAuthorized('Invalid session for the user.')
  checkPasswordPolicy(responses.NEW_PASSWORD)
  const passwordHash = await hashPassword(responses.NEW_PASSWORD)
  if (!pool.challenges.delete(session)) throw notAuthorized('Invalid session for the user.')
  user.passwordHash = passwordHash
  user.status = 'CONFIRMED'
  user.temporaryPasswordExpiresAt = undefined
  user.modifiedAt = pool.nowMs()
  return enter(pool, user)
}

export const RevokeToken: Operation = (pool, input) => {
  requireClient(pool, input)
  const token = requireText(input, 'Token')
  if (token.startsWith('eyJ')) {
    throw new AwsError('UnsupportedTokenTypeException', 'Unsupported token type: give the refresh token.')
  }
  // A token that is not known, or no longer, is as revoked as it can be.
  const found = findSession(pool, token)
  if (found) {
    delete found.user.sessions[found.originJti]
    pool.users.save()
  }
  return {}
}

export const GlobalSignOut: Operation = (pool, input) => {
  const user = requireSignedIn(pool, input)
  user.sessions = {}
  pool.users.save()
  return {}
}
