import type { JobPatch, JobStore, JobTransitionChange } from '@gen3d/jobs/ports'
import type { JobRecord } from '@gen3d/jobs/records'
import { OPEN_STATES } from '@gen3d/shared/job-states'
import type { Attributes, Row, Table } from './table.ts'

/** Fields and attributes; the rest of the row is made of them. */
const ATTRIBUTES = {
  jobId: 'job_id',
  sub: 'user_id',
  sessionId: 'session_id',
  kind: 'kind',
  state: 'state',
  createdAt: 'created_at',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  retryOf: 'retry_of',
  request: 'request',
  email: 'email',
  mail: 'mail',
  mailLeaseUntil: 'mail_lease_until',
  mailDuplicates: 'mail_duplicates',
  invokedAt: 'invoked_at',
  invocations: 'invocations',
  failureKey: 'failure_key',
  errorCode: 'error_code',
  timings: 'timings',
  dueAt: 'due_at',
  deadlineAt: 'deadline_at',
  expiresAt: 'expires_at',
} as const satisfies Record<keyof JobRecord, string>

const EXISTS = 'attribute_exists(job_id)'

/** Nulls stay nulls here: in an update they remove the attribute. `open` puts a row into the sweep index. */
function toAttributes(fields: Partial<JobRecord>): Attributes {
  const attributes: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(fields))
    attributes[ATTRIBUTES[field as keyof JobRecord]] = value
  if (fields.dueAt !== undefined) attributes.open = fields.dueAt === null ? null : 'job'
  return attributes
}

function toRow(job: JobRecord): Row {
  return Object.fromEntries(Object.entries(toAttributes(job)).filter(([, value]) => value !== null))
}

function fromRow(row: Row): JobRecord {
  const fields = Object.entries(ATTRIBUTES).map(([field, attribute]) => [field, row[attribute] ?? null])
  return Object.fromEntries(fields) as JobRecord
}

export class DynamoJobStore implements JobStore {
  readonly #table: Table
  constructor(table: Table) {
    this.#table = table
  }

  async create(job: JobRecord) {
    for (;;) {
      if (await this.#table.putOnce(toRow(job))) return { created: true, job }
      const standing = await this.get(job.jobId)
      // Gone between the two calls: then it can be written.
      if (standing) return { created: false, job: standing }
    }
  }

  async get(jobId: string) {
    const row = await this.#table.get(jobId)
    return row && fromRow(row)
  }

  async getMany(jobIds: readonly string[]) {
    return (await this.#table.getMany(jobIds)).map(fromRow)
  }

  async transition(jobId: string, { from, to, onlyErrorCode, patch }: JobTransitionChange) {
    const states = Object.fromEntries(from.map((state, i) => [`:from${i}`, state]))
    const failed = from.includes('FAILED') && onlyErrorCode !== undefined
    const row = await this.#table.update(jobId, {
      set: { ...toAttributes(patch), state: to },
      condition:
        `${EXISTS} AND #state IN (${Object.keys(states).join(', ')})` +
        (failed ? ' AND (#state <> :failed OR error_code = :code)' : ''),
      names: { '#state': 'state' },
      values: { ...states, ...(failed ? { ':failed': 'FAILED', ':code': onlyErrorCode } : {}) },
    })
    return row && fromRow(row)
  }

  async update(jobId: string, patch: JobPatch) {
    const row = await this.#table.update(jobId, { set: toAttributes(patch), condition: EXISTS })
    return row && fromRow(row)
  }

  async claimMail(jobId: string, now: string, until: string) {
    const row = await this.#table.update(jobId, {
      set: { mail_lease_until: until },
      condition: 'mail = :pending AND (attribute_not_exists(mail_lease_until) OR mail_lease_until <= :now)',
      values: { ':pending': 'pending', ':now': now },
    })
    return row !== null
  }

  async listDue(now: string, limit: number) {
    return (await this.#table.queryDue('job', now, limit)).map(fromRow)
  }

  async countOpenBefore(createdAt: string, limit: number) {
    return this.#table.countBefore('job', OPEN_STATES, createdAt, limit)
  }

  async delete(jobId: string) {
    await this.#table.delete(jobId)
  }
}
