import type { SessionStore } from '@gen3d/jobs/ports'
import type { SessionJob, SessionPhoto, SessionRow, SessionShare } from '@gen3d/jobs/records'
import { RESOURCES } from '@gen3d/shared/names'
import { readCursor, writeCursor } from './session-cursor.ts'
import type { Attributes, Row, Table } from './table.ts'

function toId(sessionId: string): string {
  return `session#${sessionId}`
}

/** The partition of the user index that holds a user's sessions, apart from the user's jobs. */
function toListId(sub: string): string {
  return `${sub}#sessions`
}

function toDue(dueAt: string | null): Attributes {
  return { due_at: dueAt, open: dueAt === null ? null : 'session' }
}

function toRow(session: SessionRow): Row {
  const { sub, sessionId, name, createdAt, contentType, photo, share, jobs, deletedAt, dueAt, expiresAt } =
    session
  const row = {
    job_id: toId(sessionId),
    user_id: deletedAt ? null : toListId(sub),
    owner: sub,
    session_id: sessionId,
    name,
    created_at: createdAt,
    content_type: contentType,
    photo,
    share,
    jobs,
    deleted_at: deletedAt,
    expires_at: expiresAt,
    ...toDue(dueAt),
  }
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}

function fromRow(row: Row): SessionRow {
  return {
    sub: row.owner as string,
    sessionId: row.session_id as string,
    name: row.name as string,
    createdAt: row.created_at as string,
    contentType: row.content_type as SessionRow['contentType'],
    photo: (row.photo as SessionPhoto | undefined) ?? null,
    share: (row.share as SessionShare | undefined) ?? null,
    jobs: row.jobs as SessionRow['jobs'],
    deletedAt: (row.deleted_at as string | undefined) ?? null,
    dueAt: (row.due_at as string | undefined) ?? null,
    expiresAt: row.expires_at as number,
  }
}

const NOT_DELETED = 'attribute_not_exists(deleted_at)'

/** Of this owner: a foreign session is written no more than it is read. */
const owned = (sub: string) => ({
  condition: '#owner = :owner',
  names: { '#owner': 'owner' },
  values: { ':owner': sub },
})

export class DynamoSessionStore implements SessionStore {
  readonly #table: Table
  constructor(table: Table) {
    this.#table = table
  }

  async create(session: SessionRow) {
    await this.#table.put(toRow(session))
  }

  async get(sub: string, sessionId: string) {
    const row = await this.#table.get(toId(sessionId))
    return row?.owner === sub ? fromRow(row) : null
  }

  async setPhoto(sub: string, sessionId: string, photo: SessionPhoto) {
    await this.#table.update(toId(sessionId), { set: { photo }, ...owned(sub) })
  }

  async setJob(sub: string, sessionId: string, jobId: string, job: SessionJob) {
    const { condition, names, values } = owned(sub)
    const row = await this.#table.express(toId(sessionId), 'SET #jobs.#job = :job REMOVE #open, #due_at', {
      condition: `${condition} AND ${NOT_DELETED}`,
      names: { ...names, '#jobs': 'jobs', '#job': jobId, '#open': 'open', '#due_at': 'due_at' },
      values: { ...values, ':job': job },
    })
    return row !== null
  }

  async rename(sub: string, sessionId: string, name: string) {
    const mine = owned(sub)
    const condition = `${mine.condition} AND ${NOT_DELETED}`
    const row = await this.#table.update(toId(sessionId), { ...mine, set: { name }, condition })
    return row && fromRow(row)
  }

  async openShare(sub: string, sessionId: string, share: SessionShare, now: string) {
    const { condition, names, values } = owned(sub)
    const row = await this.#table.update(toId(sessionId), {
      set: { share },
      condition: `${condition} AND ${NOT_DELETED} AND (attribute_not_exists(#share) OR #share.#expires <= :now)`,
      names: { ...names, '#share': 'share', '#expires': 'expiresAt' },
      values: { ...values, ':now': now },
    })
    if (row) return share
    const standing = await this.get(sub, sessionId)
    return standing && !standing.deletedAt ? standing.share : null
  }

  async closeShare(sub: string, sessionId: string) {
    await this.#table.update(toId(sessionId), { set: { share: null }, ...owned(sub) })
  }

  async list(sub: string, page: { limit: number; cursor?: string }) {
    const cursor = page.cursor === undefined ? null : readCursor(page.cursor)
    // One more than asked for tells whether there is a next page.
    const rows = await this.#table.query(
      {
        index: RESOURCES.userIndex,
        condition: 'user_id = :user',
        values: { ':user': toListId(sub) },
        newestFirst: true,
        start: cursor
          ? { user_id: toListId(sub), created_at: cursor.createdAt, job_id: toId(cursor.sessionId) }
          : undefined,
      },
      page.limit + 1,
    )
    const sessions = rows.slice(0, page.limit).map(fromRow)
    const last = sessions.at(-1)
    return { sessions, nextCursor: last && rows.length > page.limit ? writeCursor(last) : null }
  }

  async bury(
    sub: string,
    sessionId: string,
    { deletedAt, dueAt, expiresAt }: { deletedAt: string; dueAt: string; expiresAt: number },
  ) {
    const row = await this.#table.update(toId(sessionId), {
      set: { deleted_at: deletedAt, expires_at: expiresAt, user_id: null, ...toDue(dueAt) },
      ...owned(sub),
    })
    return row && fromRow(row)
  }

  async setDue(sub: string, sessionId: string, dueAt: string | null) {
    await this.#table.update(toId(sessionId), { set: toDue(dueAt), ...owned(sub) })
  }

  async listDue(now: string, limit: number) {
    return (await this.#table.queryDue('session', now, limit)).map(fromRow)
  }
}
