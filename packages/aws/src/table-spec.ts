/**
 * The one table, as CreateTable takes it: local stack, tests and the template's test share it.
 *
 *   job_id                user_id        what
 *   SESSION-JOB           SUB            a job
 *   session#SID           SUB#sessions   a session; a tombstone has no user_id and leaves the index
 *   counter#NAME                         a counter: sum
 *   slots#NAME                           a set: members
 *   fact#NAME                            a small value
 *
 * `open` (job, session) and `due_at` stand only in rows that the sweep has to look at: the sweep index is sparse.
 * One partition a kind is enough: DynamoDB carries 1000 writes a second on it.
 */
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { RESOURCES } from '@gen3d/shared/names'

export function tableSpec(tableName: string): CreateTableCommandInput {
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'job_id', AttributeType: 'S' },
      { AttributeName: 'user_id', AttributeType: 'S' },
      { AttributeName: 'created_at', AttributeType: 'S' },
      { AttributeName: 'open', AttributeType: 'S' },
      { AttributeName: 'due_at', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'job_id', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: RESOURCES.userIndex,
        KeySchema: [
          { AttributeName: 'user_id', KeyType: 'HASH' },
          { AttributeName: 'created_at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
      {
        IndexName: RESOURCES.sweepIndex,
        KeySchema: [
          { AttributeName: 'open', KeyType: 'HASH' },
          { AttributeName: 'due_at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  }
}
