/** The typed API client that the page and the CLI share: one method a route of @gen3d/shared/routes. */
import type {
  Capabilities,
  CreateUploadRequest,
  CreateUploadResponse,
  DeleteAccepted,
  ErrorResponse,
  ExportPage,
  InitializeRequest,
  JobAccepted,
  JobStatus,
  ReconstructRequest,
  RenameRequest,
  SelectRequest,
  Session,
  SessionList,
  Share,
  SharedScene,
  ShareRequest,
} from '@gen3d/shared/api'
import { HEADERS } from '@gen3d/shared/names'
import { ApiError, NetworkError } from './errors.ts'
import { PATHS } from './paths.ts'

export interface ClientOptions {
  /** Up to and with the stage, without a slash at the end: https://….amazonaws.com/prod */
  readonly apiUrl: string
  /** A fresh ID token; called for every request. */
  readonly idToken: () => Promise<string>
  readonly fetch?: typeof fetch
}

export interface CallOptions {
  readonly signal?: AbortSignal
}

/** The same key and body give the same job, however often a lost answer makes one ask again. */
export interface SubmitOptions extends CallOptions {
  readonly idempotencyKey?: string
}

/** A status, and how many seconds to wait before asking again (null when the job has ended). */
export interface StatusAnswer {
  readonly status: JobStatus
  readonly retryAfterSeconds: number | null
}

export type Client = ReturnType<typeof createClient>

async function toError(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as
    | (Partial<ErrorResponse> & { message?: string })
    | null
  const error = body?.error
  // API Gateway itself answers {message} before the Lambda is reached: 401 without a valid token, 429 when throttled.
  const fallback =
    response.status === 401 ? 'unauthorized' : response.status === 429 ? 'limit_reached' : 'internal'
  const retryAfter = Number(response.headers.get(HEADERS.retryAfter))
  return new ApiError({
    status: response.status,
    code: error?.code ?? fallback,
    message: error?.message ?? body?.message ?? `The API answered ${response.status}.`,
    field: error?.field,
    requestId: error?.request_id ?? response.headers.get(HEADERS.requestId) ?? undefined,
    retryAt: error?.retry_at
      ? new Date(error.retry_at)
      : retryAfter > 0
        ? new Date(Date.now() + retryAfter * 1000)
        : undefined,
  })
}

/** Makes a client. Its methods throw ApiError for an error answer and NetworkError when none came. */
export function createClient(options: ClientOptions) {
  const send = options.fetch ?? fetch

  async function request(
    method: string,
    path: string,
    body?: object,
    call: SubmitOptions = {},
    access: 'signed in' | 'public' = 'signed in',
  ): Promise<Response> {
    const headers: Record<string, string> = {}
    if (access === 'signed in') headers.authorization = `Bearer ${await options.idToken()}`
    if (body) headers['content-type'] = 'application/json'
    if (call.idempotencyKey) headers[HEADERS.idempotencyKey] = call.idempotencyKey
    let response: Response
    try {
      response = await send(`${options.apiUrl}${path}`, {
        method,
        headers,
        body: body && JSON.stringify(body),
        signal: call.signal,
      })
    } catch (cause) {
      if (call.signal?.aborted) throw cause
      throw new NetworkError(`No answer from ${options.apiUrl}. Check the connection.`, { cause })
    }
    if (!response.ok) throw await toError(response)
    return response
  }

  async function json<T>(method: string, path: string, body?: object, call?: SubmitOptions): Promise<T> {
    return (await (await request(method, path, body, call)).json()) as T
  }

  return {
    createUpload: (body: CreateUploadRequest, call?: CallOptions) =>
      json<CreateUploadResponse>('POST', PATHS.createUpload(), body, call),
    initialize: (body: InitializeRequest, call?: SubmitOptions) =>
      json<JobAccepted>('POST', PATHS.initialize(), body, call),
    select: (body: SelectRequest, call?: SubmitOptions) =>
      json<JobAccepted>('POST', PATHS.select(), body, call),
    reconstruct: (body: ReconstructRequest, call?: SubmitOptions) =>
      json<JobAccepted>('POST', PATHS.reconstruct(), body, call),
    async readStatus(jobId: string, call?: CallOptions): Promise<StatusAnswer> {
      const response = await request('GET', PATHS.readStatus(jobId), undefined, call)
      const seconds = response.headers.get(HEADERS.retryAfter)
      return {
        status: (await response.json()) as JobStatus,
        retryAfterSeconds: seconds === null ? null : Number(seconds),
      }
    },
    cancelJob: (jobId: string, call?: CallOptions) =>
      json<JobStatus>('POST', PATHS.cancelJob(jobId), undefined, call),
    retryJob: (jobId: string, call?: SubmitOptions) =>
      json<JobAccepted>('POST', PATHS.retryJob(jobId), undefined, call),
    listSessions: (page: { cursor?: string; limit?: number } = {}, call?: CallOptions) =>
      json<SessionList>('GET', PATHS.listSessions(page), undefined, call),
    readSession: (sessionId: string, call?: CallOptions) =>
      json<Session>('GET', PATHS.readSession(sessionId), undefined, call),
    deleteSession: (sessionId: string, call?: CallOptions) =>
      json<DeleteAccepted>('DELETE', PATHS.deleteSession(sessionId), undefined, call),
    renameSession: (sessionId: string, body: RenameRequest, call?: CallOptions) =>
      json<Session>('PATCH', PATHS.renameSession(sessionId), body, call),
    shareSession: (sessionId: string, body: ShareRequest = {}, call?: CallOptions) =>
      json<Share>('POST', PATHS.shareSession(sessionId), body, call),
    unshareSession: (sessionId: string, call?: CallOptions) =>
      json<DeleteAccepted>('DELETE', PATHS.unshareSession(sessionId), undefined, call),
    /** Works without a sign-in: no token is asked for or sent. */
    async readShared(token: string, call?: CallOptions): Promise<SharedScene> {
      const response = await request('GET', PATHS.readShared(token), undefined, call, 'public')
      return (await response.json()) as SharedScene
    },
    exportFiles: (page: { cursor?: string } = {}, call?: CallOptions) =>
      json<ExportPage>('GET', PATHS.exportFiles(page), undefined, call),
    readCapabilities: (call?: CallOptions) =>
      json<Capabilities>('GET', PATHS.readCapabilities(), undefined, call),
    deleteAccount: (call?: CallOptions) =>
      json<DeleteAccepted>('DELETE', PATHS.deleteAccount(), undefined, call),
  }
}
