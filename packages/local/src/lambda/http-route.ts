/** The `cors` of one HTTP event, as Serverless reads it. */
export interface Cors {
  /** `*`, or origins that may hold a `*` each. */
  readonly origins: readonly string[]
  readonly headers: readonly string[]
  readonly methods: readonly string[]
  readonly allowCredentials: boolean
  readonly maxAgeSeconds?: number
  readonly cacheControl?: string
}

/** One method of one resource of a REST API and the function behind it. */
export interface HttpRoute {
  /** Upper case, or `ANY`. */
  readonly method: string
  /** `/status/{job_id}`; the last segment may be `{proxy+}`. */
  readonly path: string
  /** The function's key in `functions`. */
  readonly functionKey: string
  readonly authorizer: 'cognito' | null
  readonly cors: Cors | null
}

/** A route that fits, with its path parameters as sent (REST APIs hand them on encoded). */
export interface RouteMatch {
  readonly route: HttpRoute
  readonly pathParameters: Readonly<Record<string, string>> | null
}

interface Resource {
  readonly path: string
  readonly segments: readonly string[]
  readonly routes: readonly HttpRoute[]
}

export interface RouteTable {
  /** The resource at a path, whatever its methods. */
  readonly find: (
    path: string,
  ) => { resource: Resource; pathParameters: RouteMatch['pathParameters'] } | undefined
  readonly match: (method: string, path: string) => RouteMatch | undefined
}

const toSegments = (path: string) => path.split('/').filter(Boolean)
const isGreedy = (segment: string) => segment.endsWith('+}')

// Fixed segments win over parameters, parameters over `{proxy+}`, from left to right, as in API Gateway.
function rank(resource: Resource): string {
  return resource.segments.map((one) => (isGreedy(one) ? '2' : one.startsWith('{') ? '1' : '0')).join('')
}

function matchSegments(
  pattern: readonly string[],
  sent: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {}
  for (const [at, segment] of pattern.entries()) {
    if (isGreedy(segment)) {
      if (sent.length <= at) return undefined
      parameters[segment.slice(1, -2)] = sent.slice(at).join('/')
      return parameters
    }
    if (sent[at] === undefined) return undefined
    if (segment.startsWith('{')) parameters[segment.slice(1, -1)] = sent[at]
    else if (segment !== sent[at]) return undefined
  }
  return sent.length === pattern.length ? parameters : undefined
}

/** Orders routes by resource for look-ups. */
export function toRouteTable(routes: readonly HttpRoute[]): RouteTable {
  const paths = [...new Set(routes.map((route) => route.path))]
  const resources = paths
    .map(
      (path): Resource => ({
        path,
        segments: toSegments(path),
        routes: routes.filter((route) => route.path === path),
      }),
    )
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))

  const find: RouteTable['find'] = (path) => {
    const sent = toSegments(path)
    for (const resource of resources) {
      const parameters = matchSegments(resource.segments, sent)
      if (!parameters) continue
      return { resource, pathParameters: Object.keys(parameters).length > 0 ? parameters : null }
    }
    return undefined
  }
  return {
    find,
    match(method, path) {
      const found = find(path)
      const route =
        found?.resource.routes.find((one) => one.method === method) ??
        found?.resource.routes.find((one) => one.method === 'ANY' && method !== 'OPTIONS')
      return found && route ? { route, pathParameters: found.pathParameters } : undefined
    },
  }
}
