import type { HttpRoute } from './http-route.ts'

const anyMethods = 'DELETE,GET,HEAD,PATCH,POST,PUT'

function matchesOrigin(pattern: string, origin: string): boolean {
  const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace('*', '.+')
  return new RegExp(`^${expression}$`).test(origin)
}

/**
 * The headers of the OPTIONS method that Serverless makes for a resource, or undefined when no route of it has `cors`:
 * headers and methods of all its routes together, the origin of the last one.
 */
export function toPreflightHeaders(
  routes: readonly HttpRoute[],
  origin: string | undefined,
): Record<string, string> | undefined {
  const all = routes.flatMap((route) => (route.cors ? [route.cors] : []))
  if (all.length === 0) return undefined
  const last = all[all.length - 1]
  const union = (pick: (cors: (typeof all)[number]) => readonly string[]) =>
    [...new Set(all.flatMap(pick))].join(',')
  const known = origin !== undefined && last.origins.some((pattern) => matchesOrigin(pattern, origin))
  const maxAgeSeconds = all.findLast((cors) => cors.maxAgeSeconds)?.maxAgeSeconds
  const cacheControl = all.findLast((cors) => cors.cacheControl)?.cacheControl
  return {
    'Access-Control-Allow-Origin': known && last.origins[0] !== '*' ? origin : last.origins[0],
    'Access-Control-Allow-Headers': union((cors) => cors.headers),
    'Access-Control-Allow-Methods': union((cors) => cors.methods).replace('ANY', anyMethods),
    ...(all.some((cors) => cors.allowCredentials) ? { 'Access-Control-Allow-Credentials': 'true' } : {}),
    ...(maxAgeSeconds ? { 'Access-Control-Max-Age': String(maxAgeSeconds) } : {}),
    ...(cacheControl ? { 'Cache-Control': cacheControl } : {}),
  }
}
