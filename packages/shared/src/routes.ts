/** Every route of the API. The template, the router, the client and OpenAPI are all held against this table by tests. */
import type { TSchema } from 'typebox'
import {
  Capabilities,
  CreateUploadRequest,
  CreateUploadResponse,
  DeleteAccepted,
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
} from './api.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PATCH'
  /** API Gateway's notation: {name} is a path parameter. */
  readonly path: string
  readonly summary: string
  readonly body?: TSchema
  readonly query?: readonly string[]
  readonly status: number
  readonly response: TSchema
  /** Takes an Idempotency-Key: the same key and body give the same job. */
  readonly idempotent?: true
  /** Asks for no token: whoever knows the path may call it. */
  readonly public?: true
}

export const ROUTES = {
  createUpload: {
    method: 'POST',
    path: '/get-upload-url',
    summary: 'Open a session and get the form that uploads its photo.',
    body: CreateUploadRequest,
    status: 200,
    response: CreateUploadResponse,
  },
  initialize: {
    method: 'POST',
    path: '/initialize',
    summary: 'Check the uploaded photo and have its embedding computed.',
    body: InitializeRequest,
    status: 202,
    response: JobAccepted,
    idempotent: true,
  },
  select: {
    method: 'POST',
    path: '/select',
    summary: 'Find objects in the photo by words. 409 where the engine has no text_prompts.',
    body: SelectRequest,
    status: 202,
    response: JobAccepted,
    idempotent: true,
  },
  reconstruct: {
    method: 'POST',
    path: '/reconstruct',
    summary: 'Make a 3D object of each mask. Needs no finished embed.',
    body: ReconstructRequest,
    status: 202,
    response: JobAccepted,
    idempotent: true,
  },
  readStatus: {
    method: 'GET',
    path: '/status/{job_id}',
    summary: 'Read a job: state, progress, result with signed addresses.',
    status: 200,
    response: JobStatus,
  },
  cancelJob: {
    method: 'POST',
    path: '/jobs/{job_id}/cancel',
    summary: 'Cancel a job that has not ended.',
    status: 200,
    response: JobStatus,
  },
  retryJob: {
    method: 'POST',
    path: '/jobs/{job_id}/retry',
    summary: 'Make a new job like one that failed, expired or was cancelled.',
    status: 202,
    response: JobAccepted,
    idempotent: true,
  },
  listSessions: {
    method: 'GET',
    path: '/sessions',
    summary: 'List the caller’s sessions, newest first.',
    query: ['cursor', 'limit'],
    status: 200,
    response: SessionList,
  },
  readSession: {
    method: 'GET',
    path: '/sessions/{session_id}',
    summary: 'Read one session.',
    status: 200,
    response: Session,
  },
  renameSession: {
    method: 'PATCH',
    path: '/sessions/{session_id}',
    summary: 'Give a session another name.',
    body: RenameRequest,
    status: 200,
    response: Session,
  },
  shareSession: {
    method: 'POST',
    path: '/sessions/{session_id}/share',
    summary:
      'Make a link that shows the session’s objects to whoever has it; the same one while it is valid.',
    body: ShareRequest,
    status: 200,
    response: Share,
  },
  unshareSession: {
    method: 'DELETE',
    path: '/sessions/{session_id}/share',
    summary: 'Make the session’s share link worthless, at once.',
    status: 202,
    response: DeleteAccepted,
  },
  readShared: {
    method: 'GET',
    path: '/shared/{token}',
    summary: 'Read what a share link shows. Takes no sign-in.',
    status: 200,
    response: SharedScene,
    public: true,
  },
  deleteSession: {
    method: 'DELETE',
    path: '/sessions/{session_id}',
    summary: 'Delete a session with everything made of it, for good.',
    status: 202,
    response: DeleteAccepted,
  },
  readCapabilities: {
    method: 'GET',
    path: '/capabilities',
    summary: 'What this deployment can do now, what is left for the caller, what a job takes.',
    status: 200,
    response: Capabilities,
  },
  exportFiles: {
    method: 'GET',
    path: '/me/export',
    summary: 'List every file of the caller with a signed address, page by page.',
    query: ['cursor'],
    status: 200,
    response: ExportPage,
  },
  deleteAccount: {
    method: 'DELETE',
    path: '/me',
    summary: 'Delete the caller’s account, rows and objects.',
    status: 202,
    response: DeleteAccepted,
  },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof ROUTES
export const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[]
