/** Sessions as the API shows them. */
import type { RenameRequest, Session, SessionList } from '@gen3d/shared/api'
import { Gen3dError } from '@gen3d/shared/errors'
import { isOpen } from '@gen3d/shared/job-states'
import { attemptKey } from '@gen3d/shared/keys'
import { DOWNLOAD_URL_SECONDS, MAX_SESSIONS_PER_PAGE } from '@gen3d/shared/limits'
import { getSession, notFound, photoKeyOf } from './places.ts'
import { putMetadata } from './put-metadata.ts'
import type { SessionRow } from './records.ts'
import type { Caller, World } from './world.ts'

const DEFAULT_PAGE = 20

type Needs = Pick<World, 'jobs' | 'sessions' | 'objects' | 'clock'>

/** The caller's sessions, newest first. */
export async function listSessions(
  world: Needs,
  caller: Caller,
  query: { cursor?: string; limit?: string },
): Promise<SessionList> {
  const page = { limit: toLimit(query.limit), cursor: query.cursor }
  const { sessions, nextCursor } = await world.sessions.list(caller.sub, page)
  return { sessions: await toSessions(world, sessions), next_cursor: nextCursor }
}

export async function readSession(world: Needs, caller: Caller, sessionId: string): Promise<Session> {
  const [session] = await toSessions(world, [await getSession(world, { sub: caller.sub, sessionId })])
  return session
}

/** Gives a session another name, in its row and in its durable record. Throws `not_found`. */
export async function renameSession(
  world: Needs,
  caller: Caller,
  sessionId: string,
  { name }: RenameRequest,
): Promise<Session> {
  await getSession(world, { sub: caller.sub, sessionId })
  const row = await world.sessions.rename(caller.sub, sessionId, name.trim())
  if (!row) throw notFound()
  // Before the first job there is no record: that job writes it, with the new name.
  if (row.photo) await putMetadata(world, row, row.photo)
  const [session] = await toSessions(world, [row])
  return session
}

function toLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PAGE
  const limit = Number(text)
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MAX_SESSIONS_PER_PAGE) return limit
  const message = `limit must be a whole number from 1 to ${MAX_SESSIONS_PER_PAGE}.`
  throw new Gen3dError('invalid_request', message, { field: 'limit' })
}

/** The rows of jobs that were open when the session last heard of them say how they are now. */
async function toSessions(world: Needs, rows: readonly SessionRow[]): Promise<Session[]> {
  const open = rows.flatMap(({ jobs }) => Object.keys(jobs).filter((id) => isOpen(jobs[id].state)))
  const states = new Map((await world.jobs.getMany(open)).map((job) => [job.jobId, job.state]))
  return Promise.all(rows.map((row) => toSession(world, row, states)))
}

type States = ReadonlyMap<string, Session['jobs'][number]['state']>

async function toSession({ objects, clock }: Needs, row: SessionRow, states: States): Promise<Session> {
  const expiring = { expiresSeconds: DOWNLOAD_URL_SECONDS }
  const jobs = Object.entries(row.jobs)
    .map(([jobId, { kind, state, createdAt }]) => ({
      job_id: jobId,
      kind,
      // An open job without a row outlived it: nothing can come of it.
      state: isOpen(state) ? (states.get(jobId) ?? 'EXPIRED') : state,
      created_at: createdAt,
    }))
    .sort((a, b) => b.created_at.localeCompare(a.created_at) || b.job_id.localeCompare(a.job_id))
  const posted = jobs.find(({ job_id }) => row.jobs[job_id].poster)?.job_id
  const poster = posted ? row.jobs[posted].poster : null
  return {
    session_id: row.sessionId,
    name: row.name,
    created_at: row.createdAt,
    photo_url: row.photo ? await objects.presignGet(photoKeyOf(row), expiring) : null,
    poster_url:
      posted && poster
        ? await objects.presignGet(
            attemptKey({ ...row, jobId: posted }, poster.attempt, poster.file),
            expiring,
          )
        : null,
    shared_until: row.share && row.share.expiresAt > clock.now().toISOString() ? row.share.expiresAt : null,
    // A search that found nothing says nothing of what was made.
    state: (jobs.find(({ kind }) => kind !== 'select') ?? jobs[0])?.state ?? 'NEW',
    jobs,
  }
}
