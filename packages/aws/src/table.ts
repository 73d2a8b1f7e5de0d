/** The table as the stores use it: only calls that every DynamoDB, dynalite included, has; no transactions. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Clock } from '@gen3d/jobs/ports'
import { RESOURCES } from '@gen3d/shared/names'

export type Row = Record<string, unknown>
export type Attributes = Readonly<Record<string, unknown>>

type Item = Record<string, AttributeValue>

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

interface Query {
  readonly index: string
  readonly condition: string
  readonly names?: Record<string, string>
  readonly values: Attributes
  /** The key after which to go on. */
  readonly start?: Attributes
  readonly newestFirst?: boolean
}

export class Table {
  readonly #client: DynamoDBClient
  readonly #clock: Clock
  readonly name: string

  constructor(name: string, clock: Clock, client = new DynamoDBClient({})) {
    this.name = name
    this.#clock = clock
    this.#client = client
  }

  /** DynamoDB deletes expired rows days late: until then they are treated as gone. */
  #live(row: Row | undefined): Row | null {
    const now = this.#clock.now().getTime() / 1000
    return row && (row.expires_at as number) > now ? row : null
  }

  async get(id: string): Promise<Row | null> {
    const command = new GetItemCommand({ TableName: this.name, Key: toKey(id), ConsistentRead: true })
    return this.#live(fromItem((await this.#client.send(command)).Item))
  }

  async getMany(ids: readonly string[]): Promise<Row[]> {
    const rows: Row[] = []
    let keys: Item[] = [...new Set(ids)].map(toKey)
    while (keys.length > 0) {
      const batch = { Keys: keys.slice(0, BATCH), ConsistentRead: true }
      const answer = await this.#client.send(
        new BatchGetItemCommand({ RequestItems: { [this.name]: batch } }),
      )
      rows.push(...(answer.Responses?.[this.name] ?? []).map((item) => unmarshall(item)))
      const rest = answer.UnprocessedKeys?.[this.name]?.Keys ?? []
      keys = [...rest, ...keys.slice(BATCH)]
    }
    return rows.filter((row) => this.#live(row))
  }

  /** Writes a row unless a live one stands; false when one does. */
  async putOnce(row: Row): Promise<boolean> {
    const condition = {
      ConditionExpression: 'attribute_not_exists(job_id) OR expires_at <= :now',
      ExpressionAttributeValues: toItem({ ':now': this.#clock.now().getTime() / 1000 }),
    }
    const command = new PutItemCommand({ TableName: this.name, Item: toItem(row), ...condition })
    return (await orNull(this.#client.send(command))) !== null
  }

  async put(row: Row): Promise<void> {
    await this.#client.send(new PutItemCommand({ TableName: this.name, Item: toItem(row) }))
  }

  async delete(id: string): Promise<void> {
    await this.#client.send(new DeleteItemCommand({ TableName: this.name, Key: toKey(id) }))
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
    const command = new UpdateItemCommand({
      TableName: this.name,
      Key: toKey(id),
      UpdateExpression: expression,
      ConditionExpression: rest.condition,
      ExpressionAttributeNames: isEmpty(rest.names) ? undefined : rest.names,
      ExpressionAttributeValues: isEmpty(rest.values) ? undefined : toItem(rest.values ?? {}),
      ReturnValues: 'ALL_NEW',
    })
    return fromItem((await orNull(this.#client.send(command)))?.Attributes) ?? null
  }

  /** Rows of one partition of an index, expired ones left out, until `limit` are found. */
  async query({ index, condition, names, values, start, newestFirst }: Query, limit: number): Promise<Row[]> {
    const rows: Row[] = []
    let from = start && toItem(start)
    do {
      const command = new QueryCommand({
        TableName: this.name,
        IndexName: index,
        KeyConditionExpression: condition,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: toItem(values),
        ScanIndexForward: !newestFirst,
        ExclusiveStartKey: from,
        Limit: limit - rows.length,
      })
      const answer = await this.#client.send(command)
      rows.push(...(answer.Items ?? []).map((item) => unmarshall(item)).filter((row) => this.#live(row)))
      from = answer.LastEvaluatedKey
    } while (from && rows.length < limit)
    return rows
  }

  /** Rows of a kind whose time has come, oldest first. */
  async queryDue(kind: 'job' | 'session', now: string, limit: number): Promise<Row[]> {
    return this.query(
      {
        index: RESOURCES.sweepIndex,
        condition: '#open = :kind AND due_at <= :now',
        names: { '#open': 'open' },
        values: { ':kind': kind, ':now': now },
      },
      limit,
    )
  }

  /**
   * Rows of a kind in some states that were made before an instant: one read of at most `limit` rows of the sweep index;
   * null when there are more. Rows that have expired are not told apart: they leave the index when they are settled.
   */
  async countBefore(
    kind: 'job',
    states: readonly string[],
    createdAt: string,
    limit: number,
  ): Promise<number | null> {
    const values = Object.fromEntries(states.map((state, i) => [`:state${i}`, state]))
    const command = new QueryCommand({
      TableName: this.name,
      IndexName: RESOURCES.sweepIndex,
      KeyConditionExpression: '#open = :kind',
      FilterExpression: `created_at < :created AND #state IN (${Object.keys(values).join(', ')})`,
      ExpressionAttributeNames: { '#open': 'open', '#state': 'state' },
      ExpressionAttributeValues: toItem({ ':kind': kind, ':created': createdAt, ...values }),
      Select: 'COUNT',
      Limit: limit,
    })
    const { Count = 0, LastEvaluatedKey } = await this.#client.send(command)
    return LastEvaluatedKey ? null : Count
  }
}

function toKey(id: string): Item {
  return { job_id: { S: id } }
}

function toItem(row: Attributes): Item {
  return marshall(row, { removeUndefinedValues: true })
}

function fromItem(item: Item | undefined): Row | undefined {
  return item && unmarshall(item)
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
