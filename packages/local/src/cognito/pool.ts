import { AwsError } from '../aws-error.ts'
import type { TokenIssuer } from './tokens.ts'
import type { User, UserStore } from './user-store.ts'

/** A mail as the pool sends it. */
export interface PoolMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The event of Cognito's pre sign-up trigger, in Cognito's shape. */
export interface PreSignUpEvent {
  readonly version: '1'
  readonly region: string
  readonly userPoolId: string
  readonly userName: string
  readonly callerContext: { readonly awsSdkVersion: string; readonly clientId: string }
  readonly triggerSource: 'PreSignUp_SignUp' | 'PreSignUp_AdminCreateUser'
  readonly request: {
    readonly userAttributes: Readonly<Record<string, string>>
    readonly validationData: Readonly<Record<string, string>> | null
    readonly clientMetadata?: Readonly<Record<string, string>>
  }
  readonly response: { autoConfirmUser: boolean; autoVerifyEmail: boolean; autoVerifyPhone: boolean }
}

export interface Challenge {
  readonly name: 'NEW_PASSWORD_REQUIRED' | 'SOFTWARE_TOKEN_MFA'
  readonly sub: string
  /** Epoch ms. */
  readonly expiresAt: number
}

/** What every operation of the pool works on. */
export interface Pool {
  readonly region: string
  readonly userPoolId: string
  readonly clientId: string
  readonly adminCreateUserOnly?: boolean
  readonly users: UserStore
  readonly tokens: TokenIssuer
  readonly nowMs: () => number
  readonly sendMail: (mail: PoolMail) => Promise<void> | void
  readonly preSignUp?: (event: PreSignUpEvent) => Promise<unknown>
  /** Open challenges; three minutes, so they need not survive a restart. */
  readonly challenges: Map<string, Challenge>
  /** Wrong passwords in a row by user name, and until when further ones are refused. */
  readonly failedSignIns: Map<string, { readonly count: number; readonly lockedUntil: number }>
}

export type Input = Readonly<Record<string, unknown>>
export type Operation = (pool: Pool, input: Input) => Promise<object> | object

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message)
}

export function notAuthorized(message: string): AwsError {
  return new AwsError('NotAuthorizedException', message)
}

/** A text member of a request; throws `InvalidParameterException` when it is missing or no text. */
export function requireText(input: Input, name: string): string {
  const value = input[name]
  if (typeof value === 'string' && value !== '') return value
  const member = `${name[0].toLowerCase()}${name.slice(1)}`
  throw invalidParameter(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  )
}

/** A member that maps names to texts, such as `AuthParameters`. */
export function readTexts(input: Input, name: string): Readonly<Record<string, string>> {
  const entries = Object.entries((input[name] ?? {}) as object)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** A member that lists `{Name, Value}`, such as `UserAttributes`. */
export function readAttributes(input: Input, name: string): Record<string, string> {
  const list = (input[name] ?? []) as readonly { Name?: unknown; Value?: unknown }[]
  if (!Array.isArray(list)) throw invalidParameter(`${name} must be a list.`)
  return Object.fromEntries(list.map(({ Name, Value }) => [String(Name), String(Value ?? '')]))
}

export function requireClient(pool: Pool, input: Input): void {
  const clientId = requireText(input, 'ClientId')
  if (clientId === pool.clientId) return
  throw new AwsError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
}

/** The user of an access token whose session still lives; throws `NotAuthorizedException`. */
export function requireSignedIn(pool: Pool, input: Input): User {
  const claims = pool.tokens.readAccessToken(requireText(input, 'AccessToken'))
  const user = pool.users.find(claims.sub)
  if (!user) throw new AwsError('UserNotFoundException', 'User does not exist.')
  if (!user.enabled) throw notAuthorized('User is disabled.')
  if (!user.sessions[claims.origin_jti]) throw notAuthorized('Access Token has been revoked')
  return user
}

/** What Cognito tells of an account, as `{Name, Value}`. */
export function toAttributes(user: User): { Name: string; Value: string }[] {
  return [
    { Name: 'sub', Value: user.sub },
    { Name: 'email_verified', Value: String(user.emailVerified) },
    { Name: 'email', Value: user.email },
  ]
}

/** Hands a mail over; throws `CodeDeliveryFailureException` when it is not taken. */
export async function deliver(pool: Pool, mail: PoolMail): Promise<void> {
  try {
    await pool.sendMail(mail)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AwsError('CodeDeliveryFailureException', `The mail could not be sent: ${reason}`)
  }
}
