import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { ObjectStore } from '@gen3d/jobs/ports'

/** Of a conditional write that met another one under way: S3 asks for a repetition. */
const CONFLICT_TRIES = 5

/** Checksums only where S3 asks for them: a presigned address must not carry one of an empty body. */
export function createS3Client(): S3Client {
  return new S3Client({
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
}

export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client
  readonly #bucket: string
  constructor(bucket: string, client = createS3Client()) {
    this.#bucket = bucket
    this.#client = client
  }

  async head(key: string) {
    const answer = await unless([404], () =>
      this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key })),
    )
    return (
      answer && {
        etag: answer.ETag ?? '',
        sizeBytes: answer.ContentLength ?? 0,
        contentType: answer.ContentType ?? '',
        lastModified: answer.LastModified ?? new Date(0),
      }
    )
  }

  async get(key: string, options: { range?: readonly [number, number]; ifMatch?: string } = {}) {
    const answer = await unless([404, 412], () =>
      this.#client.send(
        new GetObjectCommand({
          Bucket: this.#bucket,
          Key: key,
          IfMatch: options.ifMatch,
          Range: options.range && `bytes=${options.range[0]}-${options.range[1]}`,
        }),
      ),
    )
    return answer?.Body ? await answer.Body.transformToByteArray() : null
  }

  async put(
    key: string,
    body: Uint8Array | string,
    options: { contentType: string; ifAbsent?: boolean },
  ): Promise<boolean> {
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      // An empty text would be taken for a stream of unknown length.
      Body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
      ContentType: options.contentType,
      IfNoneMatch: options.ifAbsent ? '*' : undefined,
    })
    for (let tries = 1; ; tries++) {
      try {
        return (await unless([412], () => this.#client.send(command))) !== null
      } catch (error) {
        if (tries === CONFLICT_TRIES || !hasStatus(error, [409])) throw error
      }
    }
  }

  /** At most 1000 keys. */
  async delete(keys: readonly string[]) {
    if (keys.length === 0) return
    const Objects = keys.map((Key) => ({ Key }))
    const command = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } })
    const { Errors = [] } = await this.#client.send(command)
    // S3 answers 200 although single keys failed.
    if (Errors.length > 0) throw new Error(`${Errors.length} objects not deleted: ${Errors[0].Code}`)
  }

  async *list(prefix: string, options: { after?: string } = {}) {
    let token: string | undefined
    do {
      const page = {
        ...{ Bucket: this.#bucket, Prefix: prefix },
        ...{ StartAfter: options.after, ContinuationToken: token },
      }
      const answer = await this.#client.send(new ListObjectsV2Command(page))
      for (const { Key = '', Size = 0, LastModified = new Date(0) } of answer.Contents ?? []) {
        yield { key: Key, sizeBytes: Size, lastModified: LastModified }
      }
      token = answer.NextContinuationToken
    } while (token)
  }

  async presignGet(key: string, options: { expiresSeconds: number; downloadName?: string }) {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ResponseContentDisposition: options.downloadName && toDisposition(options.downloadName),
    })
    return getSignedUrl(this.#client, command, { expiresIn: options.expiresSeconds })
  }

  async presignPost(
    key: string,
    options: { contentType: string; sizeBytes: number; expiresSeconds: number },
  ) {
    return createPresignedPost(this.#client, {
      Bucket: this.#bucket,
      Key: key,
      Expires: options.expiresSeconds,
      Fields: { 'Content-Type': options.contentType },
      Conditions: [['content-length-range', options.sizeBytes, options.sizeBytes]],
    })
  }
}

/** RFC 6266: an ASCII name for old readers, UTF-8 for the others. */
function toDisposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\]/g, '_')
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(name)}`
}

function hasStatus(error: unknown, statuses: readonly number[]): boolean {
  return error instanceof S3ServiceException && statuses.includes(error.$metadata.httpStatusCode ?? 0)
}

async function unless<T>(statuses: readonly number[], call: () => Promise<T>): Promise<T | null> {
  try {
    return await call()
  } catch (error) {
    if (hasStatus(error, statuses)) return null
    throw error
  }
}
