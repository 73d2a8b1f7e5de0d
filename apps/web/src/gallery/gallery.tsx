import type { Session } from '@gen3d/shared/api'
import { signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { toHash } from '../route.ts'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Dialog, Fault } from '../ui/controls.tsx'
import { formatWhen } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { useTask } from '../ui/use-task.ts'

const text = strings.gallery

interface Listed {
  readonly sessions: readonly Session[]
  readonly cursor: string | null
}

/** What was listed last, so that coming back shows it at once; the list is asked for again every time. */
const listed = signal<Listed | null>(null)

export function forgetGallery(): void {
  listed.value = null
}

function Card({ session, onRemove }: { session: Session; onRemove: () => void }) {
  const picture = session.poster_url ?? session.photo_url
  // Without a connection, or when its address has ended.
  const broken = useSignal<string | null>(null)
  const { online } = useStore()
  useEffect(() => {
    if (online.value) broken.value = null
  }, [online.value])
  return (
    <li class="tile">
      <a href={toHash({ name: 'session', sessionId: session.session_id, tab: null })}>
        <span class={session.poster_url ? 'picture poster' : 'picture'}>
          {picture && picture !== broken.value ? (
            // As the session reads it: an answer to a plain request would stand in the cache without leave to be read.
            <img
              src={picture}
              alt=""
              crossOrigin="anonymous"
              loading="lazy"
              decoding="async"
              onError={() => (broken.value = picture)}
            />
          ) : (
            <span>{picture ? text.pictureLost : text.noPicture}</span>
          )}
        </span>
        <span class="name">{session.name || strings.session.untitled}</span>
        <span class="hint">{formatWhen(session.created_at)}</span>
        <span class={`state ${session.state.toLowerCase()}`}>{text.states[session.state]}</span>
      </a>
      <button
        type="button"
        class="icon-button"
        aria-label={text.remove(session.name)}
        title={text.remove(session.name)}
        onClick={onRemove}
      >
        <Icon name="clear" />
      </button>
    </li>
  )
}

/** The person's sessions, newest first. `limit`: only so many, without paging. */
export function Gallery({ limit }: { limit?: number }) {
  const { client, keep, uploads, say } = useStore()
  const task = useTask()
  const removal = useTask()
  const removing = useSignal<Session | null>(null)
  const search = useSignal('')

  const load = (cursor?: string) =>
    task.run(async () => {
      const page = await client.listSessions({ cursor, limit: limit ?? 24 })
      const before = cursor ? (listed.value?.sessions ?? []) : []
      listed.value = { sessions: [...before, ...page.sessions], cursor: page.next_cursor }
    })
  useEffect(() => void load(), [])

  const remove = (session: Session) =>
    removal.run(async () => {
      await client.deleteSession(session.session_id)
      await uploads.forget(session.session_id)
      await keep.remove('drafts', session.session_id)
      await keep.remove('expected', session.session_id)
      const now = listed.value
      if (now) {
        listed.value = {
          ...now,
          sessions: now.sessions.filter((each) => each.session_id !== session.session_id),
        }
      }
      removing.value = null
      say(text.removed(session.name))
    })

  const wanted = search.value.trim().toLowerCase()
  const more = limit === undefined ? (listed.value?.cursor ?? null) : null
  // Names are searched here, so all of them have to be here.
  useEffect(() => {
    if (wanted && more && !task.busy && !task.error) void load(more)
  }, [wanted, more, task.busy, task.error])
  const all = listed.value?.sessions ?? []
  const shown = all.filter((each) => each.name.toLowerCase().includes(wanted)).slice(0, limit)
  const victim = removing.value
  return (
    <>
      {limit === undefined && all.length > 6 && (
        <input
          class="search"
          type="search"
          aria-label={text.search}
          placeholder={text.search}
          value={search.value}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      )}
      {task.error ? <Fault error={task.error} onAgain={() => load()} /> : null}
      {!listed.value && !task.error && <p class="hint">{strings.loading}</p>}
      {listed.value && all.length === 0 && <p class="empty">{text.empty}</p>}
      <ul class="tiles">
        {shown.map((session) => (
          <Card key={session.session_id} session={session} onRemove={() => (removing.value = session)} />
        ))}
      </ul>
      {limit !== undefined && all.length > 0 && (
        <p>
          <a href="#/sessions">{text.all}</a>
        </p>
      )}
      {wanted && all.length > 0 && shown.length === 0 && (
        <p class="empty" role="status">
          {more ? strings.loading : text.noneFound}
        </p>
      )}
      {more && (
        <button type="button" disabled={task.busy} onClick={() => load(more)}>
          {text.more}
        </button>
      )}
      {victim && (
        <Dialog title={text.removeTitle} onClose={() => (removing.value = null)}>
          <p>{text.removeText(victim.name)}</p>
          {removal.error ? <Fault error={removal.error} /> : null}
          <div class="row">
            <button type="button" class="danger" disabled={removal.busy} onClick={() => remove(victim)}>
              {text.removeNow}
            </button>
            <button type="button" onClick={() => (removing.value = null)}>
              {strings.cancel}
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}
