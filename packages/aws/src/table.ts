/** The table as the stores use it: only calls that every DynamoDB, dynalite included, has; no transactions. */
import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import type { Clock } from '@gen3d/jobs/ports'
import { RESOURCES } from '@gen3d/shared/names'

export type Row = Record<string, unknown>
export type Attributes = Readonly<Record<string, unknown>>

/** BatchGetItem takes 100 keys. */
const BATCH = 100

export interface Update {
  /** Undefined leaves an attribute, null removes it. */
  readonly set: Attributes
  readonly condition: string
  /** Names (#) and values (:) of the condition. */
  readonly names?: Record<string, string>
  readonly values?: Attributes
}

export class Table {
  readonly #client: DynamoDBDocumentClient
  readonly #clock: Clock
  readonly name: string

  constructor(name: string, clock: Clock, client = new DynamoDBClient({})) {
    this.name = name
    this.#clock = clock
    this.#client = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
  }

  /** DynamoDB deletes expired rows days late: until then they are treated as gone. */
  #live(row: Row | undefined): Row | null {
    const now = this.#clock.now().getTime() / 1000
    return row && (row.expires_at as number) > now ? row : null
  }

  async get(id: string): Promise<Row | null> {
    const request = { TableName: this.name, Key: { job_id: id }, ConsistentRead: true }
    return this.#live((await this.#client.send(new GetCommand(request))).Item)
  }

  async getMany(ids: readonly string[]): Promise<Row[]> {
    const rows: Row[] = []
    let keys = [...new Set(ids)].map((id) => ({ job_id: id }))
    while (keys.length > 0) {
      const batch = { Keys: keys.slice(0, BATCH), ConsistentRead: true }
      const answer = await this.#client.send(new BatchGetCommand({ RequestItems: { [this.name]: batch } }))
      rows.push(...(answer.Responses?.[this.name] ?? []))
      const rest = (answer.UnprocessedKeys?.[this.name]?.Keys ?? []) as { job_id: string }[]
      keys = [...rest, ...keys.slice(BATCH)]
    }
    return rows.filter((row) => this.#live(row))
  }

  /** Writes a row unless a live one stands; false when one does. */
  async putOnce(row: Row): Promise<boolean> {
    const condition = {
      ConditionExpression: 'attribute_not_exists(job_id) OR expires_at <= :now',
      ExpressionAttributeValues: { ':now': this.#clock.now().getTime() / 1000 },
    }
    const command = new PutCommand({ TableName: this.name, Item: row, ...condition })
    return (await orNull(this.#client.send(command))) !== null
  }

  async put(row: Row): Promise<void> {
    await this.#client.send(new PutCommand({ TableName: this.name, Item: row }))
  }

  async delete(id: string): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.name, Key: { job_id: id } }))
  }

  /** One conditional write of whole attributes; null when the condition failed. */
  async update(id: string, { set, condition, names, values }: Update): Promise<Row | null> {
    const entries = Object.entries(set).filter(([, value]) => value !== undefined)
    const sets = entries.filter(([, value]) => value !== null)
    const removes = entries.filter(([, value]) => value === null)
    const expression = [
      sets.length > 0 ? `SET ${sets.map(([name]) => `#s_${name} = :s_${name}`).join(', ')}` : '',
      removes.length > 0 ? `REMOVE ${removes.map(([name]) => `#s_${name}`).join(', ')}` : '',
    ]
    return this.express(id, expression.join(' '), {
      condition,
      names: { ...names, ...Object.fromEntries(entries.map(([name]) => [`#s_${name}`, name])) },
      values: { ...values, ...Object.fromEntries(sets.map(([name, value]) => [`:s_${name}`, value])) },
    })
  }

  /** One conditional write by an update expression; null when the condition failed. */
  async express(id: string, expression: string, rest: Omit<Update, 'set'>): Promise<Row | null> {
    const command = new UpdateCommand({
      TableName: this.name,
      Key: { job_id: id },
      UpdateExpression: expression,
      ConditionExpression: rest.condition,
      ExpressionAttributeNames: isEmpty(rest.names) ? undefined : rest.names,
      ExpressionAttributeValues: isEmpty(rest.values) ? undefined : rest.values,
      ReturnValues: 'ALL_NEW',
    })
    return (await orNull(this.#client.send(command)))?.Attributes ?? null
  }

  /** Rows of one partition of an index, expired ones left out, until `limit` are found. */
  async query(input: Omit<QueryCommandInput, 'TableName' | 'Limit'>, limit: number): Promise<Row[]> {
    const rows: Row[] = []
    let start = input.ExclusiveStartKey
    do {
      const page = { ...input, TableName: this.name, Limit: limit - rows.length, ExclusiveStartKey: start }
      const answer = await this.#client.send(new QueryCommand(page))
      rows.push(...(answer.Items ?? []).filter((row) => this.#live(row)))
      start = answer.LastEvaluatedKey
    } while (start && rows.length < limit)
    return rows
  }

  /** Rows of a kind whose time has come, oldest first. */
  async queryDue(kind: 'job' | 'session', now: string, limit: number): Promise<Row[]> {
    return this.query(
      {
        IndexName: RESOURCES.sweepIndex,
        KeyConditionExpression: '#open = :kind AND due_at <= :now',
        ExpressionAttributeNames: { '#open': 'open' },
        ExpressionAttributeValues: { ':kind': kind, ':now': now },
      },
      limit,
    )
  }
}

function isEmpty(record: object | undefined): boolean {
  return !record || Object.keys(record).length === 0
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return null
    throw error
  }
}
