import { randomUUID } from 'node:crypto'
import { AwsError } from '../aws-error.ts'
import { checkCode, expiredCode, makeCode, mismatchedCode } from './codes.ts'
import { toConfirmationMail, toResetMail } from './mails.ts'
import { checkPasswordPolicy, hashPassword } from './passwords.ts'
import {
  deliver,
  type Input,
  invalidParameter,
  notAuthorized,
  type Operation,
  type Pool,
  type PreSignUpEvent,
  readAttributes,
  readTexts,
  requireClient,
  requireText,
} from './pool.ts'
import type { User } from './user-store.ts'

const hourMs = 3_600_000
/** How long a mailed code holds: Cognito's own times. */
const confirmationLifetimeMs = 24 * hourMs
const resetLifetimeMs = hourMs

/** The address that a request names as its user; throws `InvalidParameterException`. */
export function requireAddress(input: Input): string {
  const username = requireText(input, 'Username')
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(username) || username.length > 254) {
    throw invalidParameter('Username should be an email.')
  }
  const attribute = readAttributes(input, 'UserAttributes').email
  if (attribute !== undefined && attribute.toLowerCase() !== username.toLowerCase()) {
    throw invalidParameter('User attribute email is not the same as the user name.')
  }
  return username
}

/** Asks the pre sign-up trigger, if there is one; throws `UserLambdaValidationException` with its reason. */
export async function askPreSignUp(
  pool: Pool,
  input: Input,
  userName: string,
  email: string,
  triggerSource: PreSignUpEvent['triggerSource'],
): Promise<{ autoConfirmUser: boolean; autoVerifyEmail: boolean }> {
  const untouched = { autoConfirmUser: false, autoVerifyEmail: false }
  if (!pool.preSignUp) return untouched
  const validationData = readAttributes(input, 'ValidationData')
  const event: PreSignUpEvent = {
    version: '1',
    region: pool.region,
    userPoolId: pool.userPoolId,
    userName,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: pool.clientId },
    triggerSource,
    request: {
      userAttributes: { ...readAttributes(input, 'UserAttributes'), email },
      validationData: Object.keys(validationData).length > 0 ? validationData : null,
      clientMetadata: readTexts(input, 'ClientMetadata'),
    },
    response: { ...untouched, autoVerifyPhone: false },
  }
  let answer: unknown
  try {
    answer = await pool.preSignUp(event)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AwsError('UserLambdaValidationException', `PreSignUp failed with error ${reason}.`)
  }
  const response = (answer as { response?: Partial<typeof untouched> } | null)?.response
  if (!response) throw new AwsError('InvalidLambdaResponseException', 'Unrecognizable lambda output')
  return {
    autoConfirmUser: response.autoConfirmUser === true,
    autoVerifyEmail: response.autoVerifyEmail === true,
  }
}

export function usernameExists(): AwsError {
  return new AwsError('UsernameExistsException', 'User already exists')
}

function toDelivery(email: string): object {
  const [name, domain] = email.split('@')
  return {
    AttributeName: 'email',
    DeliveryMedium: 'EMAIL',
    Destination: `${name[0]}***@${domain?.[0] ?? ''}***`,
  }
}

async function sendConfirmationCode(pool: Pool, user: User): Promise<object> {
  const { code, mailed } = makeCode(user, pool.nowMs(), confirmationLifetimeMs)
  user.confirmationCode = mailed
  pool.users.save()
  await deliver(pool, toConfirmationMail(user.email, code))
  return toDelivery(user.email)
}

// A wrong guess counts, so it is saved before the error goes out.
function checkAndCount(pool: Pool, code: User['confirmationCode'], guess: string): void {
  try {
    checkCode(code, guess, pool.nowMs())
  } catch (error) {
    pool.users.save()
    throw error
  }
}

export const SignUp: Operation = async (pool, input) => {
  requireClient(pool, input)
  if (pool.adminCreateUserOnly) throw notAuthorized('SignUp is not permitted for this user pool')
  const email = requireAddress(input)
  const password = requireText(input, 'Password')
  checkPasswordPolicy(password)
  const sub = randomUUID()
  const trigger = await askPreSignUp(pool, input, sub, email, 'PreSignUp_SignUp')
  const passwordHash = await hashPassword(password)
  // No await between this look and the write: two sign-ups of one address cannot both pass.
  if (pool.users.find(email)) throw usernameExists()
  const now = pool.nowMs()
  const user: User = {
    sub,
    email,
    emailVerified: trigger.autoVerifyEmail,
    status: trigger.autoConfirmUser ? 'CONFIRMED' : 'UNCONFIRMED',
    enabled: true,
    passwordHash,
    createdAt: now,
    modifiedAt: now,
    codesSentAt: [],
    sessions: {},
  }
  pool.users.add(user)
  if (trigger.autoConfirmUser) return { UserConfirmed: true, UserSub: sub }
  return { UserConfirmed: false, UserSub: sub, CodeDeliveryDetails: await sendConfirmationCode(pool, user) }
}

export const ConfirmSignUp: Operation = (pool, input) => {
  requireClient(pool, input)
  const user = pool.users.find(requireText(input, 'Username'))
  const code = requireText(input, 'ConfirmationCode')
  // An address without an account must look like one whose code is over.
  if (!user) throw expiredCode()
  if (user.status !== 'UNCONFIRMED') {
    throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`)
  }
  checkAndCount(pool, user.confirmationCode, code)
  user.status = 'CONFIRMED'
  user.emailVerified = true
  user.confirmationCode = undefined
  user.modifiedAt = pool.nowMs()
  pool.users.save()
  return {}
}

export const ResendConfirmationCode: Operation = async (pool, input) => {
  requireClient(pool, input)
  const username = requireText(input, 'Username')
  const user = pool.users.find(username)
  if (!user) return { CodeDeliveryDetails: toDelivery(username) }
  if (user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.')
  return { CodeDeliveryDetails: await sendConfirmationCode(pool, user) }
}

export const ForgotPassword: Operation = async (pool, input) => {
  requireClient(pool, input)
  const username = requireText(input, 'Username')
  const user = pool.users.find(username)
  if (!user) return { CodeDeliveryDetails: toDelivery(username) }
  if (!user.enabled) throw notAuthorized('User is disabled.')
  if (user.status === 'FORCE_CHANGE_PASSWORD') {
    throw notAuthorized('User password cannot be reset in the current state.')
  }
  if (!user.emailVerified) {
    throw invalidParameter(
      'Cannot reset password for the user as there is no registered/verified email or phone_number',
    )
  }
  const { code, mailed } = makeCode(user, pool.nowMs(), resetLifetimeMs)
  user.resetCode = mailed
  pool.users.save()
  await deliver(pool, toResetMail(user.email, code))
  return { CodeDeliveryDetails: toDelivery(user.email) }
}

export const ConfirmForgotPassword: Operation = async (pool, input) => {
  requireClient(pool, input)
  const user = pool.users.find(requireText(input, 'Username'))
  const code = requireText(input, 'ConfirmationCode')
  const password = requireText(input, 'Password')
  checkPasswordPolicy(password)
  if (!user) throw mismatchedCode()
  const passwordHash = await hashPassword(password)
  checkAndCount(pool, user.resetCode, code)
  user.passwordHash = passwordHash
  user.resetCode = undefined
  user.modifiedAt = pool.nowMs()
  pool.failedSignIns.delete(user.sub)
  pool.users.save()
  return {}
}
