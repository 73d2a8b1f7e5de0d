import { Gen3dError } from '@gen3d/shared/errors'

/** Where a page of sessions ended: opaque to callers, and of use only under the caller's own id. */
export interface SessionCursor {
  readonly createdAt: string
  readonly sessionId: string
}

export function invalidCursor(): Gen3dError {
  const message = 'cursor is not one that this list returned. Leave it out for the first page.'
  return new Gen3dError('invalid_request', message, { field: 'cursor' })
}

export function writeCursor({ createdAt, sessionId }: SessionCursor): string {
  return Buffer.from(`${createdAt}|${sessionId}`).toString('base64url')
}

/** Throws `invalid_request` for what `writeCursor` did not make. */
export function readCursor(cursor: string): SessionCursor {
  const [, createdAt, sessionId] =
    /^([0-9T:.Z-]{24})\|([0-9A-Z]{26})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (!createdAt) throw invalidCursor()
  return { createdAt, sessionId }
}
