import { pipeline } from 'node:stream/promises'
import { rawBody, readCheckedBody, readClaims } from './body.ts'
import {
  checkKey,
  checksumHeaders,
  commitObject,
  objectHeaders,
  readObjectHeaders,
  requireRight,
  type S3Call,
  sendXml,
} from './call.ts'
import { readCondition, readRange } from './conditions.ts'
import type { Blob, StoredObject } from './object-store.ts'
import { accessDenied, invalidArgument, noSuchKey, S3Error } from './s3-error.ts'
import { element, s3Document } from './xml.ts'

const READER_GONE = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE'])

/** PutObject. */
export async function putObject(call: S3Call): Promise<void> {
  requireRight(call, 's3:PutObject', call.key)
  checkKey(call.key)
  const kept = readObjectHeaders(call.headers)
  const blob = await receiveBody(call)
  const stored = await commitObject(call, call.key, blob, kept, 'PutObject')
  call.response.writeHead(200, {
    ETag: `"${stored.etag}"`,
    'x-amz-server-side-encryption': 'AES256',
    ...checksumHeaders(stored.checksums),
  })
  call.response.end()
}

/** Streams the request's body into a blob, checking every claim about it. */
export async function receiveBody(call: S3Call): Promise<Blob> {
  const claims = readClaims(call.headers, call.payloadHash)
  const largest = call.limits.objectBytes
  if ((claims.sizeBytes ?? 0) > largest) throw entityTooLarge(claims.sizeBytes ?? 0, largest)
  return await call.store.writeBlob(call.bucket, readCheckedBody(rawBody(call.request), claims))
}

/** The answer to a body that is longer than it may be. */
export function entityTooLarge(proposedBytes: number, largestBytes: number): S3Error {
  return new S3Error('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size', {
    ProposedSize: proposedBytes,
    MaxSizeAllowed: largestBytes,
  })
}

/** GetObject and HeadObject. */
export async function getObject(call: S3Call): Promise<void> {
  requireRight(call, 's3:GetObject', call.key)
  const opened = await call.store.open(call.bucket, call.key)
  if (!opened) throw missing(call)
  const { object, file } = opened
  try {
    if (readCondition(call.headers, object) === 'not-modified') {
      const { ETag, 'Last-Modified': lastModified } = objectHeaders(object)
      call.response.writeHead(304, { ETag, 'Last-Modified': lastModified }).end()
      return
    }
    const range = readRange(call.headers.range, object.sizeBytes)
    const wantsChecksum = String(call.headers['x-amz-checksum-mode']).toUpperCase() === 'ENABLED' && !range
    call.response.writeHead(range ? 206 : 200, {
      ...objectHeaders(object),
      ...responseOverrides(call),
      ...(wantsChecksum && checksumHeaders(object.checksums)),
      ...(range && { 'Content-Range': `bytes ${range.start}-${range.end}/${object.sizeBytes}` }),
      'Content-Length': range ? range.end - range.start + 1 : object.sizeBytes,
    })
    if (call.request.method === 'HEAD' || object.sizeBytes === 0) call.response.end()
    else await pipeline(file.createReadStream({ ...range, autoClose: false }), call.response)
  } catch (error) {
    // The reader went away: nobody is left to tell.
    if (!READER_GONE.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await file.close()
  }
}

/** 404, or 403 for a principal that may not know which keys exist. */
function missing(call: S3Call, key = call.key): S3Error {
  return call.principal.allows('s3:ListBucket', undefined) ? noSuchKey(key) : accessDenied()
}

/** DeleteObject: 204 whether or not the key was there. */
export async function deleteObject(call: S3Call): Promise<void> {
  requireRight(call, 's3:DeleteObject', call.key)
  await call.store.remove(call.bucket, call.key)
  call.response.writeHead(204).end()
}

/** CopyObject within the bucket store. */
export async function copyObject(call: S3Call): Promise<void> {
  requireRight(call, 's3:PutObject', call.key)
  checkKey(call.key)
  const [bucket, key] = readCopySource(String(call.headers['x-amz-copy-source']))
  if (!call.principal.allows('s3:GetObject', key)) throw accessDenied()
  if (!call.store.hasBucket(bucket)) {
    throw new S3Error('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: bucket })
  }
  const replace = call.headers['x-amz-metadata-directive'] === 'REPLACE'
  if (bucket === call.bucket && key === call.key && !replace) {
    throw new S3Error(
      'InvalidRequest',
      400,
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
    )
  }
  const opened = await call.store.open(bucket, key)
  if (!opened) throw missing(call, key)
  const { object: source, file } = opened
  try {
    checkCopyCondition(call, source)
    const kept = replace
      ? readObjectHeaders(call.headers)
      : { headers: source.headers, metadata: source.metadata }
    const body = readCheckedBody(file.createReadStream({ autoClose: false }), { chunked: false })
    const blob = await call.store.writeBlob(call.bucket, body)
    const object = { ...kept, checksums: source.checksums }
    const stored = await commitObject(call, call.key, blob, object, 'CopyObject')
    const result = [
      element('ETag', `"${stored.etag}"`),
      element('LastModified', new Date(stored.lastModified).toISOString()),
    ]
    sendXml(call, 200, s3Document('CopyObjectResult', result))
  } finally {
    await file.close()
  }
}

function checkCopyCondition(call: S3Call, source: StoredObject): void {
  const of = (name: string) => call.headers[`x-amz-copy-source-${name}`] as string | undefined
  const condition = readCondition(
    {
      'if-match': of('if-match'),
      'if-none-match': of('if-none-match'),
      'if-modified-since': of('if-modified-since'),
      'if-unmodified-since': of('if-unmodified-since'),
    },
    source,
  )
  if (condition === 'send') return
  throw new S3Error(
    'PreconditionFailed',
    412,
    'At least one of the pre-conditions you specified did not hold',
  )
}

function readCopySource(header: string): [bucket: string, key: string] {
  const match = /^\/?([^/?]+)\/([^?]+)/.exec(header)
  if (!match)
    throw invalidArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey')
  try {
    return [match[1], decodeURIComponent(match[2])]
  } catch {
    throw invalidArgument('Copy Source must be URL-encoded.')
  }
}

function responseOverrides(call: S3Call): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of ['type', 'disposition', 'encoding', 'language']) {
    const value = call.query.get(`response-content-${name}`)
    if (value !== null) headers[`content-${name}`] = value
  }
  for (const name of ['cache-control', 'expires']) {
    const value = call.query.get(`response-${name}`)
    if (value !== null) headers[name] = value
  }
  if (Object.keys(headers).length > 0 && call.principal.anonymous) {
    throw new S3Error(
      'InvalidRequest',
      400,
      'Request specific response headers cannot be used for anonymous GET requests.',
    )
  }
  return headers
}
