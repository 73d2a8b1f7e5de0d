/**
 * The routes' paths as the client calls them. The table in @gen3d/shared/routes holds the schemas too, which would not
 * fit the page's first load; a test holds these paths against it.
 */
const id = encodeURIComponent

export const PATHS = {
  createUpload: () => '/get-upload-url',
  initialize: () => '/initialize',
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
  readCapabilities: () => '/capabilities',
  deleteAccount: () => '/me',
} as const
