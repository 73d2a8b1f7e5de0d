/** What a person reads when a call failed. */
import { AuthError } from '@gen3d/client/auth'
import { ApiError, NetworkError } from '@gen3d/client/errors'
import { strings } from '../strings.ts'
import { formatWhen } from './format.ts'

export function errorText(error: unknown): string {
  if (error instanceof NetworkError) return strings.errors.network
  if (error instanceof AuthError) return strings.authErrors[error.code] ?? error.message
  if (error instanceof ApiError) {
    const parts = [error.message]
    if (error.retryAt) parts.push(strings.errors.retryAt(formatWhen(error.retryAt)))
    if (error.status >= 500 && error.requestId) parts.push(strings.errors.requestId(error.requestId))
    return parts.join(' ')
  }
  return error instanceof Error && error.message ? error.message : strings.errors.unknown
}
