import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendJson } from './server.ts'
import { SignatureError, type SigningKey, verifySignature } from './sigv4.ts'

/** An error as an AWS service answers it: the SDK throws it under `code` as its name. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
  }
}

/** Which key pairs may call a service of the local stack. */
export interface SigningRule {
  /** The name in the credential scope, `ses` for example. */
  readonly service: string
  readonly region?: string
  readonly keyOf: (accessKeyId: string) => SigningKey | undefined
}

// The services that speak JSON have names of their own for what `sigv4.ts` calls by S3's names.
const jsonCodes: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'UnrecognizedClientException',
  InvalidToken: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  ExpiredToken: 'ExpiredTokenException',
}

/** Throws an `AwsError` unless a known key signed exactly this request with this body. */
export function requireSignature(request: IncomingMessage, body: Uint8Array, rule: SigningRule): void {
  const { method = 'GET', url = '/', headers } = request
  try {
    verifySignature({ method, url, headers }, { ...rule, body })
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error
    throw new AwsError(jsonCodes[error.code] ?? 'InvalidSignatureException', error.message, error.status)
  }
}

/** Answers with an error in the form that the SDK reads, for both the JSON-RPC and the REST-JSON protocols. */
export function sendAwsError(
  response: ServerResponse,
  error: AwsError,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = { __type: error.code, message: error.message, Message: error.message }
  sendJson(response, error.status, body, { 'x-amzn-ErrorType': error.code, ...headers })
}

/** The JSON object in a request body; throws `SerializationException` for anything else. */
export function parseJsonObject(body: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body) || '{}')
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>
    }
  } catch {
    // Said below: any body that is no JSON object gets the same answer.
  }
  throw new AwsError('SerializationException', 'The request body must be a JSON object.')
}
