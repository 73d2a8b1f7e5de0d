/** In-memory twin of the DynamoDB JobStore. */
import type { Clock, JobPatch, JobStore } from '@gen3d/jobs/ports'
import type { JobRecord } from '@gen3d/jobs/records'
import { isOpen } from '@gen3d/shared/job-states'

/** Undefined leaves a field as it is. */
function patched<T>(row: T, patch: object): T {
  const set = Object.entries(patch).filter(([, value]) => value !== undefined)
  return { ...row, ...structuredClone(Object.fromEntries(set)) }
}

export class MemoryJobStore implements JobStore {
  readonly rows = new Map<string, JobRecord>()
  readonly #clock: Clock
  constructor(clock: Clock) {
    this.#clock = clock
  }

  #live(jobId: string): JobRecord | null {
    const row = this.rows.get(jobId)
    return row && row.expiresAt * 1000 > this.#clock.now().getTime() ? row : null
  }

  async create(job: JobRecord) {
    const standing = this.#live(job.jobId)
    if (standing) return { created: false, job: standing }
    this.rows.set(job.jobId, structuredClone(job))
    return { created: true, job }
  }

  async get(jobId: string) {
    return this.#live(jobId)
  }

  async getMany(jobIds: readonly string[]) {
    return [...new Set(jobIds)].map((id) => this.#live(id)).filter((row) => row !== null)
  }

  async transition(jobId: string, change: Parameters<JobStore['transition']>[1]) {
    const row = this.#live(jobId)
    if (!row || !change.from.includes(row.state)) return null
    if (row.state === 'FAILED' && change.onlyErrorCode && row.errorCode !== change.onlyErrorCode) return null
    const next = { ...patched(row, change.patch), state: change.to }
    this.rows.set(jobId, next)
    return next
  }

  async update(jobId: string, patch: JobPatch) {
    const row = this.#live(jobId)
    if (!row) return null
    const next = patched(row, patch)
    this.rows.set(jobId, next)
    return next
  }

  async claimMail(jobId: string, now: string, until: string) {
    const row = this.#live(jobId)
    if (row?.mail !== 'pending' || (row.mailLeaseUntil !== null && row.mailLeaseUntil > now)) return false
    this.rows.set(jobId, { ...row, mailLeaseUntil: until })
    return true
  }

  async listDue(now: string, limit: number) {
    return [...this.rows.keys()]
      .map((id) => this.#live(id))
      .filter((row): row is JobRecord & { dueAt: string } => row?.dueAt != null && row.dueAt <= now)
      .sort((a, b) => a.dueAt.localeCompare(b.dueAt))
      .slice(0, limit)
  }

  async countOpenBefore(createdAt: string, limit: number) {
    const rows = [...this.rows.values()].filter(({ dueAt }) => dueAt !== null)
    if (rows.length > limit) return null
    return rows.filter((row) => isOpen(row.state) && row.createdAt < createdAt).length
  }

  async delete(jobId: string) {
    this.rows.delete(jobId)
  }
}
