import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  ChecksumAlgorithm,
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { ObjectCreation } from './object-created.ts'
import { BUCKET, OWNER, REGION, s3ForTest } from './s3-fixture.ts'
import { signedHeaders } from './sign-fixture.ts'

const at = (Key: string) => ({ Bucket: BUCKET, Key })
const failure = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } })
const textOf = async (body: { transformToString(): Promise<string> } | undefined) => body?.transformToString()

it('keeps bytes, headers and metadata of an object', async () => {
  const { client } = await s3ForTest()
  const body = randomBytes(300_000)
  const put = await client.send(
    new PutObjectCommand({
      ...at("users/u 1/ä+(1)*!'.bin"),
      Body: body,
      ContentType: 'image/png',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment',
      Metadata: { engine: 'preview' },
    }),
  )
  expect(put.ETag).toBe(`"${createHash('md5').update(body).digest('hex')}"`)
  const got = await client.send(new GetObjectCommand(at("users/u 1/ä+(1)*!'.bin")))
  expect(body.equals((await got.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(true)
  expect(got).toMatchObject({
    ContentType: 'image/png',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment',
    Metadata: { engine: 'preview' },
    ContentLength: body.length,
    ETag: put.ETag,
    ChecksumCRC32: put.ChecksumCRC32,
  })
  expect(Math.abs((got.LastModified?.getTime() ?? 0) - Date.now())).toBeLessThan(5000)
  expect(await client.send(new HeadObjectCommand(at("users/u 1/ä+(1)*!'.bin")))).toMatchObject({
    ContentLength: body.length,
    ContentType: 'image/png',
  })
})

it('is reached through AWS_ENDPOINT_URL_S3 alone', async () => {
  const { endpoint, client } = await s3ForTest()
  await client.send(new PutObjectCommand({ ...at('a'), Body: 'here' }))
  vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint)
  vi.stubEnv('AWS_REGION', REGION)
  vi.stubEnv('AWS_ACCESS_KEY_ID', OWNER.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', OWNER.secretAccessKey)
  onTestFinished(() => void vi.unstubAllEnvs())
  const bare = new S3Client({})
  expect(await textOf((await bare.send(new GetObjectCommand(at('a')))).Body)).toBe('here')
  bare.destroy()
})

it('decodes streamed uploads, whose checksum comes behind them', async () => {
  const { client } = await s3ForTest()
  for (const algorithm of [
    undefined,
    ...Object.values(ChecksumAlgorithm).filter(
      (name) => /^(CRC32C?|SHA)/.test(name) && !/512|SHA1_/.test(name),
    ),
  ]) {
    const body = randomBytes(200_000)
    await client.send(
      new PutObjectCommand({
        ...at('streamed'),
        Body: Readable.from([body.subarray(0, 70_001), body.subarray(70_001)]),
        ContentLength: body.length,
        ContentEncoding: 'gzip',
        ChecksumAlgorithm: algorithm,
      }),
    )
    const got = await client.send(new GetObjectCommand(at('streamed')))
    expect(body.equals((await got.Body?.transformToByteArray()) ?? new Uint8Array()), String(algorithm)).toBe(
      true,
    )
    expect(got.ContentEncoding).toBe('gzip')
  }
})

it('refuses a body that is not what its checksum, MD5 or length says, and keeps the old object', async () => {
  const { client, endpoint, folder } = await s3ForTest()
  await client.send(new PutObjectCommand({ ...at('a'), Body: 'old' }))
  const wrong = (extra: object) => client.send(new PutObjectCommand({ ...at('a'), Body: 'new', ...extra }))
  await expect(wrong({ ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject(failure('BadDigest', 400))
  await expect(wrong({ ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })).rejects.toMatchObject(
    failure('BadDigest', 400),
  )
  await expect(wrong({ ContentMD5: 'AAAA' })).rejects.toMatchObject(failure('InvalidDigest', 400))
  await expect(
    wrong({ ChecksumAlgorithm: 'CRC64NVME', ChecksumCRC64NVME: 'AAAAAAAAAAA=' }),
  ).rejects.toMatchObject(failure('NotImplemented', 501))
  await cutOff(`${endpoint}/${BUCKET}/a`)
  await vi.waitFor(() => expect(readdirSync(join(folder, `bucket-${BUCKET}`, 'blobs'))).toHaveLength(1))
  expect(await textOf((await client.send(new GetObjectCommand(at('a')))).Body)).toBe('old')
})

// A signed upload whose connection ends after a part of the body.
async function cutOff(url: string): Promise<void> {
  const { hostname, port, pathname } = new URL(url)
  const headers = signedHeaders('PUT', pathname, `${hostname}:${port}`)
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      const lines = Object.entries({ ...headers, 'content-length': '1000000' }).map(
        ([k, v]) => `${k}: ${v}\r\n`,
      )
      socket.write(`PUT ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${'x'.repeat(100_000)}`, () =>
        setTimeout(() => socket.destroy(), 50),
      )
    })
    socket.on('close', () => resolve())
  })
}

it('writes conditionally: If-None-Match: * once, If-Match only over that very object', async () => {
  const { client } = await s3ForTest()
  const put = (extra: object, Body = 'x') => client.send(new PutObjectCommand({ ...at('m'), Body, ...extra }))
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) => put({ IfNoneMatch: '*' }, `attempt ${index}`)),
  )
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(7)
  await expect(put({ IfNoneMatch: '*' })).rejects.toMatchObject(failure('PreconditionFailed', 412))
  await expect(put({ IfMatch: '"0123"' })).rejects.toMatchObject(failure('PreconditionFailed', 412))
  const { ETag } = await client.send(new HeadObjectCommand(at('m')))
  await put({ IfMatch: ETag })
  await expect(client.send(new PutObjectCommand({ ...at('gone'), IfMatch: ETag }))).rejects.toMatchObject(
    failure('NoSuchKey', 404),
  )
})

it('reads ranges, also from the end, and answers 304 and 416', async () => {
  const { client } = await s3ForTest()
  const { ETag } = await client.send(new PutObjectCommand({ ...at('r'), Body: '0123456789' }))
  const get = (extra: object) => client.send(new GetObjectCommand({ ...at('r'), ...extra }))
  const range = async (Range: string) => {
    const { Body, ContentRange } = await get({ Range })
    return [await textOf(Body), ContentRange]
  }
  expect(await range('bytes=2-4')).toEqual(['234', 'bytes 2-4/10'])
  expect(await range('bytes=7-')).toEqual(['789', 'bytes 7-9/10'])
  expect(await range('bytes=-3')).toEqual(['789', 'bytes 7-9/10'])
  expect(await range('bytes=-30')).toEqual(['0123456789', 'bytes 0-9/10'])
  expect(await range('bytes=4-2')).toEqual(['0123456789', undefined])
  await expect(range('bytes=10-')).rejects.toMatchObject(failure('InvalidRange', 416))
  await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } })
  await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject(failure('PreconditionFailed', 412))
  expect((await get({ IfModifiedSince: new Date(0) })).ContentLength).toBe(10)
  await expect(get({ IfModifiedSince: new Date(Date.now() + 60_000) })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  })
})

it('takes no harm from a reader that goes away, and reads on while the object is overwritten', async () => {
  const { client, errors } = await s3ForTest()
  const body = randomBytes(20_000_000)
  await client.send(new PutObjectCommand({ ...at('big'), Body: body }))
  const leaving = await client.send(new GetObjectCommand(at('big')))
  ;(leaving.Body as Readable).destroy()
  const reading = await client.send(new GetObjectCommand(at('big')))
  await client.send(new PutObjectCommand({ ...at('big'), Body: 'new' }))
  expect(body.equals((await reading.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(true)
  expect(await textOf((await client.send(new GetObjectCommand(at('big')))).Body)).toBe('new')
  expect(errors).toEqual([])
})

it('copies with the metadata of the source or new ones, and never onto itself', async () => {
  const { client } = await s3ForTest()
  await client.send(
    new PutObjectCommand({ ...at('photo ä.png'), Body: 'p', ContentType: 'image/png', Metadata: { a: '1' } }),
  )
  const CopySource = `${BUCKET}/${encodeURIComponent('photo ä.png')}`
  const copied = await client.send(new CopyObjectCommand({ ...at('copy'), CopySource }))
  expect(copied.CopyObjectResult?.ETag).toBe(`"${createHash('md5').update('p').digest('hex')}"`)
  expect(await client.send(new HeadObjectCommand(at('copy')))).toMatchObject({
    ContentType: 'image/png',
    Metadata: { a: '1' },
  })
  await client.send(
    new CopyObjectCommand({
      ...at('copy'),
      CopySource,
      MetadataDirective: 'REPLACE',
      ContentType: 'text/plain',
    }),
  )
  expect(await client.send(new HeadObjectCommand(at('copy')))).toMatchObject({
    ContentType: 'text/plain',
    Metadata: {},
  })
  await expect(
    client.send(new CopyObjectCommand({ ...at('copy'), CopySource: `${BUCKET}/copy` })),
  ).rejects.toMatchObject(failure('InvalidRequest', 400))
  await expect(
    client.send(new CopyObjectCommand({ ...at('copy'), CopySource: `${BUCKET}/nothing` })),
  ).rejects.toMatchObject(failure('NoSuchKey', 404))
})

it('deletes one key or many, and a missing key without complaint', async () => {
  const { client, folder } = await s3ForTest()
  for (const key of ['a', 'b & <c>', 'd']) await client.send(new PutObjectCommand({ ...at(key), Body: key }))
  await client.send(new DeleteObjectCommand(at('a')))
  await client.send(new DeleteObjectCommand(at('a')))
  const { Deleted, Errors } = await client.send(
    new DeleteObjectsCommand({
      Bucket: BUCKET,
      Delete: { Objects: [{ Key: 'b & <c>' }, { Key: 'd' }, { Key: 'x' }] },
    }),
  )
  expect(Deleted?.map(({ Key }) => Key)).toEqual(['b & <c>', 'd', 'x'])
  expect(Errors).toBeUndefined()
  await expect(client.send(new GetObjectCommand(at('d')))).rejects.toMatchObject(failure('NoSuchKey', 404))
  expect(readdirSync(join(folder, `bucket-${BUCKET}`, 'blobs'))).toEqual([])
})

it('lists by prefix, delimiter and page, in UTF-8 order', async () => {
  const { client } = await s3ForTest()
  const keys = ['a/1', 'a/2', 'a/b/3', 'a/b/4', 'a/c/5', 'a0', 'b', '\u{1f600}', '\uffee', 'x y+&<z>']
  for (const key of [...keys].reverse()) await client.send(new PutObjectCommand({ ...at(key), Body: key }))
  const list = (extra: object) => client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...extra }))
  const expected = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const all = await list({})
  expect(all.Contents?.map(({ Key }) => Key)).toEqual(expected)
  expect(all).toMatchObject({ KeyCount: 10, IsTruncated: false, MaxKeys: 1000 })
  expect(all.Contents?.[0]).toMatchObject({
    Size: 3,
    ETag: `"${createHash('md5').update('a/1').digest('hex')}"`,
  })
  for (const MaxKeys of [1, 2, 3]) {
    const seen: (string | undefined)[] = []
    let ContinuationToken: string | undefined
    do {
      const page = await list({ MaxKeys, ContinuationToken, Delimiter: '/', Prefix: 'a/' })
      expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys)
      seen.push(
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      )
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken)
    expect(seen).toEqual(['a/1', 'a/2', 'a/b/', 'a/c/'])
  }
  expect((await list({ StartAfter: 'a/b/3', MaxKeys: 2 })).Contents?.map(({ Key }) => Key)).toEqual([
    'a/b/4',
    'a/c/5',
  ])
  expect((await list({ Prefix: 'x', EncodingType: 'url' })).Contents?.[0].Key).toBe('x%20y%2B%26%3Cz%3E')
  expect((await list({ MaxKeys: 0 })).IsTruncated).toBe(false)
  await expect(list({ ContinuationToken: 'nonsense' })).rejects.toMatchObject(failure('InvalidArgument', 400))
})

it('makes buckets and tells whether they exist', async () => {
  const { client } = await s3ForTest()
  await client.send(new CreateBucketCommand({ Bucket: 'another' }))
  await client.send(new HeadBucketCommand({ Bucket: 'another' }))
  await expect(client.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject(
    failure('NotFound', 404),
  )
  await expect(client.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'a' }))).rejects.toMatchObject(
    failure('NoSuchBucket', 404),
  )
  await expect(client.send(new CreateBucketCommand({ Bucket: 'UPPER' }))).rejects.toMatchObject(
    failure('InvalidBucketName', 400),
  )
})

it('refuses by name what it does not do', async () => {
  const { client } = await s3ForTest()
  const refused = async (sent: Promise<unknown>) => {
    const error = await sent.catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(S3ServiceException)
    expect(error).toMatchObject({
      name: 'NotImplemented',
      $metadata: { httpStatusCode: 501, requestId: expect.stringMatching(/^[0-9A-F]{16}$/) },
    })
    return (error as Error).message
  }
  expect(await refused(client.send(new ListBucketsCommand({})))).toMatch('ListBuckets')
  expect(await refused(client.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: '{}' })))).toMatch(
    'PutBucketPolicy',
  )
  expect(await refused(client.send(new GetObjectTaggingCommand(at('a'))))).toMatch('GetObjectTagging')
  expect(await refused(client.send(new ListObjectsCommand({ Bucket: BUCKET })))).toMatch(
    'ListObjects (version 1)',
  )
  expect(await refused(client.send(new PutObjectCommand({ ...at('a'), Tagging: 'a=b' })))).toMatch(
    'x-amz-tagging',
  )
  await expect(client.send(new PutObjectCommand({ ...at('a'), ACL: 'public-read' }))).rejects.toMatchObject(
    failure('AccessControlListNotSupported', 400),
  )
})

it('hands every creation to publish before the write counts, and forgets a write whose event failed', async () => {
  const seen: ObjectCreation[] = []
  let broken = false
  const { client, errors } = await s3ForTest({
    publish: async (creation, change) => {
      if (broken) throw new Error('disk full')
      seen.push(creation)
      await change()
    },
  })
  await client.send(new PutObjectCommand({ ...at('a b'), Body: 'xyz' }))
  await client.send(new CopyObjectCommand({ ...at('c'), CopySource: `${BUCKET}/a%20b` }))
  await client.send(new PutObjectCommand({ ...at('a b'), Body: '' }))
  expect(seen.map(({ key, reason, sizeBytes }) => [key, reason, sizeBytes])).toEqual([
    ['a b', 'PutObject', 3],
    ['c', 'CopyObject', 3],
    ['a b', 'PutObject', 0],
  ])
  expect(seen[2].sequencer > seen[0].sequencer).toBe(true)
  broken = true
  await expect(client.send(new PutObjectCommand({ ...at('d'), Body: 'x' }))).rejects.toMatchObject(
    failure('InternalError', 500),
  )
  await expect(client.send(new HeadObjectCommand(at('d')))).rejects.toMatchObject(failure('NotFound', 404))
  expect(errors).toHaveLength(1)
})

it('finds everything again after a restart, and deletes what belongs to nothing', async () => {
  const first = await s3ForTest()
  await first.client.send(new PutObjectCommand({ ...at('a'), Body: 'kept', Metadata: { n: '1' } }))
  await first.stop()
  const blobs = join(first.folder, `bucket-${BUCKET}`, 'blobs')
  const [kept] = readdirSync(blobs)
  expect(readFileSync(join(blobs, kept), 'utf8')).toBe('kept')
  writeFileSync(join(blobs, 'orphan'), 'left by a killed process')
  const second = await s3ForTest({ folder: first.folder })
  expect(readdirSync(blobs)).toEqual([kept])
  expect(statSync(join(blobs, kept)).size).toBe(4)
  const got = await second.client.send(new GetObjectCommand(at('a')))
  expect([await textOf(got.Body), got.Metadata]).toEqual(['kept', { n: '1' }])
})
