import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type DynamoDbEngine, startDynamoDb } from './dynamodb.ts'
import { ensureTable, type TableSpec } from './ensure-table.ts'
import { commandLineOf } from './owned-child.ts'

const TABLE: TableSpec = {
  TableName: 'jobs',
  AttributeDefinitions: [
    { AttributeName: 'job_id', AttributeType: 'S' },
    { AttributeName: 'user_id', AttributeType: 'S' },
    { AttributeName: 'created_at', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'job_id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'user-index',
      KeySchema: [
        { AttributeName: 'user_id', KeyType: 'HASH' },
        { AttributeName: 'created_at', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
}
const TableName = TABLE.TableName

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-dynamodb-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function start(folder: string, engine: DynamoDbEngine) {
  const server = await startDynamoDb({ folder, port: 0, engine })
  onTestFinished(() => server.stop())
  await ensureTable(server.endpoint, TABLE)
  return { ...server, documents: documentsOf(server.endpoint) }
}

function documentsOf(endpoint: string): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  })
  onTestFinished(() => client.destroy())
  return DynamoDBDocumentClient.from(client)
}

// A parent process that starts DynamoDB, prints where, and waits to be killed.
async function startInParent(folder: string, engine: DynamoDbEngine) {
  const script = `
    import { startDynamoDb } from ${JSON.stringify(new URL('./dynamodb.ts', import.meta.url).href)}
    const server = await startDynamoDb({ folder: process.argv[1], port: 0, engine: process.argv[2] })
    console.log(server.endpoint)
    setInterval(() => {}, 1000)`
  const tsx = import.meta.resolve('tsx')
  const args = ['--import', tsx, '--input-type=module', '--eval', script, folder, engine]
  const parent = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const endpoint = await new Promise<string>((resolve, reject) => {
    parent.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()))
    parent.once('exit', (code) => reject(new Error(`The parent ended with ${code}.`)))
  })
  return { parent, endpoint, pid: pidIn(folder) }
}

function pidIn(folder: string): number {
  return JSON.parse(readFileSync(join(folder, 'dynamodb.pid'), 'utf8')).pid
}

describe.each(['dynoxide', 'dynalite'] as const)('with %s', (engine) => {
  const available = engine === 'dynalite' || (process.platform === 'linux' && process.arch === 'x64')

  it.runIf(available)('keeps rows, conditions and the index, also over a kill -9', async () => {
    const folder = temporaryFolder()
    const first = await start(folder, engine)
    const row = { job_id: 'j1', user_id: 'u', created_at: '2026-01-01', state: 'QUEUED', n: 1 }
    await first.documents.send(
      new PutCommand({ TableName, Item: row, ConditionExpression: 'attribute_not_exists(job_id)' }),
    )
    await expect(
      first.documents.send(
        new PutCommand({ TableName, Item: row, ConditionExpression: 'attribute_not_exists(job_id)' }),
      ),
    ).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
    await first.documents.send(
      new UpdateCommand({
        TableName,
        Key: { job_id: 'j1' },
        UpdateExpression: 'SET #s = :to ADD n :one',
        ConditionExpression: '#s IN (:a, :b)',
        ExpressionAttributeNames: { '#s': 'state' },
        ExpressionAttributeValues: { ':to': 'RUNNING', ':a': 'QUEUED', ':b': 'RUNNING', ':one': 1 },
      }),
    )
    process.kill(pidIn(folder), 'SIGKILL')
    expect(await first.exited).toMatch(/^DynamoDB ended with SIGKILL\./)
    const second = await start(folder, engine)
    const { Item } = await second.documents.send(
      new GetCommand({ TableName, Key: { job_id: 'j1' }, ConsistentRead: true }),
    )
    expect(Item).toEqual({ ...row, state: 'RUNNING', n: 2 })
    const { Items } = await second.documents.send(
      new QueryCommand({
        TableName,
        IndexName: 'user-index',
        KeyConditionExpression: 'user_id = :u',
        ExpressionAttributeValues: { ':u': 'u' },
        ScanIndexForward: false,
        Limit: 1,
      }),
    )
    expect(Items).toEqual([Item])
    await second.stop()
    expect(await second.exited).toMatch(/^DynamoDB ended with/)
  })

  it.runIf(available)('ends with its parent, and a new start finds the rows', async () => {
    const folder = temporaryFolder()
    const { parent, endpoint, pid } = await startInParent(folder, engine)
    await ensureTable(endpoint, TABLE)
    await documentsOf(endpoint).send(new PutCommand({ TableName, Item: { job_id: 'kept' } }))
    expect(await commandLineOf(pid)).toContain(folder)
    await expect(startDynamoDb({ folder, port: 0, engine })).rejects.toThrow(`already runs in ${folder}`)
    parent.kill('SIGKILL')
    await vi.waitFor(async () => expect((await commandLineOf(pid)) ?? '').toBe(''), { timeout: 5000 })
    const { documents } = await start(folder, engine)
    const { Item } = await documents.send(new GetCommand({ TableName, Key: { job_id: 'kept' } }))
    expect(Item).toEqual({ job_id: 'kept' })
  })
})

it('ends a child that an earlier start left behind, but no stranger of the same id', async () => {
  const folder = temporaryFolder()
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', folder])
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  onTestFinished(() => void [orphan, stranger].map((child) => child.kill('SIGKILL')))
  const leave = (pid?: number) =>
    writeFileSync(join(folder, 'dynamodb.pid'), JSON.stringify({ pid, parent_pid: 2 ** 22 + 1 }))
  leave(stranger.pid)
  await (await startDynamoDb({ folder, port: 0, engine: 'dynalite' })).stop()
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
  leave(orphan.pid)
  await (await startDynamoDb({ folder, port: 0, engine: 'dynalite' })).stop()
  expect(orphan.signalCode).toBe('SIGTERM')
})

it('is reached through AWS_ENDPOINT_URL_DYNAMODB alone', async () => {
  const { endpoint, documents } = await start(temporaryFolder(), 'dynalite')
  await documents.send(new PutCommand({ TableName, Item: { job_id: 'here' } }))
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', endpoint)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'any')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any')
  onTestFinished(() => void vi.unstubAllEnvs())
  const bare = new DynamoDBClient({})
  onTestFinished(() => bare.destroy())
  const { Item } = await bare.send(new GetItemCommand({ TableName, Key: { job_id: { S: 'here' } } }))
  expect(Item).toEqual({ job_id: { S: 'here' } })
})

it('says that a port is taken', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void holder.close())
  await new Promise((resolve) => holder.once('listening', resolve))
  const address = holder.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await expect(startDynamoDb({ folder: temporaryFolder(), port })).rejects.toThrow(
    `DynamoDB cannot listen on 127.0.0.1:${port}: the port is taken; choose another.`,
  )
})

it('refuses a table on disk that has other indexes than the description', async () => {
  const { endpoint } = await start(temporaryFolder(), 'dynalite')
  await ensureTable(endpoint, TABLE)
  const { TableName, KeySchema, AttributeDefinitions } = TABLE
  const older = { TableName, KeySchema, AttributeDefinitions: AttributeDefinitions.slice(0, 1) }
  await expect(ensureTable(endpoint, older)).rejects.toThrow('--fresh')
})

it.runIf(process.platform === 'linux')('listens on this machine only', async () => {
  const { port } = await start(temporaryFolder(), 'dynalite')
  const sockets = execFileSync('cat', ['/proc/net/tcp', '/proc/net/tcp6'], { encoding: 'utf8' })
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const listening = sockets.split('\n').filter((line) => new RegExp(`:${hexPort} \\S+ 0A `).test(line))
  expect(listening.map((line) => line.trim().split(/\s+/)[1])).toEqual([`0100007F:${hexPort}`])
})
