import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'

/** The user pool whose id tokens a REST API takes. */
export interface AuthorizerOptions {
  readonly userPoolId: string
  /** Null: of any app client of the pool, as API Gateway takes them. */
  readonly clientId: string | null
  /** Where the keys are served; AWS's own address of the pool when left out. */
  readonly jwksUrl?: string
}

/** Gives the claims of a good id token in API Gateway's form (all texts), or undefined. */
export type Authorizer = (authorization: string | undefined) => Promise<Record<string, string> | undefined>

const dateClaims = new Set(['exp', 'iat'])

// `Wed Nov 25 22:18:18 UTC 2026`, as REST APIs hand on these two claims.
function toJavaDate(seconds: number): string {
  const [day, date, month, year, time] = new Date(seconds * 1000).toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${date} ${time} UTC ${year}`
}

function toClaimText(name: string, value: unknown): string {
  if (dateClaims.has(name) && typeof value === 'number') return toJavaDate(value)
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/**
 * A Cognito authorizer without scopes: RS256 by the pool's keys, issuer, audience, expiry and `token_use` id are
 * checked. The token may stand alone or after `Bearer`, as API Gateway takes it.
 */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  // The verifier asks for the keys at AWS's https address; here that question goes to the local pool instead.
  const fetcher = {
    fetch: async (uri: string) => (await fetch(options.jwksUrl ?? uri)).arrayBuffer(),
  }
  const { userPoolId, clientId } = options
  const verifier = CognitoJwtVerifier.create(
    { userPoolId, clientId, tokenUse: 'id' },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
  )
  return async (authorization) => {
    const token = authorization?.replace(/^Bearer /i, '')
    if (!token) return undefined
    try {
      const claims = await verifier.verify(token)
      return Object.fromEntries(
        Object.entries(claims).map(([name, value]) => [name, toClaimText(name, value)]),
      )
    } catch {
      // Whatever is wrong with a token, API Gateway says no more than 401.
      return undefined
    }
  }
}
