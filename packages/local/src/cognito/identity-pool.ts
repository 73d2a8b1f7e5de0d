/** An identity pool without guests: trades an id token of the user pool for a key pair with the rights of its role. */
import { createHash, randomBytes } from 'node:crypto'
import { photoKey } from '@gen3d/shared/keys'
import { AwsError } from '../aws-error.ts'
import type { S3Credential } from '../s3/principal.ts'
import { type Input, notAuthorized, readTexts, requireText } from './pool.ts'
import { type TokenIssuer, tokenLifetimeSeconds } from './tokens.ts'

export interface IdentityPoolOptions {
  readonly region: string
  /** `REGION:UUID`, as Cognito's own ids. */
  readonly identityPoolId: string
  readonly userPoolId: string
  readonly tokens: TokenIssuer
  readonly nowMs: () => number
}

export interface IdentityPool {
  readonly operations: Readonly<Record<string, (input: Input) => object>>
  /** The key pairs that are out, one hour each; a restart forgets them. */
  readonly keyOf: (accessKeyId: string) => S3Credential | undefined
}

/** What Gen3DCognitoAuthRole may: read the own prefix, put the original image. The tag `sub` is the token's. */
function rightsOf(sub: string): S3Credential['allow'] {
  const sample = photoKey({ sub, sessionId: '*' }, 'jpg')
  const [beforeSession, afterSession] = sample.slice(0, -'jpg'.length).split('*')
  return (action, key = '') => {
    if (action === 's3:GetObject') return key.startsWith(`users/${sub}/`)
    if (action !== 's3:PutObject' || !key.startsWith(beforeSession)) return false
    return key.slice(beforeSession.length).includes(afterSession)
  }
}

/** Opens the pool; nothing of it is kept on disk. */
export function openIdentityPool(options: IdentityPoolOptions): IdentityPool {
  const { region, identityPoolId, userPoolId, tokens, nowMs } = options
  const provider = `cognito-idp.${region}.amazonaws.com/${userPoolId}`
  const out = new Map<string, S3Credential>()

  function readSub(input: Input): string {
    const token = readTexts(input, 'Logins')[provider]
    if (!token) throw notAuthorized('Unauthenticated access is not supported for this identity pool.')
    return tokens.readIdToken(token).sub
  }
  // The same person has the same identity, as in Cognito.
  function identityOf(sub: string): string {
    const hex = createHash('sha256').update(`${identityPoolId}${sub}`).digest('hex')
    const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)]
    return `${region}:${uuid.join('-')}`
  }

  return {
    keyOf: (id) => out.get(id),
    operations: {
      GetId(input) {
        if (requireText(input, 'IdentityPoolId') !== identityPoolId)
          throw new AwsError('ResourceNotFoundException', 'There is no such identity pool.')
        return { IdentityId: identityOf(readSub(input)) }
      },
      GetCredentialsForIdentity(input) {
        const identity = requireText(input, 'IdentityId')
        const sub = readSub(input)
        if (identity !== identityOf(sub)) throw notAuthorized('The token is of another identity.')
        const expiresAt = nowMs() + tokenLifetimeSeconds * 1000
        const key: S3Credential = {
          accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`,
          secretAccessKey: randomBytes(24).toString('base64url'),
          sessionToken: randomBytes(48).toString('base64url'),
          expiresAt,
          allow: rightsOf(sub),
        }
        out.set(key.accessKeyId, key)
        return {
          IdentityId: identity,
          Credentials: {
            AccessKeyId: key.accessKeyId,
            SecretKey: key.secretAccessKey,
            SessionToken: key.sessionToken,
            Expiration: expiresAt / 1000,
          },
        }
      },
    },
  }
}
