/** In-memory twin of the DynamoDB SessionStore. */
import type { Clock, SessionStore } from '@gen3d/jobs/ports'
import type { SessionJob, SessionPhoto, SessionRow, SessionShare } from '@gen3d/jobs/records'
import { invalidCursor } from '../session-cursor.ts'

export class MemorySessionStore implements SessionStore {
  readonly rows = new Map<string, SessionRow>()
  readonly #clock: Clock
  constructor(clock: Clock) {
    this.#clock = clock
  }

  #live(sub: string, sessionId: string): SessionRow | null {
    const row = this.rows.get(sessionId)
    return row?.sub === sub && row.expiresAt * 1000 > this.#clock.now().getTime() ? row : null
  }

  async create(session: SessionRow) {
    this.rows.set(session.sessionId, structuredClone(session))
  }

  async get(sub: string, sessionId: string) {
    return this.#live(sub, sessionId)
  }

  async setPhoto(sub: string, sessionId: string, photo: SessionPhoto) {
    const row = this.#live(sub, sessionId)
    if (row) this.rows.set(sessionId, { ...row, photo })
  }

  async setJob(sub: string, sessionId: string, jobId: string, job: SessionJob) {
    const row = this.#live(sub, sessionId)
    if (!row || row.deletedAt) return false
    this.rows.set(sessionId, { ...row, dueAt: null, jobs: { ...row.jobs, [jobId]: job } })
    return true
  }

  async rename(sub: string, sessionId: string, name: string) {
    const row = this.#live(sub, sessionId)
    if (!row || row.deletedAt) return null
    const next = { ...row, name }
    this.rows.set(sessionId, next)
    return next
  }

  async openShare(sub: string, sessionId: string, share: SessionShare, now: string) {
    const row = this.#live(sub, sessionId)
    if (!row || row.deletedAt) return null
    if (row.share && row.share.expiresAt > now) return row.share
    this.rows.set(sessionId, { ...row, share })
    return share
  }

  async closeShare(sub: string, sessionId: string) {
    const row = this.#live(sub, sessionId)
    if (row) this.rows.set(sessionId, { ...row, share: null })
  }

  async list(sub: string, page: { limit: number; cursor?: string }) {
    const { cursor } = page
    if (cursor !== undefined && !this.rows.has(cursor)) throw invalidCursor()
    const mine = [...this.rows.keys()]
      .map((id) => this.#live(sub, id))
      .filter((row): row is SessionRow => row !== null && row.deletedAt === null)
      .sort((a, b) => b.sessionId.localeCompare(a.sessionId))
      .filter((row) => !cursor || row.sessionId < cursor)
    const sessions = mine.slice(0, page.limit)
    const more = mine.length > page.limit
    return { sessions, nextCursor: more ? (sessions.at(-1)?.sessionId ?? null) : null }
  }

  async bury(
    sub: string,
    sessionId: string,
    tombstone: { deletedAt: string; dueAt: string; expiresAt: number },
  ) {
    const row = this.#live(sub, sessionId)
    if (!row) return null
    const next = { ...row, ...tombstone }
    this.rows.set(sessionId, next)
    return next
  }

  async setDue(sub: string, sessionId: string, dueAt: string | null) {
    const row = this.#live(sub, sessionId)
    if (row) this.rows.set(sessionId, { ...row, dueAt })
  }

  async listDue(now: string, limit: number) {
    return [...this.rows.values()]
      .map((row) => this.#live(row.sub, row.sessionId))
      .filter((row): row is SessionRow & { dueAt: string } => row?.dueAt != null && row.dueAt <= now)
      .sort((a, b) => a.dueAt.localeCompare(b.dueAt))
      .slice(0, limit)
  }
}
