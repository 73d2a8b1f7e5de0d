/** The deployment's bucket as an operator's commands and the site's publisher use it. */
import { DeleteObjectsCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { S3ObjectStore } from '../object-store.ts'
import type { Credentials } from './account.ts'
import { type PutFileOptions, putFile } from './put-file.ts'

export interface BucketOptions {
  readonly region: string
  readonly credentials: Credentials
}

export type BucketState = 'ours' | 'free' | 'taken' | 'elsewhere'

export function openBucket(bucket: string, { region, credentials }: BucketOptions) {
  const client = new S3Client({
    region,
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const objects = new S3ObjectStore(bucket, client)
  return {
    objects,

    /** An object whose website address leads to another one. */
    async putRedirect(key: string, location: string): Promise<void> {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: new Uint8Array(),
          ContentLength: 0,
          ContentType: 'text/html',
          CacheControl: 'no-cache',
          WebsiteRedirectLocation: location,
        }),
      )
    },

    putFile: (key: string, path: string, options?: PutFileOptions): Promise<void> =>
      putFile(client, { Bucket: bucket, Key: key }, path, options),

    /** Deletes everything below a prefix and returns how many objects that were. */
    async clear(prefix: string): Promise<number> {
      let keys: string[] = []
      let deleted = 0
      const flush = async () => {
        if (keys.length === 0) return
        const Objects = keys.map((Key) => ({ Key }))
        await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }))
        deleted += keys.length
        keys = []
      }
      for await (const { key } of objects.list(prefix)) {
        keys.push(key)
        if (keys.length === 1000) await flush()
      }
      await flush()
      return deleted
    },

    async state(): Promise<BucketState> {
      try {
        await client.send(new HeadBucketCommand({ Bucket: bucket }))
        return 'ours'
      } catch (error) {
        const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
        if (status === 404) return 'free'
        if (status === 403) return 'taken'
        if (status === 301) return 'elsewhere'
        throw error
      }
    },
  }
}

export type Bucket = ReturnType<typeof openBucket>
