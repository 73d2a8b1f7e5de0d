/**
 * The routes' paths as the client calls them. The table in @gen3d/shared/routes holds the schemas too, which would not
 * fit the page's first load; a test holds these paths against it.
 */
const id = encodeURIComponent

export const PATHS = {
  createUpload: () => '/get-upload-url',
  initialize: () => '/initialize',
  select: () => '/select',
  reconstruct: () => '/reconstruct',
  readStatus: (jobId: string) => `/status/${id(jobId)}`,
  cancelJob: (jobId: string) => `/jobs/${id(jobId)}/cancel`,
  retryJob: (jobId: string) => `/jobs/${id(jobId)}/retry`,
  listSessions: (page: { cursor?: string; limit?: number }) => {
    const query = [
      ...(page.cursor === undefined ? [] : [`cursor=${id(page.cursor)}`]),
      ...(page.limit === undefined ? [] : [`limit=${page.limit}`]),
    ].join('&')
    return query ? `/sessions?${query}` : '/sessions'
  },
  readSession: (sessionId: string) => `/sessions/${id(sessionId)}`,
  deleteSession: (sessionId: string) => `/sessions/${id(sessionId)}`,
  renameSession: (sessionId: string) => `/sessions/${id(sessionId)}`,
  shareSession: (sessionId: string) => `/sessions/${id(sessionId)}/share`,
  unshareSession: (sessionId: string) => `/sessions/${id(sessionId)}/share`,
  readShared: (token: string) => `/shared/${id(token)}`,
  readCapabilities: () => '/capabilities',
  exportFiles: (page: { cursor?: string }) =>
    page.cursor === undefined ? '/me/export' : `/me/export?cursor=${id(page.cursor)}`,
  deleteAccount: () => '/me',
} as const
