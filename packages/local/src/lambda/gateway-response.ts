/** What API Gateway answers by itself; the names are its own response types. */
export type GatewayFailure =
  | 'UNAUTHORIZED'
  | 'MISSING_AUTHENTICATION_TOKEN'
  | 'ACCESS_DENIED'
  | 'REQUEST_TOO_LARGE'
  | 'INTEGRATION_TIMEOUT'
  | 'INTEGRATION_FAILURE'

/** An `AWS::ApiGateway::GatewayResponse` of the template. */
export interface GatewayResponse {
  readonly statusCode?: number
  readonly headers: Readonly<Record<string, string>>
  /** The template for `application/json`. */
  readonly template?: string
}

/** By response type: one of the failures, `DEFAULT_4XX` or `DEFAULT_5XX`. */
export type GatewayResponses = Readonly<Record<string, GatewayResponse>>

const defaults: Readonly<
  Record<GatewayFailure, readonly [status: number, message: string, errorType: string]>
> = {
  UNAUTHORIZED: [401, 'Unauthorized', 'UnauthorizedException'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'Missing Authentication Token', 'MissingAuthenticationTokenException'],
  ACCESS_DENIED: [403, 'Forbidden', 'ForbiddenException'],
  REQUEST_TOO_LARGE: [413, 'Request Too Long', 'RequestTooLargeException'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out', 'InternalServerErrorException'],
  // A Lambda that fails or answers nonsense is 502 in proxy integrations, whatever the type's own default.
  INTEGRATION_FAILURE: [502, 'Internal server error', 'InternalServerErrorException'],
}

/** Makes the answer to a failure; the template's responses win over API Gateway's own. */
export function toGatewayResponse(
  failure: GatewayFailure,
  responses: GatewayResponses,
  requestId: string,
): { status: number; headers: Record<string, string>; body: string } {
  const [ownStatus, message, errorType] = defaults[failure]
  const response = responses[failure] ?? responses[ownStatus < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX']
  const template = response?.template ?? '{"message":$context.error.messageString}'
  const variables: Readonly<Record<string, string>> = {
    '$context.error.messageString': JSON.stringify(message),
    '$context.error.message': message,
    '$context.error.responseType': failure,
    '$context.requestId': requestId,
  }
  const body = template.replace(/\$context\.(error\.)?\w+/g, (name) => {
    if (name in variables) return variables[name]
    throw new Error(`The local API Gateway does not know ${name} in the response template of ${failure}.`)
  })
  return {
    status: response?.statusCode ?? ownStatus,
    headers: { 'Content-Type': 'application/json', 'x-amzn-ErrorType': errorType, ...response?.headers },
    body,
  }
}
