/** From a route to its use case. The template's events and this table are both held against ROUTES by a test. */
import { cancelJob } from '@gen3d/jobs/cancel-job'
import { createUpload } from '@gen3d/jobs/create-upload'
import { deleteAccount } from '@gen3d/jobs/delete-account'
import { deleteSession } from '@gen3d/jobs/delete-session'
import { exportFiles } from '@gen3d/jobs/export-files'
import { initialize } from '@gen3d/jobs/initialize'
import { readCapabilities } from '@gen3d/jobs/read-capabilities'
import { readShared } from '@gen3d/jobs/read-shared'
import { readStatus } from '@gen3d/jobs/read-status'
import { reconstruct } from '@gen3d/jobs/reconstruct'
import { retryJob } from '@gen3d/jobs/retry-job'
import { select } from '@gen3d/jobs/select'
import { listSessions, readSession, renameSession } from '@gen3d/jobs/sessions'
import { shareSession, unshareSession } from '@gen3d/jobs/share'
import type { Caller } from '@gen3d/jobs/world'
import type {
  CreateUploadRequest,
  InitializeRequest,
  ReconstructRequest,
  RenameRequest,
  SelectRequest,
  ShareRequest,
} from '@gen3d/shared/api'
import { Gen3dError } from '@gen3d/shared/errors'
import { HEADERS } from '@gen3d/shared/names'
import { ROUTE_NAMES, ROUTES, type Route, type RouteName } from '@gen3d/shared/routes'
import { checkRequest } from '@gen3d/shared/validate'
import type { APIGatewayProxyEvent } from 'aws-lambda'
import { readBody, readCaller, readHeader } from './event.ts'
import type { ApiWorld } from './wire.ts'

interface Call {
  /** Fits the route's schema; undefined where the route takes none. */
  readonly body: unknown
  readonly path: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, string | undefined>>
  readonly key: string | null
  /** The caller's IP address, as API Gateway saw it. */
  readonly address: string
}

interface SignedInCall extends Call {
  readonly caller: Caller
}

type PublicRoute = {
  [Name in RouteName]: (typeof ROUTES)[Name] extends { public: true } ? Name : never
}[RouteName]
type SignedInRoute = Exclude<RouteName, PublicRoute>

const PUBLIC_USE_CASES: Record<PublicRoute, (world: ApiWorld, call: Call) => Promise<object>> = {
  readShared: (world, { path, address }) => readShared(world, path.token ?? '', address),
}

const USE_CASES: Record<SignedInRoute, (world: ApiWorld, call: SignedInCall) => Promise<object>> = {
  createUpload: (world, { caller, body }) => createUpload(world, caller, body as CreateUploadRequest),
  initialize: (world, { caller, body, key }) => initialize(world, caller, body as InitializeRequest, key),
  select: (world, { caller, body, key }) => select(world, caller, body as SelectRequest, key),
  reconstruct: (world, { caller, body, key }) => reconstruct(world, caller, body as ReconstructRequest, key),
  readStatus: (world, { caller, path }) => readStatus(world, caller, path.job_id ?? ''),
  cancelJob: (world, { caller, path }) => cancelJob(world, caller, path.job_id ?? ''),
  retryJob: (world, { caller, path, key }) => retryJob(world, caller, path.job_id ?? '', key),
  listSessions: (world, { caller, query }) => listSessions(world, caller, query),
  readSession: (world, { caller, path }) => readSession(world, caller, path.session_id ?? ''),
  renameSession: (world, { caller, path, body }) =>
    renameSession(world, caller, path.session_id ?? '', body as RenameRequest),
  shareSession: (world, { caller, path, body }) =>
    shareSession(world, caller, path.session_id ?? '', body as ShareRequest),
  unshareSession: (world, { caller, path }) => unshareSession(world, caller, path.session_id ?? ''),
  deleteSession: (world, { caller, path }) => deleteSession(world, caller, path.session_id ?? ''),
  readCapabilities: (world, { caller }) => readCapabilities(world, caller),
  exportFiles: (world, { caller, query }) => exportFiles(world, caller, query),
  deleteAccount: (world, { caller }) => deleteAccount(world, caller),
}

export interface Outcome {
  readonly status: number
  readonly body: object
}

/** Finds the route, reads and checks what it takes, and runs its use case. Throws Gen3dError. */
export async function route(world: ApiWorld, event: APIGatewayProxyEvent): Promise<Outcome> {
  const name = findRoute(event)
  const { body: schema, status }: Route = ROUTES[name]
  const { userId, run } = openRoute(name, event)
  const body = schema && checkRequest(schema, readBody(event, name === 'reconstruct' ? 'masks' : 'body'))
  const call = {
    body,
    path: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    key: readHeader(event, HEADERS.idempotencyKey),
    address: event.requestContext?.identity?.sourceIp ?? '',
  }
  const log = world.log.with({
    route: name,
    user_id: userId,
    request_id: event.requestContext?.requestId,
  })
  return { status, body: await run({ ...world, log }, call) }
}

/** Who calls is known before anything of the call is read. */
function openRoute(
  name: RouteName,
  event: APIGatewayProxyEvent,
): { userId?: string; run: (world: ApiWorld, call: Call) => Promise<object> } {
  if (isPublic(name)) return { run: PUBLIC_USE_CASES[name] }
  const caller = readCaller(event)
  return { userId: caller.sub, run: (world, call) => USE_CASES[name](world, { ...call, caller }) }
}

function isPublic(name: RouteName): name is PublicRoute {
  return name in PUBLIC_USE_CASES
}

function findRoute({ httpMethod, resource }: APIGatewayProxyEvent): RouteName {
  const onPath = ROUTE_NAMES.filter((name) => ROUTES[name].path === resource)
  const found = onPath.find((name) => ROUTES[name].method === httpMethod)
  if (found) return found
  throw new Gen3dError(onPath.length > 0 ? 'method_not_allowed' : 'not_found')
}
