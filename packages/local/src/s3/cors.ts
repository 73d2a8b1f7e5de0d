import type { IncomingHttpHeaders } from 'node:http'
import { S3Error } from './s3-error.ts'

/** One rule of a bucket's CORS configuration, named as in CloudFormation. `*` in origins and headers is a wildcard. */
export interface CorsRule {
  readonly AllowedOrigins: readonly string[]
  readonly AllowedMethods: readonly string[]
  readonly AllowedHeaders?: readonly string[]
  readonly ExposedHeaders?: readonly string[]
  /** Seconds. */
  readonly MaxAge?: number
}

/** The CORS headers that go with the answer to a request from a page; empty when no rule allows it. */
export function corsHeaders(
  rules: readonly CorsRule[],
  method: string,
  headers: IncomingHttpHeaders,
): Record<string, string> {
  const { origin } = headers
  if (origin === undefined) return {}
  const rule = findRule(rules, origin, method, [])
  return rule ? originHeaders(rule, origin) : {}
}

/** The headers that answer an `OPTIONS` preflight; throws `AccessForbidden` as S3 does. */
export function preflightHeaders(
  rules: readonly CorsRule[],
  headers: IncomingHttpHeaders,
): Record<string, string> {
  const { origin, 'access-control-request-method': method } = headers
  if (origin === undefined || method === undefined) {
    throw new S3Error(
      'BadRequest',
      400,
      'Insufficient information. Origin request header needed, and Access-Control-Request-Method.',
    )
  }
  const asked = (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean)
  const rule = findRule(rules, origin, method, asked)
  if (!rule) {
    throw new S3Error(
      'AccessForbidden',
      403,
      'CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource’s CORS spec.',
    )
  }
  return {
    ...originHeaders(rule, origin),
    'Access-Control-Allow-Methods': rule.AllowedMethods.join(', '),
    ...(asked.length > 0 && { 'Access-Control-Allow-Headers': asked.join(', ') }),
    ...(rule.MaxAge !== undefined && { 'Access-Control-Max-Age': String(rule.MaxAge) }),
  }
}

function findRule(
  rules: readonly CorsRule[],
  origin: string,
  method: string,
  asked: readonly string[],
): CorsRule | undefined {
  return rules.find(
    (rule) =>
      rule.AllowedMethods.includes(method) &&
      rule.AllowedOrigins.some((allowed) => wildcard(allowed, origin)) &&
      asked.every((name) => rule.AllowedHeaders?.some((allowed) => wildcard(allowed.toLowerCase(), name))),
  )
}

function originHeaders(rule: CorsRule, origin: string): Record<string, string> {
  const any = rule.AllowedOrigins.includes('*')
  return {
    'Access-Control-Allow-Origin': any ? '*' : origin,
    ...(!any && { 'Access-Control-Allow-Credentials': 'true' }),
    ...(rule.ExposedHeaders && { 'Access-Control-Expose-Headers': rule.ExposedHeaders.join(', ') }),
    Vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}

function wildcard(pattern: string, text: string): boolean {
  const [before, ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  const after = rest.join('*')
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
}
