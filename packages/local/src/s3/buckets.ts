import { readClaims, readSmallBody } from './body.ts'
import { requireRight, type S3Call, sendXml } from './call.ts'
import { compareKeys } from './object-store.ts'
import { invalidArgument, S3Error } from './s3-error.ts'
import { element, elementsOf, s3Document, textOf } from './xml.ts'

const LARGEST_DELETE_BYTES = 2_000_000
const MOST_KEYS = 1000

/** CreateBucket; the owner's second call changes nothing, as in us-east-1. */
export async function createBucket(call: S3Call): Promise<void> {
  requireRight(call, 's3:CreateBucket', undefined)
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(call.bucket)) {
    throw new S3Error('InvalidBucketName', 400, 'The specified bucket is not valid.', {
      BucketName: call.bucket,
    })
  }
  call.store.createBucket(call.bucket)
  call.response.writeHead(200, { Location: `/${call.bucket}` }).end()
}

/** HeadBucket. */
export async function headBucket(call: S3Call): Promise<void> {
  requireRight(call, 's3:ListBucket', undefined)
  call.response.writeHead(200).end()
}

/** ListObjectsV2. */
export async function listObjects(call: S3Call): Promise<void> {
  const { query } = call
  const prefix = query.get('prefix') ?? ''
  requireRight(call, 's3:ListBucket', prefix)
  const delimiter = query.get('delimiter') ?? ''
  const maxKeys = Math.min(MOST_KEYS, readCount(query.get('max-keys') ?? String(MOST_KEYS)))
  const token = query.get('continuation-token')
  const startAfter = query.get('start-after') ?? ''
  const urlEncoded = query.get('encoding-type') === 'url'
  const encode = (text: string) => (urlEncoded ? encodeURIComponent(text).replaceAll('%2F', '/') : text)
  const after = token === null ? { text: startAfter, wholePrefix: false } : readToken(token)
  const page = listPage(call, { prefix, delimiter, maxKeys, after })
  sendXml(
    call,
    200,
    s3Document('ListBucketResult', [
      element('Name', call.bucket),
      element('Prefix', encode(prefix)),
      ...(delimiter === '' ? [] : [element('Delimiter', encode(delimiter))]),
      ...(startAfter === '' ? [] : [element('StartAfter', encode(startAfter))]),
      ...(token === null ? [] : [element('ContinuationToken', token)]),
      ...(urlEncoded ? [element('EncodingType', 'url')] : []),
      element('KeyCount', String(page.keys.length + page.prefixes.length)),
      element('MaxKeys', String(maxKeys)),
      element('IsTruncated', String(page.next !== undefined)),
      ...(page.next === undefined ? [] : [element('NextContinuationToken', writeToken(page.next))]),
      ...page.keys.map((key) => contents(call, key, encode)),
      ...page.prefixes.map((common) => element('CommonPrefixes', [element('Prefix', encode(common))])),
    ]),
  )
}

/** DeleteObjects: up to 1000 keys, each with its own answer. */
export async function deleteObjects(call: S3Call): Promise<void> {
  const claims = readClaims(call.headers, call.payloadHash)
  const xml = await readSmallBody(call.request, claims, LARGEST_DELETE_BYTES)
  const keys = elementsOf(xml, 'Object').map((object) => textOf(object, 'Key'))
  if (keys.length === 0 || keys.length > MOST_KEYS || keys.some((key) => !key)) {
    throw new S3Error('MalformedXML', 400, 'The XML you provided was not well-formed or did not validate.')
  }
  const quiet = textOf(xml, 'Quiet') === 'true'
  const answers: string[] = []
  for (const key of keys as string[]) {
    if (!call.principal.allows('s3:DeleteObject', key)) {
      const error = [
        element('Key', key),
        element('Code', 'AccessDenied'),
        element('Message', 'Access Denied'),
      ]
      answers.push(element('Error', error))
      continue
    }
    await call.store.remove(call.bucket, key)
    if (!quiet) answers.push(element('Deleted', [element('Key', key)]))
  }
  sendXml(call, 200, s3Document('DeleteResult', answers))
}

interface PageRequest {
  readonly prefix: string
  readonly delimiter: string
  readonly maxKeys: number
  readonly after: Position
}

/** Where a page begins: behind a key, or behind everything that a common prefix stands for. */
interface Position {
  readonly text: string
  readonly wholePrefix: boolean
}

function listPage(call: S3Call, { prefix, delimiter, maxKeys, after }: PageRequest) {
  const keys: string[] = []
  const prefixes: string[] = []
  const all = call.store.keys(call.bucket)
  let last: Position = after
  for (let index = firstAfter(all, after.text); index < all.length && maxKeys > 0; index += 1) {
    const key = all[index]
    if (!key.startsWith(prefix) || (after.wholePrefix && key.startsWith(after.text))) continue
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const text = cut < 0 ? key : key.slice(0, cut + delimiter.length)
    if (cut >= 0 && prefixes.at(-1) === text) continue
    if (keys.length + prefixes.length >= maxKeys) return { keys, prefixes, next: last }
    const kind = cut < 0 ? keys : prefixes
    kind.push(text)
    last = { text, wholePrefix: cut >= 0 }
  }
  return { keys, prefixes, next: undefined }
}

function firstAfter(sortedKeys: readonly string[], text: string): number {
  let [low, high] = [0, sortedKeys.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys(sortedKeys[middle], text) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

function contents(call: S3Call, key: string, encode: (text: string) => string): string {
  const object = call.store.get(call.bucket, key)
  return element('Contents', [
    element('Key', encode(key)),
    element('LastModified', new Date(object?.lastModified ?? 0).toISOString()),
    element('ETag', `"${object?.etag}"`),
    element('Size', String(object?.sizeBytes)),
    element('StorageClass', 'STANDARD'),
  ])
}

function readCount(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count > 2 ** 31)
    throw invalidArgument('Provided max-keys not an integer or within integer range')
  return count
}

function writeToken({ text, wholePrefix }: Position): string {
  return Buffer.from(`${wholePrefix ? 'p' : 'k'}${text}`).toString('base64url')
}

function readToken(token: string): Position {
  const text = Buffer.from(token, 'base64url').toString()
  const position = { text: text.slice(1), wholePrefix: text.startsWith('p') }
  if (writeToken(position) !== token) throw invalidArgument('The continuation token provided is incorrect')
  return position
}
