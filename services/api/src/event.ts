/** What API Gateway hands over, read into what a route needs. */
import type { Caller } from '@gen3d/jobs/world'
import { Gen3dError } from '@gen3d/shared/errors'
import { MAX_BODY_BYTES } from '@gen3d/shared/limits'
import type { APIGatewayProxyEvent } from 'aws-lambda'

export function readHeader({ headers }: APIGatewayProxyEvent, name: string): string | null {
  const wanted = name.toLowerCase()
  const found = Object.entries(headers ?? {}).find(([header]) => header.toLowerCase() === wanted)
  return found?.[1] ?? null
}

/** From the claims that API Gateway's authorizer has verified; throws `unauthorized` for any token but an ID token. */
export function readCaller({ requestContext }: APIGatewayProxyEvent): Caller {
  const claims = (requestContext?.authorizer?.claims ?? {}) as Record<string, unknown>
  const { sub, email, email_verified, token_use } = claims
  if (typeof sub !== 'string' || token_use !== 'id') throw new Gen3dError('unauthorized')
  const username = claims['cognito:username']
  // The authorizer hands every claim over as text.
  const verified = String(email_verified) === 'true' && typeof email === 'string'
  return {
    sub,
    username: typeof username === 'string' ? username : sub,
    email: verified ? email : null,
  }
}

/** The JSON body, not checked against a schema yet. `field`: what makes a body of this route large. */
export function readBody(event: APIGatewayProxyEvent, field: string): unknown {
  const body = event.body ?? ''
  const text = event.isBase64Encoded ? Buffer.from(body, 'base64').toString() : body
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) {
    throw new Gen3dError(
      'too_large',
      `The body has more than ${MAX_BODY_BYTES} bytes. Send less in ${field}.`,
      {
        field,
      },
    )
  }
  const mediaType = readHeader(event, 'Content-Type')?.split(';')[0].trim().toLowerCase()
  if (mediaType !== 'application/json') throw new Gen3dError('unsupported_media_type')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Gen3dError('invalid_json', undefined, { cause: error })
  }
}
