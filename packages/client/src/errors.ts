/** What a call can end with, other than its answer. */
import type { ErrorCode } from '@gen3d/shared/errors'

/** The API answered with an error; `message` is a sentence for the person. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly requestId: string | undefined
  /** Of a 429: when it may be tried again. */
  readonly retryAt: Date | undefined

  constructor(fault: {
    status: number
    code: ErrorCode
    message: string
    field?: string
    requestId?: string
    retryAt?: Date
  }) {
    super(fault.message)
    this.status = fault.status
    this.code = fault.code
    this.field = fault.field
    this.requestId = fault.requestId
    this.retryAt = fault.retryAt
  }
}

/** No answer came: the network is down, or the address is wrong. Trying again is safe for every call of this client. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
}
