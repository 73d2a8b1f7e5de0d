/** The one file that makes answers: JSON, CORS and request id on every one, errors by their code. */
import type { JsonLog } from '@gen3d/aws/log'
import { isUnavailable } from '@gen3d/aws/unavailable'
import type { ErrorResponse, JobStatus } from '@gen3d/shared/api'
import { ERRORS, Gen3dError } from '@gen3d/shared/errors'
import { isOpen } from '@gen3d/shared/job-states'
import { HEADERS } from '@gen3d/shared/names'
import type { MiddlewareObj } from '@middy/core'
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda'
import type { Outcome } from './router.ts'

/** While a job runs; short, since a small one takes seconds. */
const POLL_SECONDS = 1
const UNAVAILABLE_RETRY_SECONDS = 30

/** Turns what the router returned or threw into API Gateway's answer. */
export function respond(
  siteOrigin: string,
  log: JsonLog,
): MiddlewareObj<APIGatewayProxyEvent, Outcome | APIGatewayProxyResult> {
  const answer = (event: APIGatewayProxyEvent, status: number, body: object, retryAfter: number | null) => ({
    statusCode: status,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      'Access-Control-Allow-Origin': siteOrigin,
      'Access-Control-Expose-Headers': `${HEADERS.retryAfter},${HEADERS.requestId}`,
      Vary: 'Origin',
      'X-Content-Type-Options': 'nosniff',
      [HEADERS.requestId]: requestIdOf(event),
      ...(retryAfter === null ? {} : { [HEADERS.retryAfter]: String(retryAfter) }),
    },
    body: JSON.stringify(body),
  })
  return {
    after(request) {
      const { status, body } = request.response as Outcome
      const open = 'state' in body && isOpen((body as JobStatus).state)
      request.response = answer(request.event, status, body, open ? POLL_SECONDS : null)
    },
    onError(request) {
      const error = toGen3dError(request.error)
      const { status } = ERRORS[error.code]
      const requestId = requestIdOf(request.event)
      const fields = { request_id: requestId, code: error.code, field: error.field }
      if (status < 500) log.info('refused', fields)
      else log.error('request failed', { ...fields, error: stackOf(request.error) })
      const body = toErrorBody(error, status, requestId)
      request.response = answer(request.event, status, body, error.retryAfterSeconds ?? null)
    },
  }
}

function requestIdOf({ requestContext }: APIGatewayProxyEvent): string {
  return requestContext?.requestId ?? ''
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function toGen3dError(error: unknown): Gen3dError {
  if (error instanceof Gen3dError) return error
  return isUnavailable(error)
    ? new Gen3dError('unavailable', undefined, { retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS })
    : new Gen3dError('internal')
}

/** Of our own failures only the request id is shown: a message might tell what is nobody's business. */
function toErrorBody(error: Gen3dError, status: number, requestId: string): ErrorResponse {
  const { code, field, retryAfterSeconds } = error
  return {
    error: {
      code,
      message: status < 500 ? error.message : ERRORS[code].message,
      ...(field === undefined ? {} : { field }),
      request_id: requestId,
      ...(status === 429 && retryAfterSeconds !== undefined
        ? { retry_at: new Date(Date.now() + retryAfterSeconds * 1000).toISOString() }
        : {}),
    },
  }
}
