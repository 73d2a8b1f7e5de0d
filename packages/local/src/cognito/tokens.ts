import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AwsError } from '../aws-error.ts'
import { readJson, writeJson } from '../durable-json.ts'
import type { User } from './user-store.ts'

/** The claims of an access token that this pool signed. */
interface AccessClaims {
  readonly sub: string
  readonly origin_jti: string
}

export interface TokenIssuer {
  readonly jwks: { keys: readonly Record<string, unknown>[] }
  readonly issuer: string
  /** Signs an id and an access token for a session (`originJti`); `authTime` in epoch seconds. */
  readonly issue: (
    user: User,
    originJti: string,
    authTime: number,
  ) => { idToken: string; accessToken: string }
  /** Reads an access token; throws `NotAuthorizedException` when it is not ours, altered or expired. */
  readonly readAccessToken: (token: string) => AccessClaims
  /** The same for an id token. */
  readonly readIdToken: (token: string) => { readonly sub: string }
}

/** Id and access tokens live one hour, as the app client says. */
export const tokenLifetimeSeconds = 3600

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function openKey(path: string): Promise<{ kid: string; privateKey: KeyObject }> {
  const stored = readJson(path) as { kid: string; pem: string } | undefined
  if (stored) return { kid: stored.kid, privateKey: createPrivateKey(stored.pem) }
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  writeJson(path, { kid, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) })
  return { kid, privateKey }
}

/** Opens the signing key in `folder/signing-key.json`, or makes one. */
export async function openTokenIssuer(
  folder: string,
  pool: { readonly region: string; readonly userPoolId: string; readonly clientId: string },
  nowMs: () => number,
): Promise<TokenIssuer> {
  const { kid, privateKey } = await openKey(join(folder, 'signing-key.json'))
  const publicKey = createPublicKey(privateKey)
  const issuer = `https://cognito-idp.${pool.region}.amazonaws.com/${pool.userPoolId}`

  function signToken(claims: object): string {
    const signed = `${encode({ kid, alg: 'RS256' })}.${encode(claims)}`
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`
  }

  function readToken(token: string, use: 'access' | 'id', name: string): AccessClaims {
    const invalid = new AwsError('NotAuthorizedException', `Invalid ${name}`)
    const [header, payload, signature] = token.split('.')
    if (!header || !payload || !signature) throw invalid
    const signed = Buffer.from(`${header}.${payload}`)
    if (!verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))) throw invalid
    // Only this pool signs with the key, so what stands in the token has its shape.
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as AccessClaims & {
      token_use: string
      exp: number
    }
    if (claims.token_use !== use) throw invalid
    if (claims.exp * 1000 <= nowMs()) throw new AwsError('NotAuthorizedException', `${name} has expired`)
    return claims
  }

  return {
    issuer,
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'RS256', kid, use: 'sig' }] },
    issue(user, originJti, authTime) {
      const iat = Math.floor(nowMs() / 1000)
      const both = {
        sub: user.sub,
        iss: issuer,
        origin_jti: originJti,
        event_id: randomUUID(),
        auth_time: authTime,
        iat,
        exp: iat + tokenLifetimeSeconds,
      }
      const idClaims = { ...both, aud: pool.clientId, token_use: 'id', jti: randomUUID() }
      const scope = 'aws.cognito.signin.user.admin'
      const accessClaims = {
        ...both,
        client_id: pool.clientId,
        token_use: 'access',
        scope,
        jti: randomUUID(),
      }
      return {
        idToken: signToken({
          ...idClaims,
          email: user.email,
          email_verified: user.emailVerified,
          'cognito:username': user.sub,
        }),
        accessToken: signToken({ ...accessClaims, username: user.sub }),
      }
    },
    readAccessToken: (token) => readToken(token, 'access', 'Access Token'),
    readIdToken: (token) => readToken(token, 'id', 'Id Token'),
  }
}
