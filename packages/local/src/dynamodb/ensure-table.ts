import { setTimeout as delay } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'

interface KeySchema {
  readonly AttributeName: string
  readonly KeyType: 'HASH' | 'RANGE'
}

/** A table as CloudFormation and CreateTable describe it alike. */
export interface TableSpec {
  readonly TableName: string
  readonly AttributeDefinitions: readonly {
    readonly AttributeName: string
    readonly AttributeType: 'S' | 'N' | 'B'
  }[]
  readonly KeySchema: readonly KeySchema[]
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string
    readonly KeySchema: readonly KeySchema[]
    readonly Projection: {
      readonly ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'
      readonly NonKeyAttributes?: readonly string[]
    }
  }[]
}

const ACTIVE_WITHIN_MS = 10_000

/**
 * Makes the table unless it is there, and resolves when it takes requests; throws when the table on disk has other keys
 * or indexes than the description. Speaks the protocol itself: nothing else here needs the SDK.
 */
export async function ensureTable(endpoint: string, table: TableSpec): Promise<void> {
  const { TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = table
  await call(endpoint, 'CreateTable', {
    TableName,
    AttributeDefinitions,
    KeySchema,
    GlobalSecondaryIndexes,
    BillingMode: 'PAY_PER_REQUEST',
  }).catch((error) => {
    if (error.name !== 'ResourceInUseException') throw error
  })
  for (const deadline = Date.now() + ACTIVE_WITHIN_MS; ; await delay(20)) {
    const { Table } = (await call(endpoint, 'DescribeTable', { TableName })) as {
      readonly Table: TableSpec & { readonly TableStatus: string }
    }
    if (shapeOf(Table) !== shapeOf(table)) {
      throw new Error(
        `The table ${TableName} on disk has other keys or indexes than this version needs. Start once with --fresh, which forgets all local data.`,
      )
    }
    if (Table.TableStatus === 'ACTIVE') return
    if (Date.now() > deadline) throw new Error(`The table ${TableName} stays ${Table.TableStatus}.`)
  }
}

async function call(endpoint: string, operation: string, input: unknown): Promise<unknown> {
  // Any key pair will do: the local DynamoDB has no accounts.
  const signer = new AwsClient({
    accessKeyId: 'local',
    secretAccessKey: 'local',
    service: 'dynamodb',
    region: 'us-east-1',
    retries: 0,
  })
  const answer = await signer.fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.0',
      'X-Amz-Target': `DynamoDB_20120810.${operation}`,
    },
    body: JSON.stringify(input),
  })
  const output = (await answer.json()) as {
    readonly __type?: string
    readonly message?: string
    readonly Message?: string
  }
  if (answer.ok) return output
  const error = new Error(`${operation}: ${output.message ?? output.Message}`)
  error.name = output.__type?.split('#').at(-1) ?? 'InternalServerError'
  throw error
}

function shapeOf(table: Pick<TableSpec, 'KeySchema' | 'GlobalSecondaryIndexes'>): string {
  const indexes = (table.GlobalSecondaryIndexes ?? []).map(
    (index) => `${index.IndexName}(${keysOf(index.KeySchema)} ${index.Projection.ProjectionType})`,
  )
  return [keysOf(table.KeySchema), ...indexes.sort()].join(' ')
}

function keysOf(schema: readonly KeySchema[]): string {
  return schema
    .map(({ AttributeName, KeyType }) => `${AttributeName}:${KeyType}`)
    .sort()
    .join(',')
}
