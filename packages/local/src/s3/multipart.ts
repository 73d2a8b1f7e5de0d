import { createHash, randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readJson } from '../durable-json.ts'
import { type BodyDigests, readCheckedBody, readClaims, readSmallBody } from './body.ts'
import {
  checkKey,
  checksumHeaders,
  commitObject,
  readObjectHeaders,
  requireRight,
  type S3Call,
  sendXml,
} from './call.ts'
import type { StoredObject } from './object-store.ts'
import { receiveBody } from './objects.ts'
import { replaceFile } from './replace-file.ts'
import { invalidArgument, S3Error } from './s3-error.ts'
import { element, elementsOf, s3Document, textOf } from './xml.ts'

// uploads/ID/upload.json   key and headers of the object to be
// uploads/ID/part-N.json   a part: its blob, ETag and size

interface Part extends BodyDigests {
  readonly number: number
  readonly blob: string
}

type Upload = Pick<StoredObject, 'key' | 'headers' | 'metadata'>

const MOST_PARTS = 10_000
/** Every part but the last. */
const SMALLEST_PART_BYTES = 5 * 2 ** 20
const LARGEST_COMPLETE_BYTES = 4_000_000

/** CreateMultipartUpload. */
export async function createMultipartUpload(call: S3Call): Promise<void> {
  requireRight(call, 's3:PutObject', call.key)
  checkKey(call.key)
  const uploadId = randomUUID().replaceAll('-', '')
  const upload: Upload = { key: call.key, ...readObjectHeaders(call.headers) }
  const folder = join(call.store.uploadsFolder(call.bucket), uploadId)
  await mkdir(folder)
  await replaceFile(join(folder, 'upload.json'), JSON.stringify(upload))
  const result = [element('Bucket', call.bucket), element('Key', call.key), element('UploadId', uploadId)]
  sendXml(call, 200, s3Document('InitiateMultipartUploadResult', result))
}

/** UploadPart; a part that comes again replaces the one before. */
export async function uploadPart(call: S3Call): Promise<void> {
  requireRight(call, 's3:PutObject', call.key)
  const number = Number(call.query.get('partNumber'))
  if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS) {
    throw invalidArgument(`Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`)
  }
  const { folder } = openUpload(call)
  const { id, ...digests } = await receiveBody(call)
  const path = join(folder, `part-${number}.json`)
  const before = readJson(path) as Part | undefined
  const part: Part = { ...digests, number, blob: id }
  await replaceFile(path, JSON.stringify(part))
  if (before) await call.store.discard(call.bucket, before.blob)
  call.response.writeHead(200, { ETag: `"${digests.md5}"`, ...checksumHeaders(digests.checksums) }).end()
}

/** CompleteMultipartUpload: the parts become one object, and its event is `CompleteMultipartUpload`. */
export async function completeMultipartUpload(call: S3Call): Promise<void> {
  requireRight(call, 's3:PutObject', call.key)
  const { folder, upload } = openUpload(call)
  const claims = readClaims(call.headers, call.payloadHash)
  const parts = chooseParts(
    await readSmallBody(call.request, claims, LARGEST_COMPLETE_BYTES),
    readParts(folder),
  )
  const digest = createHash('md5')
  for (const part of parts) digest.update(Buffer.from(part.md5, 'hex'))
  const etag = `${digest.digest('hex')}-${parts.length}`
  const blob = await call.store.writeBlob(
    call.bucket,
    readCheckedBody(joinParts(call, parts), { chunked: false }),
  )
  const { headers, metadata } = upload
  await commitObject(call, call.key, blob, { headers, metadata, etag }, 'CompleteMultipartUpload')
  await dropUpload(call, folder)
  const result = [
    element('Location', `http://${call.headers.host}/${call.bucket}/${encodeURIComponent(call.key)}`),
    element('Bucket', call.bucket),
    element('Key', call.key),
    element('ETag', `"${etag}"`),
  ]
  sendXml(call, 200, s3Document('CompleteMultipartUploadResult', result))
}

/** AbortMultipartUpload. */
export async function abortMultipartUpload(call: S3Call): Promise<void> {
  requireRight(call, 's3:AbortMultipartUpload', call.key)
  const { folder } = openUpload(call)
  await dropUpload(call, folder)
  call.response.writeHead(204).end()
}

function openUpload(call: S3Call): { readonly folder: string; readonly upload: Upload } {
  const uploadId = call.query.get('uploadId') ?? ''
  const folder = join(call.store.uploadsFolder(call.bucket), uploadId)
  const upload = /^[0-9a-f]{32}$/.test(uploadId)
    ? (readJson(join(folder, 'upload.json')) as Upload | undefined)
    : undefined
  if (upload?.key === call.key) return { folder, upload }
  throw new S3Error(
    'NoSuchUpload',
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: uploadId },
  )
}

function readParts(folder: string): Part[] {
  return readdirSync(folder)
    .filter((name) => /^part-\d+\.json$/.test(name))
    .map((name) => readJson(join(folder, name)) as Part)
}

// The parts that the request names, in its order; whatever does not fit is refused with S3's code for it.
function chooseParts(xml: string, uploaded: readonly Part[]): Part[] {
  const chosen = elementsOf(xml, 'Part').map((wanted) => {
    const number = Number(textOf(wanted, 'PartNumber'))
    const etag = textOf(wanted, 'ETag')?.replaceAll('"', '')
    const part = uploaded.find((candidate) => candidate.number === number && candidate.md5 === etag)
    const wrongChecksum = Object.entries(part?.checksums ?? {}).some(([name, value]) => {
      const said = textOf(wanted, `Checksum${name.toUpperCase()}`)
      return said !== undefined && said !== value
    })
    if (part && !wrongChecksum) return part
    throw new S3Error(
      'InvalidPart',
      400,
      'One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part’s entity tag.',
      { PartNumber: number },
    )
  })
  if (chosen.length === 0) {
    throw new S3Error('MalformedXML', 400, 'The XML you provided was not well-formed or did not validate.')
  }
  if (chosen.some((part, index) => index > 0 && part.number <= chosen[index - 1].number)) {
    throw new S3Error('InvalidPartOrder', 400, 'The list of parts was not in ascending order.')
  }
  const small = chosen.slice(0, -1).find((part) => part.sizeBytes < SMALLEST_PART_BYTES)
  if (small) {
    throw new S3Error(
      'EntityTooSmall',
      400,
      'Your proposed upload is smaller than the minimum allowed size',
      {
        ProposedSize: small.sizeBytes,
        MinSizeAllowed: SMALLEST_PART_BYTES,
        PartNumber: small.number,
      },
    )
  }
  return chosen
}

async function* joinParts(call: S3Call, parts: readonly Part[]): AsyncGenerator<Buffer, void, undefined> {
  for (const part of parts) {
    const file = await call.store.openBlob(call.bucket, part.blob)
    try {
      yield* file.createReadStream({ autoClose: false })
    } finally {
      await file.close()
    }
  }
}

async function dropUpload(call: S3Call, folder: string): Promise<void> {
  const parts = readParts(folder)
  await rm(folder, { recursive: true, force: true })
  for (const part of parts) await call.store.discard(call.bucket, part.blob)
}
