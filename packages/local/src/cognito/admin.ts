import { randomUUID } from 'node:crypto'
import { AwsError } from '../aws-error.ts'
import { toInvitationMail } from './mails.ts'
import { checkPasswordPolicy, hashPassword, makeTemporaryPassword } from './passwords.ts'
import {
  deliver,
  type Input,
  invalidParameter,
  type Operation,
  type Pool,
  readAttributes,
  requireText,
  toAttributes,
} from './pool.ts'
import { askPreSignUp, requireAddress, usernameExists } from './sign-up.ts'
import type { User } from './user-store.ts'

const temporaryPasswordLifetimeMs = 7 * 86_400_000
const mostUsersPerPage = 60

function requirePool(pool: Pool, input: Input): void {
  const userPoolId = requireText(input, 'UserPoolId')
  if (userPoolId === pool.userPoolId) return
  throw new AwsError('ResourceNotFoundException', `User pool ${userPoolId} does not exist.`)
}

function requireUser(pool: Pool, input: Input): User {
  requirePool(pool, input)
  const user = pool.users.find(requireText(input, 'Username'))
  if (!user) throw new AwsError('UserNotFoundException', 'User does not exist.')
  return user
}

function toUser(user: User): object {
  return {
    Username: user.sub,
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.modifiedAt / 1000,
    Enabled: user.enabled,
    UserStatus: user.status,
  }
}

async function setTemporaryPassword(pool: Pool, user: User, password: string): Promise<void> {
  user.passwordHash = await hashPassword(password)
  user.status = 'FORCE_CHANGE_PASSWORD'
  user.temporaryPasswordExpiresAt = pool.nowMs() + temporaryPasswordLifetimeMs
  user.modifiedAt = pool.nowMs()
}

export const AdminCreateUser: Operation = async (pool, input) => {
  requirePool(pool, input)
  const email = requireAddress(input)
  const password = input.TemporaryPassword ? requireText(input, 'TemporaryPassword') : makeTemporaryPassword()
  checkPasswordPolicy(password)
  const isResend = input.MessageAction === 'RESEND'
  const known = pool.users.find(email)
  if (isResend && !known) throw new AwsError('UserNotFoundException', 'User does not exist.')
  if (isResend && known?.status !== 'FORCE_CHANGE_PASSWORD') {
    throw new AwsError(
      'UnsupportedUserStateException',
      'Resend not possible. User status is not FORCE_CHANGE_PASSWORD.',
    )
  }
  if (!isResend && known) throw usernameExists()
  const now = pool.nowMs()
  const user: User = known ?? {
    sub: randomUUID(),
    email,
    emailVerified: readAttributes(input, 'UserAttributes').email_verified === 'true',
    status: 'FORCE_CHANGE_PASSWORD',
    enabled: true,
    passwordHash: '',
    createdAt: now,
    modifiedAt: now,
    codesSentAt: [],
    sessions: {},
  }
  if (!known) {
    const trigger = await askPreSignUp(pool, input, user.sub, email, 'PreSignUp_AdminCreateUser')
    user.emailVerified ||= trigger.autoVerifyEmail
  }
  await setTemporaryPassword(pool, user, password)
  if (!known && pool.users.find(email)) throw usernameExists()
  pool.users.add(user)
  if (input.MessageAction !== 'SUPPRESS') await deliver(pool, toInvitationMail(user.email, password))
  return { User: { ...toUser(user), Attributes: toAttributes(user) } }
}

export const AdminSetUserPassword: Operation = async (pool, input) => {
  const user = requireUser(pool, input)
  const password = requireText(input, 'Password')
  checkPasswordPolicy(password)
  if (input.Permanent === true) {
    user.passwordHash = await hashPassword(password)
    user.status = 'CONFIRMED'
    user.temporaryPasswordExpiresAt = undefined
    user.modifiedAt = pool.nowMs()
  } else {
    await setTemporaryPassword(pool, user, password)
  }
  pool.failedSignIns.delete(user.sub)
  pool.users.save()
  return {}
}

export const AdminConfirmSignUp: Operation = (pool, input) => {
  const user = requireUser(pool, input)
  if (user.status !== 'UNCONFIRMED') {
    const message = `User cannot be confirmed. Current status is ${user.status}`
    throw new AwsError('NotAuthorizedException', message)
  }
  user.status = 'CONFIRMED'
  user.modifiedAt = pool.nowMs()
  pool.users.save()
  return {}
}

export const AdminUpdateUserAttributes: Operation = (pool, input) => {
  const user = requireUser(pool, input)
  const { email_verified: verified, ...others } = readAttributes(input, 'UserAttributes')
  const [other] = Object.keys(others)
  if (other) throw invalidParameter(`The local user pool cannot change the attribute ${other}.`)
  user.emailVerified = verified === 'true'
  user.modifiedAt = pool.nowMs()
  pool.users.save()
  return {}
}

function setEnabled(enabled: boolean): Operation {
  return (pool, input) => {
    const user = requireUser(pool, input)
    user.enabled = enabled
    user.modifiedAt = pool.nowMs()
    pool.users.save()
    return {}
  }
}
export const AdminDisableUser = setEnabled(false)
export const AdminEnableUser = setEnabled(true)

export const AdminDeleteUser: Operation = (pool, input) => {
  pool.users.remove(requireUser(pool, input))
  return {}
}

export const AdminGetUser: Operation = (pool, input) => {
  const user = requireUser(pool, input)
  return { ...toUser(user), UserAttributes: toAttributes(user) }
}

export const AdminUserGlobalSignOut: Operation = (pool, input) => {
  requireUser(pool, input).sessions = {}
  pool.users.save()
  return {}
}

/** Reads a filter such as `email = "a@b.example"` or `email ^= "a"`. */
function readFilter(text: string): (user: User) => boolean {
  const [, name, operator, value] = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"(.*)"\s*$/.exec(text) ?? []
  const readers: Readonly<Record<string, (user: User) => string>> = {
    email: (user) => user.email,
    sub: (user) => user.sub,
    username: (user) => user.sub,
    'cognito:user_status': (user) => user.status,
    status: (user) => (user.enabled ? 'Enabled' : 'Disabled'),
  }
  const read = readers[name ?? '']
  if (!read) throw invalidParameter('Error while parsing filter.')
  const wanted = value.toLowerCase()
  return (user) => {
    const actual = read(user).toLowerCase()
    return operator === '=' ? actual === wanted : actual.startsWith(wanted)
  }
}

export const ListUsers: Operation = (pool, input) => {
  requirePool(pool, input)
  const limit = Math.min(mostUsersPerPage, Number(input.Limit ?? mostUsersPerPage))
  const matches = pool.users.list().filter(input.Filter ? readFilter(String(input.Filter)) : () => true)
  const after = matches.findIndex((user) => user.sub === input.PaginationToken)
  const page = matches.slice(after + 1, after + 1 + limit)
  const isLast = after + 1 + limit >= matches.length
  return {
    Users: page.map((user) => ({ ...toUser(user), Attributes: toAttributes(user) })),
    ...(isLast ? {} : { PaginationToken: page[page.length - 1].sub }),
  }
}
