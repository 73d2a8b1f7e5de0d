import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import type { ObjectCreation } from './object-created.ts'
import { BUCKET, s3ForTest } from './s3-fixture.ts'

const at = { Bucket: BUCKET, Key: 'models/sam3d/weights.bin' }
const MIB = 2 ** 20
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest()

async function setUp() {
  const events: ObjectCreation[] = []
  const s3 = await s3ForTest({
    publish: (creation, change) => {
      events.push(creation)
      return change()
    },
  })
  const { UploadId } = await s3.client.send(
    new CreateMultipartUploadCommand({ ...at, ContentType: 'application/x-weights', Metadata: { n: '1' } }),
  )
  const upload = async (PartNumber: number, Body: Buffer): Promise<CompletedPart> => {
    const { ETag, ChecksumCRC32 } = await s3.client.send(
      new UploadPartCommand({ ...at, UploadId, PartNumber, Body }),
    )
    return { ETag, ChecksumCRC32, PartNumber }
  }
  const complete = (Parts: CompletedPart[], extra: object = {}) =>
    s3.client.send(
      new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts }, ...extra }),
    )
  const blobs = () => readdirSync(join(s3.folder, `bucket-${BUCKET}`, 'blobs'))
  return { ...s3, events, UploadId, upload, complete, blobs }
}

it('joins the parts that are named, says so in its event, and cleans up', async () => {
  const { client, upload, complete, events, blobs } = await setUp()
  const parts = [randomBytes(5 * MIB), randomBytes(5 * MIB + 1), randomBytes(3)]
  await upload(1, randomBytes(10))
  const done = [await upload(1, parts[0]), await upload(2, parts[1]), await upload(7, parts[2])]
  await upload(8, randomBytes(10))
  const { ETag } = await complete(done)
  expect(ETag).toBe(`"${md5(Buffer.concat(parts.map(md5))).toString('hex')}-3"`)
  const got = await client.send(new GetObjectCommand(at))
  expect(Buffer.concat(parts).equals((await got.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(true)
  expect(got).toMatchObject({ ContentType: 'application/x-weights', Metadata: { n: '1' }, ETag })
  expect(events.map(({ reason, etag }) => [reason, `"${etag}"`])).toEqual([['CompleteMultipartUpload', ETag]])
  expect(blobs()).toHaveLength(1)
  await expect(complete(done)).rejects.toMatchObject({ name: 'NoSuchUpload' })
})

it('refuses parts that are missing, changed, out of order or too small', async () => {
  const { client, upload, complete } = await setUp()
  const [one, two] = [await upload(1, randomBytes(10)), await upload(2, randomBytes(10))]
  await expect(complete([one, { ...two, ETag: '"0"' }])).rejects.toMatchObject({ name: 'InvalidPart' })
  await expect(complete([{ ...one, PartNumber: 3 }])).rejects.toMatchObject({ name: 'InvalidPart' })
  await expect(complete([{ ...one, ChecksumCRC32: 'AAAAAA==' }])).rejects.toMatchObject({
    name: 'InvalidPart',
  })
  await expect(complete([two, one])).rejects.toMatchObject({ name: 'InvalidPartOrder' })
  await expect(complete([one, two])).rejects.toMatchObject({ name: 'EntityTooSmall' })
  await expect(client.send(new HeadObjectCommand(at))).rejects.toMatchObject({ name: 'NotFound' })
  await complete([two])
  await expect(upload(0, randomBytes(1))).rejects.toMatchObject({ name: 'InvalidArgument' })
})

it('completes conditionally', async () => {
  const first = await setUp()
  await first.complete([await first.upload(1, randomBytes(10))], { IfNoneMatch: '*' })
  const { UploadId } = await first.client.send(new CreateMultipartUploadCommand(at))
  const { ETag } = await first.client.send(
    new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'late' }),
  )
  const late = new CompleteMultipartUploadCommand({
    ...at,
    UploadId,
    IfNoneMatch: '*',
    MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] },
  })
  await expect(first.client.send(late)).rejects.toMatchObject({ name: 'PreconditionFailed' })
})

it('forgets an aborted upload', async () => {
  const { client, UploadId, upload, blobs } = await setUp()
  await upload(1, randomBytes(10))
  await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }))
  expect(blobs()).toEqual([])
  await expect(upload(2, randomBytes(1))).rejects.toMatchObject({ name: 'NoSuchUpload' })
  await expect(
    client.send(new AbortMultipartUploadCommand({ ...at, UploadId: '../../x' })),
  ).rejects.toMatchObject({
    name: 'NoSuchUpload',
  })
})
