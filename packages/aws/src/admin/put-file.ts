/** Puts large files in parts, and goes on with the parts that an interrupted call has left. */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  paginateListParts,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

export interface PutFileOptions {
  /** Takes the bytes that lie in the bucket so far, found ones included. */
  readonly onBytes?: (bytes: number) => void
  readonly signal?: AbortSignal
  /** At least 5 MB, S3's own least; default 64 MB: 10,000 of them make 640 GB. */
  readonly partBytes?: number
}

interface Place {
  readonly Bucket: string
  readonly Key: string
}

const PART_BYTES = 64 * 1024 * 1024
const AT_ONCE = 3

/**
 * Puts a file of any size. What fails or is interrupted leaves its parts for a day (the bucket's lifecycle rule); the next
 * call for the same key compares their checksums and sends the others only.
 */
export async function putFile(
  client: S3Client,
  place: Place,
  path: string,
  { onBytes, signal, partBytes = PART_BYTES }: PutFileOptions = {},
): Promise<void> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size <= partBytes) {
      await client.send(new PutObjectCommand({ ...place, Body: await read(file, 0, size) }))
      onBytes?.(size)
      return
    }
    const upload = await openUpload(client, place)
    const etags: (string | undefined)[] = []
    const waiting = Array.from({ length: Math.ceil(size / partBytes) }, (_, i) => i)
    let there = 0
    const work = async () => {
      for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) {
        signal?.throwIfAborted()
        const part = await read(file, i * partBytes, Math.min(partBytes, size - i * partBytes))
        etags[i] = await putPart(client, upload, i + 1, part)
        there += part.length
        onBytes?.(there)
      }
    }
    const ends = await Promise.allSettled(
      Array.from({ length: AT_ONCE }, () =>
        work().catch((error) => {
          waiting.length = 0
          throw error
        }),
      ),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    const Parts = etags.map((ETag, i) => ({ ETag, PartNumber: i + 1 }))
    await client.send(
      new CompleteMultipartUploadCommand({ ...place, UploadId: upload.id, MultipartUpload: { Parts } }),
    )
  } finally {
    await file.close()
  }
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, position)
  if (bytesRead !== length) throw new Error('The file became shorter while it was read.')
  return bytes
}

interface Upload {
  readonly place: Place
  readonly id: string
  /** ETags of the parts that lie there, by their numbers. */
  readonly standing: ReadonlyMap<number, string>
}

/** The newest unfinished upload of the key, or a new one. */
async function openUpload(client: S3Client, place: Place): Promise<Upload> {
  const { Bucket, Key } = place
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }))
  const found = Uploads.filter((one) => one.Key === Key).at(-1)?.UploadId
  const standing = new Map<number, string>()
  if (found) {
    for await (const { Parts = [] } of paginateListParts({ client }, { ...place, UploadId: found }))
      for (const { PartNumber = 0, ETag = '' } of Parts) standing.set(PartNumber, ETag)
    return { place, id: found, standing }
  }
  const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand(place))
  return { place, id: UploadId, standing }
}

/** A part's ETag is its MD5 in a bucket with AES256. */
async function putPart(
  client: S3Client,
  { place, id, standing }: Upload,
  PartNumber: number,
  Body: Buffer,
): Promise<string | undefined> {
  const etag = standing.get(PartNumber)
  if (etag === `"${createHash('md5').update(Body).digest('hex')}"`) return etag
  return (await client.send(new UploadPartCommand({ ...place, UploadId: id, PartNumber, Body }))).ETag
}
