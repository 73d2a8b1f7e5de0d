import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { checkWriteCondition } from './conditions.ts'
import type { ObjectCreatedReason, PublishObjectCreated } from './object-created.ts'
import type { Blob, ObjectStore, StoredObject } from './object-store.ts'
import type { Principal, S3Action } from './principal.ts'
import { accessDenied, notImplemented, S3Error } from './s3-error.ts'

/** One request to S3, its signature verified. */
export interface S3Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly bucket: string
  /** Empty for the bucket itself. */
  readonly key: string
  readonly query: URLSearchParams
  /** Headers, and in presigned requests the `x-amz-*` parameters that stand for headers. */
  readonly headers: IncomingHttpHeaders
  readonly principal: Principal
  /** What the signature says about the body. */
  readonly payloadHash: string
  readonly requestId: string
  readonly store: ObjectStore
  readonly limits: { readonly objectBytes: number }
  readonly publish: PublishObjectCreated
}

/** Standard headers that S3 keeps with an object. */
const KEPT_HEADERS = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
] as const

// Each of these would change what a write means; S3's own words for a header without an implementation.
const REFUSED_HEADERS =
  /^x-amz-(tagging|object-lock-.*|grant-.*|server-side-encryption-(customer|aws)-.*|write-offset-bytes|storage-class)$/

const LARGEST_METADATA_BYTES = 2048
const LONGEST_KEY_BYTES = 1024

/** 16 characters, as S3 makes them. */
export function newRequestId(): string {
  return randomBytes(8).toString('hex').toUpperCase()
}

/** Throws `AccessDenied` unless the principal may do this to the key. */
export function requireRight(call: S3Call, action: S3Action, key: string | undefined): void {
  if (!call.principal.allows(action, key)) throw accessDenied()
}

/** The headers and metadata that a write keeps with its object; throws for the ones that are not implemented. */
export function readObjectHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Pick<StoredObject, 'headers' | 'metadata'> {
  const kept: Record<string, string> = {}
  const metadata: Record<string, string> = {}
  for (const [name, raw] of Object.entries(headers)) {
    const value = Array.isArray(raw) ? raw.join(',') : raw
    if (value === undefined) continue
    if (name.startsWith('x-amz-meta-')) metadata[name.slice('x-amz-meta-'.length)] = value
    else if ((KEPT_HEADERS as readonly string[]).includes(name)) kept[name] = value
    else if (name === 'x-amz-acl' && value !== 'bucket-owner-full-control') {
      throw new S3Error('AccessControlListNotSupported', 400, 'The bucket does not allow ACLs')
    } else if (REFUSED_HEADERS.test(name) && !(name === 'x-amz-storage-class' && value === 'STANDARD')) {
      throw notImplemented(`the header ${name}`)
    }
  }
  // A transport's word, not the object's.
  const encodings = (kept['content-encoding'] ?? '').split(',').map((encoding) => encoding.trim())
  const encoding = encodings.filter((word) => word !== '' && word !== 'aws-chunked').join(',')
  delete kept['content-encoding']
  if (encoding !== '') kept['content-encoding'] = encoding
  kept['content-type'] ??= 'binary/octet-stream'
  const bytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (bytes > LARGEST_METADATA_BYTES) {
    throw new S3Error(
      'MetadataTooLarge',
      400,
      'Your metadata headers exceed the maximum allowed metadata size',
    )
  }
  return { headers: kept, metadata }
}

/** Throws unless S3 would take the key. */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', 400, 'Your key is too long')
  }
}

/** What a write makes of its blob; left out, the ETag is the body's MD5 and the checksums are those that were sent. */
export type NewObject = Pick<StoredObject, 'headers' | 'metadata'> &
  Partial<Pick<StoredObject, 'etag' | 'checksums'>>

/** Makes a written blob the object `key`, with its event; discards the blob when it may not become it. */
export async function commitObject(
  call: S3Call,
  key: string,
  blob: Blob,
  object: NewObject,
  reason: ObjectCreatedReason,
): Promise<StoredObject> {
  const { id, md5, sizeBytes, checksums } = blob
  const draft = { key, sizeBytes, etag: md5, checksums, ...object, blob: id }
  try {
    return await call.store.commit(
      call.bucket,
      draft,
      (current) => checkWriteCondition(call.headers, key, current),
      (stored, change) =>
        call.publish({ ...stored, bucket: call.bucket, reason, requestId: call.requestId }, change),
    )
  } catch (error) {
    if (call.store.get(call.bucket, key)?.blob !== id) await call.store.discard(call.bucket, id)
    throw error
  }
}

/** Answers with an XML document. */
export function sendXml(
  call: S3Call,
  status: number,
  xml: string,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(xml)
  call.response.writeHead(status, {
    'Content-Type': 'application/xml',
    'Content-Length': bytes.length,
    ...headers,
  })
  call.response.end(bytes)
}

/** The object's standard headers as every answer about it carries them. */
export function objectHeaders(object: StoredObject): Record<string, string> {
  const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])
  return {
    ...object.headers,
    ...Object.fromEntries(metadata),
    ETag: `"${object.etag}"`,
    'Last-Modified': new Date(object.lastModified).toUTCString(),
    'Accept-Ranges': 'bytes',
    'x-amz-server-side-encryption': 'AES256',
  }
}

/** The checksum headers of an object or a part. */
export function checksumHeaders(checksums: StoredObject['checksums']): Record<string, string> {
  const pairs = Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value])
  return { ...Object.fromEntries(pairs), ...(pairs.length > 0 && { 'x-amz-checksum-type': 'FULL_OBJECT' }) }
}
