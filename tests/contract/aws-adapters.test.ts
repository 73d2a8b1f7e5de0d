/** The adapters of packages/aws held to their contract on programs that speak AWS's protocols: both local DynamoDBs, our S3. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoFactStore } from '@gen3d/aws/fact-store'
import { DynamoJobStore } from '@gen3d/aws/job-store'
import { DynamoLimitStore } from '@gen3d/aws/limit-store'
import { S3ObjectStore } from '@gen3d/aws/object-store'
import { describeObjectStore } from '@gen3d/aws/object-store.contract'
import { DynamoSessionStore } from '@gen3d/aws/session-store'
import {
  describeFactStore,
  describeJobStore,
  describeLimitStore,
  describeSessionStore,
} from '@gen3d/aws/stores.contract'
import { Table } from '@gen3d/aws/table'
import { tableSpec } from '@gen3d/aws/table-spec'
import { type DynamoDbEngine, startDynamoDb } from '@gen3d/local/dynamodb/dynamodb'
import { ensureTable } from '@gen3d/local/dynamodb/ensure-table'
import { startS3 } from '@gen3d/local/s3/s3-server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const TABLE = 'Gen3DJobsTable-test'
const BUCKET = 'gen3d-data-bucket-test'
const KEY = { accessKeyId: 'TESTKEY', secretAccessKey: 'test-secret' }

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-contract-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The adapters find everything in the environment, as in Lambda. */
function setEnvironment(variables: Record<string, string>): void {
  const all = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: KEY.accessKeyId, ...variables }
  for (const [name, value] of Object.entries({ ...all, AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey }))
    vi.stubEnv(name, value)
}

// The one that npm has for this platform, and the one that it has for every platform.
const ENGINES: (DynamoDbEngine | undefined)[] = [undefined, 'dynalite']
for (const engine of ENGINES) {
  describe(`DynamoDB by ${engine ?? 'the default program'}`, () => {
    const folder = temporaryFolder()
    let stores: ReturnType<typeof createStores>
    let stop = async () => {}

    beforeAll(async () => {
      const server = await startDynamoDb({ folder, port: 0, engine })
      stop = () => server.stop()
      await ensureTable(server.endpoint, tableSpec(TABLE) as Parameters<typeof ensureTable>[1])
      setEnvironment({ AWS_ENDPOINT_URL_DYNAMODB: server.endpoint })
      stores = createStores()
    })
    afterAll(() => stop())

    const open = () => stores
    describeJobStore(open)
    describeSessionStore(open)
    describeLimitStore(open)
    describeFactStore(open)
  })
}

function createStores() {
  const table = new Table(TABLE, { now: () => new Date() })
  return {
    jobs: new DynamoJobStore(table),
    sessions: new DynamoSessionStore(table),
    limits: new DynamoLimitStore(table),
    facts: new DynamoFactStore(table),
  }
}

describe('S3', () => {
  const folder = temporaryFolder()
  let objects: S3ObjectStore
  let stop = async () => {}

  beforeAll(async () => {
    const server = await startS3({
      folder,
      port: 0,
      region: 'us-east-1',
      buckets: [BUCKET],
      keyOf: (id) => (id === KEY.accessKeyId ? KEY : undefined),
    })
    stop = () => server.stop()
    setEnvironment({ AWS_ENDPOINT_URL_S3: server.endpoint })
    objects = new S3ObjectStore(BUCKET)
  })
  afterAll(() => stop())

  describeObjectStore(() => ({ objects, folder: 'users/' }))

  it('signs an address that reads the object under the name given, and nothing else', async () => {
    await objects.put('users/a', 'hello', { contentType: 'model/stl' })
    const url = await objects.presignGet('users/a', { expiresSeconds: 60, downloadName: 'Stühl "1".stl' })
    const answer = await fetch(url)
    expect(await answer.text()).toBe('hello')
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="St_hl _1_.stl"; filename*=UTF-8''St%C3%BChl%20%221%22.stl`,
    )
    expect((await fetch(url.replace('/users/a', '/users/b'))).status).toBe(403)
  })

  it('signs a form that takes this key, type and size only', async () => {
    const post = async (body: string, change: Record<string, string> = {}) => {
      const options = { contentType: 'image/png', sizeBytes: 5, expiresSeconds: 60 }
      const { url, fields } = await objects.presignPost('users/photo', options)
      const form = new FormData()
      for (const [name, value] of Object.entries({ ...fields, ...change })) form.append(name, value)
      form.append('file', new Blob([body]), 'photo')
      return (await fetch(url, { method: 'POST', body: form })).status
    }
    expect(await post('123456')).toBe(400)
    expect(await post('1234')).toBe(400)
    expect(await post('12345', { key: 'users/other' })).toBe(403)
    expect(await post('12345', { 'Content-Type': 'text/html' })).toBe(403)
    expect(await post('12345')).toBe(204)
    expect(await objects.head('users/photo')).toMatchObject({ sizeBytes: 5, contentType: 'image/png' })
  })
})
