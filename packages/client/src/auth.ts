/**
 * Sign-in against a Cognito user pool: the few calls that Gen3D needs, over plain fetch (USER_PASSWORD_AUTH; the page
 * may stand on plain http, where crypto.subtle is missing). Protocol: Amazon Cognito user pools API reference.
 */
import { NetworkError } from './errors.ts'

export interface AuthOptions {
  /** https://cognito-idp.REGION.amazonaws.com, or a local stand-in. */
  readonly endpoint: string
  readonly clientId: string
  readonly fetch?: typeof fetch
}

export interface Tokens {
  readonly idToken: string
  /** Only Cognito itself takes it; the API takes the ID token. */
  readonly accessToken: string
  readonly refreshToken: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Either tokens, or what Cognito wants to know first. */
export type SignIn =
  | { readonly kind: 'tokens'; readonly tokens: Tokens }
  | { readonly kind: 'new_password'; readonly session: string }
  | { readonly kind: 'totp'; readonly session: string }

/** `code` is Cognito's own exception name, for example NotAuthorizedException. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Cognito's name for a code of an authenticator app. */
const TOTP = 'SOFTWARE_TOKEN_MFA'

interface AuthAnswer {
  AuthenticationResult?: {
    IdToken: string
    AccessToken: string
    RefreshToken?: string
    ExpiresIn: number
  }
  ChallengeName?: string
  Session?: string
}

export type Auth = ReturnType<typeof createAuth>

/** Makes the sign-in client. Its methods throw AuthError for Cognito's answers and NetworkError when none came. */
export function createAuth(options: AuthOptions) {
  const send = options.fetch ?? fetch
  const ClientId = options.clientId

  async function call<T>(action: string, body: object): Promise<T> {
    let response: Response
    try {
      response = await send(`${options.endpoint}/`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
        },
        body: JSON.stringify(body),
      })
    } catch (cause) {
      throw new NetworkError('No answer from the sign-in service. Check the connection.', { cause })
    }
    const answer = (await response.json().catch(() => ({}))) as T & {
      __type?: string
      message?: string
    }
    if (!response.ok) {
      const code = (answer.__type ?? `Http${response.status}`).split('#').at(-1) ?? ''
      throw new AuthError(code, answer.message ?? `The sign-in service answered ${response.status}.`)
    }
    return answer
  }

  function toSignIn(answer: AuthAnswer, refreshToken?: string): SignIn {
    const result = answer.AuthenticationResult
    if (result) {
      return {
        kind: 'tokens',
        tokens: {
          idToken: result.IdToken,
          accessToken: result.AccessToken,
          refreshToken: result.RefreshToken ?? refreshToken ?? '',
          expiresAt: Date.now() + result.ExpiresIn * 1000,
        },
      }
    }
    if (answer.ChallengeName === 'NEW_PASSWORD_REQUIRED')
      return { kind: 'new_password', session: answer.Session ?? '' }
    if (answer.ChallengeName === TOTP) return { kind: 'totp', session: answer.Session ?? '' }
    throw new AuthError(
      'UnsupportedChallenge',
      `This account asks for ${answer.ChallengeName}, which is not offered here.`,
    )
  }

  async function respond(
    challenge: string,
    session: string,
    answers: Record<string, string>,
  ): Promise<SignIn> {
    return toSignIn(
      await call('RespondToAuthChallenge', {
        ClientId,
        ChallengeName: challenge,
        Session: session,
        ChallengeResponses: answers,
      }),
    )
  }

  const preferTotp = (accessToken: string, on: boolean) =>
    call<object>('SetUserMFAPreference', {
      AccessToken: accessToken,
      SoftwareTokenMfaSettings: { Enabled: on, PreferredMfa: on },
    })

  return {
    async signIn(email: string, password: string): Promise<SignIn> {
      const AuthParameters = { USERNAME: email, PASSWORD: password }
      return toSignIn(
        await call('InitiateAuth', {
          ClientId,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters,
        }),
      )
    },
    /** The first sign-in of an invited person. */
    answerNewPassword: (email: string, session: string, password: string) =>
      respond('NEW_PASSWORD_REQUIRED', session, {
        USERNAME: email,
        NEW_PASSWORD: password,
      }),
    answerTotp: (email: string, session: string, code: string) =>
      respond(TOTP, session, {
        USERNAME: email,
        SOFTWARE_TOKEN_MFA_CODE: code,
      }),
    async refresh(refreshToken: string): Promise<Tokens> {
      const AuthParameters = { REFRESH_TOKEN: refreshToken }
      const answer = toSignIn(
        await call('InitiateAuth', {
          ClientId,
          AuthFlow: 'REFRESH_TOKEN_AUTH',
          AuthParameters,
        }),
        refreshToken,
      )
      if (answer.kind !== 'tokens') throw new AuthError('UnsupportedChallenge', 'Sign in again.')
      return answer.tokens
    },
    signUp: (email: string, password: string) =>
      call<object>('SignUp', {
        ClientId,
        Username: email,
        Password: password,
        UserAttributes: [{ Name: 'email', Value: email }],
      }),
    confirmSignUp: (email: string, code: string) =>
      call<object>('ConfirmSignUp', {
        ClientId,
        Username: email,
        ConfirmationCode: code,
      }),
    resendCode: (email: string) => call<object>('ResendConfirmationCode', { ClientId, Username: email }),
    forgotPassword: (email: string) => call<object>('ForgotPassword', { ClientId, Username: email }),
    confirmForgotPassword: (email: string, code: string, password: string) =>
      call<object>('ConfirmForgotPassword', {
        ClientId,
        Username: email,
        ConfirmationCode: code,
        Password: password,
      }),
    /** Whether an authenticator app's code is asked for after the password. */
    async readTotp(accessToken: string): Promise<boolean> {
      const { UserMFASettingList } = await call<{ UserMFASettingList?: string[] }>('GetUser', {
        AccessToken: accessToken,
      })
      return UserMFASettingList?.includes(TOTP) ?? false
    },
    /** A new secret for an authenticator app, base 32. It counts only after `turnOnTotp`. */
    async startTotp(accessToken: string): Promise<string> {
      const { SecretCode } = await call<{ SecretCode: string }>('AssociateSoftwareToken', {
        AccessToken: accessToken,
      })
      return SecretCode
    },
    /** Takes the app's code as proof that it has the secret; from then on sign-ins ask for one. */
    async turnOnTotp(accessToken: string, code: string): Promise<void> {
      const { Status } = await call<{ Status?: string }>('VerifySoftwareToken', {
        AccessToken: accessToken,
        UserCode: code,
      })
      if (Status !== 'SUCCESS') throw new AuthError('EnableSoftwareTokenMFAException', 'Code mismatch')
      await preferTotp(accessToken, true)
    },
    turnOffTotp: (accessToken: string) => preferTotp(accessToken, false),
    /** Ends this device's session: its refresh token is worth nothing afterwards. */
    signOut: (refreshToken: string) => call<object>('RevokeToken', { ClientId, Token: refreshToken }),
    /** Ends the sessions on all devices; tokens that are out already stay good until they expire. */
    signOutEverywhere: (accessToken: string) => call<object>('GlobalSignOut', { AccessToken: accessToken }),
  }
}
