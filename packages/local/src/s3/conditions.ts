import type { IncomingHttpHeaders } from 'node:http'
import type { StoredObject } from './object-store.ts'
import { noSuchKey, notImplemented, S3Error } from './s3-error.ts'

/** What the `If-*` headers of a GET or HEAD say: send it, or 304. Throws `PreconditionFailed`. */
export function readCondition(headers: IncomingHttpHeaders, object: StoredObject): 'send' | 'not-modified' {
  const seconds = Math.floor(object.lastModified / 1000) * 1000
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object.etag)) throw preconditionFailed('If-Match')
  } else if (seconds > Date.parse(headers['if-unmodified-since'] ?? '')) {
    throw preconditionFailed('If-Unmodified-Since')
  }
  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, object.etag) ? 'not-modified' : 'send'
  return seconds <= Date.parse(headers['if-modified-since'] ?? '') ? 'not-modified' : 'send'
}

/** Throws unless the `If-Match` / `If-None-Match: *` of a write holds for the object that is there now. */
export function checkWriteCondition(
  headers: IncomingHttpHeaders,
  key: string,
  current: StoredObject | undefined,
): void {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') throw notImplemented(`If-None-Match: ${ifNoneMatch} on a write`)
    if (current) throw preconditionFailed('If-None-Match')
  }
  if (ifMatch !== undefined) {
    if (!current) throw noSuchKey(key)
    if (!matches(ifMatch, current.etag)) throw preconditionFailed('If-Match')
  }
}

/** The inclusive byte range that a `Range` header asks for; undefined: the whole. Throws `InvalidRange`. */
export function readRange(
  range: string | undefined,
  sizeBytes: number,
): { readonly start: number; readonly end: number } | undefined {
  // S3 answers several ranges, and ranges that it cannot read, with the whole object.
  const match = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const last = sizeBytes - 1
  const start = match[1] === '' ? Math.max(0, sizeBytes - Number(match[2])) : Number(match[1])
  const end = match[1] === '' || match[2] === '' ? last : Math.min(last, Number(match[2]))
  if (match[1] !== '' && match[2] !== '' && Number(match[2]) < start) return undefined
  if (start > last || end < start) {
    throw new S3Error('InvalidRange', 416, 'The requested range is not satisfiable', {
      RangeRequested: range ?? '',
      ActualObjectSize: sizeBytes,
    })
  }
  return { start, end }
}

function matches(header: string, etag: string): boolean {
  return header
    .split(',')
    .map((part) => part.trim().replace(/^W\//, '').replace(/^"|"$/g, ''))
    .some((part) => part === '*' || part === etag)
}

function preconditionFailed(condition: string): S3Error {
  return new S3Error(
    'PreconditionFailed',
    412,
    'At least one of the pre-conditions you specified did not hold',
    { Condition: condition },
  )
}
