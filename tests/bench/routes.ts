/**
 * What a route costs over the SDK calls that it cannot do without: the API's handler, bundled sources in this process,
 * against the local DynamoDB and S3, turn about with the bare calls.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { S3ObjectStore } from '@gen3d/aws/object-store'
import { tableSpec } from '@gen3d/aws/table-spec'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { executeJob } from '@gen3d/jobs/execute-job'
import { startDynamoDb } from '@gen3d/local/dynamodb/dynamodb'
import { ensureTable } from '@gen3d/local/dynamodb/ensure-table'
import { startS3 } from '@gen3d/local/s3/s3-server'
import { createPreviewEngine } from '@gen3d/preview/engine'
import type { CreateUploadResponse, JobAccepted, JobStatus } from '@gen3d/shared/api'
import type { InferenceRequest } from '@gen3d/shared/inference'
import { RESOURCES } from '@gen3d/shared/names'
import { monotonicFactory } from 'ulid'
import { drawDuck } from '../fixtures/duck.ts'
import { createApi } from './api-call.ts'
import { type Bench, type Figure, quantile, timed } from './figure.ts'
import { ENVIRONMENT } from './lambda-bundle.ts'

const GOAL_MS = 5
const ROUNDS = 100
const KEY = { accessKeyId: 'BENCHKEY', secretAccessKey: 'bench-secret' }
const NAME = 'bench'

export const measureRoutes: Bench = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-bench-'))
  const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const { log } = console
  stops.push(() => {
    console.log = log
  })
  const before = { ...process.env }
  stops.push(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  })
  try {
    const dynamodb = await startDynamoDb({ folder: join(folder, 'dynamodb'), port: 0 })
    stops.push(() => dynamodb.stop())
    await ensureTable(dynamodb.endpoint, tableSpec(NAME) as Parameters<typeof ensureTable>[1])
    const keyOf = (id: string) => (id === KEY.accessKeyId ? KEY : undefined)
    const s3 = await startS3({
      ...{ folder: join(folder, 's3'), port: 0, region: 'us-east-1', buckets: [NAME], keyOf },
    })
    stops.push(() => s3.stop())
    const requests: InferenceRequest[] = []
    const lambda = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      requests.push(JSON.parse(Buffer.concat(chunks).toString()))
      response.writeHead(202).end()
    }).listen(0, '127.0.0.1')
    await once(lambda, 'listening')
    stops.push(() => lambda.close())
    Object.assign(process.env, ENVIRONMENT, {
      AWS_ACCESS_KEY_ID: KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`,
    })
    const api = await createApi()
    // The handler's own lines, one a call, are no figures.
    console.log = () => {}
    return await measure(api, requests)
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

type Api = Awaited<ReturnType<typeof createApi>>

/** Makes one job with the real engine; resolves with its id and the key of its manifest. */
async function makeJob(api: Api, requests: readonly InferenceRequest[]) {
  const duck = drawDuck(320, 240)
  const photo = new Uint8Array(encodeJpeg(duck.image, 90))
  const form = { file_name: 'duck.jpg', content_type: 'image/jpeg', size_bytes: photo.length }
  const { session_id, upload } = await api.post<CreateUploadResponse>('/get-upload-url', form)
  const body = new FormData()
  for (const [name, value] of Object.entries(upload.fields)) body.append(name, value)
  body.append('file', new Blob([photo]))
  await fetch(upload.url, { method: 'POST', body })
  await api.post('/initialize', { session_id })
  const png_base64 = Buffer.from(writeMaskPng(duck.mask)).toString('base64')
  const masks = [{ png_base64 }]
  const { job_id } = await api.post<JobAccepted>('/reconstruct', {
    session_id,
    masks,
    options: { quality: 'draft' },
  })
  const request = requests.find((one) => one.job_id === job_id)
  const log = { info() {}, warn() {}, error: console.error, with: () => log }
  await executeJob(request, {
    ...{ objects: new S3ObjectStore(NAME), engine: createPreviewEngine(), log },
    ...{ clock: { now: () => new Date() }, newUlid: monotonicFactory() },
  })
  const status = await api.get<JobStatus>('/status/{job_id}', { job_id })
  if (status.state !== 'COMPLETED') throw new Error(`The job is ${status.state}.`)
  return { job_id, manifestKey: `${request?.job_prefix}manifest.json` }
}

async function measure(api: Api, requests: readonly InferenceRequest[]): Promise<Figure[]> {
  const { job_id, manifestKey } = await makeJob(api, requests)
  const [dynamodb, s3] = [new DynamoDBClient({}), new S3Client({})]
  const item = { TableName: NAME, Key: { job_id: { S: job_id } }, ConsistentRead: true }
  const query = {
    ...{ TableName: NAME, IndexName: RESOURCES.userIndex, KeyConditionExpression: 'user_id = :user' },
    ...{ ExpressionAttributeValues: { ':user': { S: `${api.sub}#sessions` } }, Limit: 21 },
  }
  const status = await compare(
    () => api.get('/status/{job_id}', { job_id }),
    async () => {
      await dynamodb.send(new GetItemCommand(item))
      const object = await s3.send(new GetObjectCommand({ Bucket: NAME, Key: manifestKey }))
      await object.Body?.transformToByteArray()
    },
  )
  const sessions = await compare(
    () => api.get('/sessions'),
    () => dynamodb.send(new QueryCommand(query)),
  )
  return [
    { group: 'route over bare SDK', name: 'GET /status p50', unit: 'ms', goal: GOAL_MS, ...status },
    { group: 'route over bare SDK', name: 'GET /sessions p50', unit: 'ms', goal: GOAL_MS, ...sessions },
  ]
}

async function compare(route: () => Promise<unknown>, bare: () => Promise<unknown>) {
  const rounds: { route: Time; bare: Time }[] = []
  for (let i = 0; i < 2 * ROUNDS; i++) {
    const round = { route: await timed(route), bare: await timed(bare) }
    // The first half finds nothing compiled.
    if (i >= ROUNDS) rounds.push(round)
  }
  const p50 = (of: (round: (typeof rounds)[number]) => number) => quantile(rounds.map(of), 0.5)
  const [whole, least] = [p50((round) => round.route.ms), p50((round) => round.bare.ms)]
  return {
    value: p50((round) => round.route.ms - round.bare.ms),
    cpu: p50((round) => round.route.cpuMs - round.bare.cpuMs),
    note: `${whole.toFixed(1)} of which the calls ${least.toFixed(1)}`,
  }
}

type Time = Awaited<ReturnType<typeof timed>>
