import { createBucket, deleteObjects, headBucket, listObjects } from './buckets.ts'
import type { S3Call } from './call.ts'
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
} from './multipart.ts'
import { copyObject, deleteObject, getObject, putObject } from './objects.ts'
import { accessDenied, notImplemented, S3Error } from './s3-error.ts'

type Operation = (call: S3Call) => Promise<void>

/** Query parameters that make another operation of a request; S3 ignores the ones that it does not know. */
const SUBRESOURCES = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'partNumber',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
] as const

/** The operation that a request asks for; throws `NotImplemented` with its name. */
export function findOperation(call: S3Call): Operation {
  const method = call.request.method ?? ''
  const asked = SUBRESOURCES.filter((name) => call.query.has(name))
  const place = call.bucket === '' ? 'service' : call.key === '' ? 'bucket' : 'object'
  const operation = OPERATIONS[`${method} ${place} ${asked.join(' ')}`.trim()]
  if (operation) return operation(call)
  if (!['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].includes(method)) {
    throw new S3Error('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.')
  }
  if (call.principal.anonymous) throw accessDenied()
  throw notImplemented(operationName(method, place, asked))
}

const OPERATIONS: Readonly<Record<string, (call: S3Call) => Operation>> = {
  'PUT bucket': () => createBucket,
  'HEAD bucket': () => headBucket,
  'GET bucket': (call) => {
    if (call.query.get('list-type') === '2') return listObjects
    if (call.principal.anonymous) throw accessDenied()
    throw notImplemented('ListObjects (version 1); ask for ListObjectsV2')
  },
  'POST bucket delete': () => deleteObjects,
  'GET object': () => getObject,
  'HEAD object': () => getObject,
  'DELETE object': (call) => {
    if (call.headers['if-match'] !== undefined) throw notImplemented('DeleteObject with If-Match')
    return deleteObject
  },
  'PUT object': (call) => (call.headers['x-amz-copy-source'] === undefined ? putObject : copyObject),
  'POST object uploads': () => createMultipartUpload,
  'PUT object partNumber uploadId': (call) => {
    if (call.headers['x-amz-copy-source'] !== undefined) throw notImplemented('UploadPartCopy')
    return uploadPart
  },
  'POST object uploadId': () => completeMultipartUpload,
  'DELETE object uploadId': () => abortMultipartUpload,
}

// Close enough to S3's own names to be looked up: `PutBucketLifecycle`, `GetObjectTagging`, `ListBuckets`.
function operationName(method: string, place: string, asked: readonly string[]): string {
  if (place === 'service') return 'ListBuckets'
  if (asked.includes('uploads')) return 'ListMultipartUploads'
  if (asked.includes('uploadId')) return 'ListParts'
  if (asked.includes('versions')) return 'ListObjectVersions'
  const verb = method.charAt(0) + method.slice(1).toLowerCase()
  const subject = place === 'bucket' ? 'Bucket' : 'Object'
  const what = asked.map((name) => name.replace(/(^|-)./g, (part) => part.replace('-', '').toUpperCase()))
  return `${verb}${subject}${what.join('')}`
}
