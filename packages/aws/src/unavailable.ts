import { AwsCallError } from './signed-call.ts'

const NAMES = new Set([
  'TimeoutError',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'SlowDown',
  'ECONNREFUSED',
  'ECONNRESET',
])

interface SdkError {
  readonly name?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** Whether an error says that AWS does not answer now, rather than that the call was wrong. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AwsCallError) return error.status === 429 || error.status >= 500
  const { name = '', code = '', $metadata } = (error ?? {}) as SdkError
  return NAMES.has(name) || NAMES.has(code) || ($metadata?.httpStatusCode ?? 0) >= 500
}
