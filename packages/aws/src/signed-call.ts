/**
 * Signed calls of AWS services that are asked too seldom to be worth an SDK client in every bundle (each is 80-200 kB).
 * Credentials, region and endpoints come from the environment, as in the SDK.
 */
import { AwsClient } from 'aws4fetch'

export interface SignedCall {
  /** As in SigV4's credential scope. */
  readonly service: string
  /** First part of AWS's own host name. */
  readonly host: string
  /** As in AWS_ENDPOINT_URL_NAME. */
  readonly endpointName: string
  readonly path?: string
  readonly headers: Record<string, string>
  readonly body: string
  /** Repetitions after a 5xx or 429; 0 where a call must not happen twice. */
  readonly retries?: number
}

/** An answer of AWS other than 2xx: its error type and message. */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError'
  readonly type: string
  readonly status: number
  constructor(service: string, status: number, type: string, message: string) {
    super(`${service} answered ${status} ${type}: ${message}`)
    this.type = type
    this.status = status
  }
}

/** Returns a 2xx answer; throws AwsCallError for any other. */
export async function signedCall(call: SignedCall): Promise<{ text: string; headers: Headers }> {
  const { AWS_REGION: region = 'us-east-1' } = process.env
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = process.env
  const client = new AwsClient({
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN || undefined,
    service: call.service,
    region,
    retries: call.retries ?? 3,
  })
  const endpoint =
    process.env[`AWS_ENDPOINT_URL_${call.endpointName}`] ||
    process.env.AWS_ENDPOINT_URL ||
    `https://${call.host}.${region}.amazonaws.com`
  const answer = await client.fetch(`${endpoint.replace(/\/$/, '')}${call.path ?? '/'}`, {
    method: 'POST',
    headers: call.headers,
    body: call.body,
  })
  const text = await answer.text()
  if (answer.ok) return { text, headers: answer.headers }
  throw toCallError(call.service, answer, text)
}

/** AWS JSON 1.1: the operation in a header, JSON both ways. */
export async function jsonCall(
  call: Pick<SignedCall, 'service' | 'host' | 'endpointName'> & { target: string; input: object },
): Promise<Record<string, unknown>> {
  const headers = { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': call.target }
  const { text } = await signedCall({ ...call, headers, body: JSON.stringify(call.input) })
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

export function toCallError(service: string, answer: Response, text: string): AwsCallError {
  let body: { __type?: string; message?: string; Message?: string } = {}
  try {
    body = JSON.parse(text)
  } catch {
    body = { message: text.slice(0, 200) }
  }
  const type = answer.headers.get('x-amzn-errortype') ?? body.__type ?? 'Unknown'
  // Types come as `namespace#Name` or `Name:documentation`.
  const name = type.split('#').at(-1)?.split(':')[0] ?? type
  return new AwsCallError(service, answer.status, name, body.message ?? body.Message ?? '')
}
