/** Makes, shows and ends the link under which a session's objects can be seen without an account. */
import type { Share } from '@gen3d/shared/api'
import { DEFAULT_SHARE_DAYS, MAX_SHARE_DAYS } from '@gen3d/shared/limits'
import { sharedRoute } from '@gen3d/shared/names'
import { useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Dialog, Fault } from '../ui/controls.tsx'
import { formatWhen } from '../ui/format.ts'
import { useTask } from '../ui/use-task.ts'

const text = strings.share
const DAYS = [1, DEFAULT_SHARE_DAYS, MAX_SHARE_DAYS] as const

/** The link in a line of its own, marked so that one key copies it; the clipboard's own way needs https. */
function Link({ share }: { share: Share }) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const { say } = useStore()
  const link = new URL(sharedRoute(share.token), location.href).href
  useEffect(() => input.current?.select(), [link])
  const copy = async () => {
    input.current?.select()
    await navigator.clipboard.writeText(link)
    say(text.copied)
  }
  return (
    <div class="field">
      <label for={id}>{text.link}</label>
      <input
        id={id}
        ref={input}
        readOnly
        value={link}
        onFocus={(event) => event.currentTarget.select()}
        aria-describedby={`${id}-hint`}
      />
      <p class="hint" id={`${id}-hint`}>
        {text.visible(formatWhen(share.expires_at))}
      </p>
      {'clipboard' in navigator && (
        <button type="button" onClick={() => void copy().catch(() => input.current?.select())}>
          {text.copy}
        </button>
      )}
    </div>
  )
}

interface Props {
  sessionId: string
  onClose: () => void
}

export function ShareDialog({ sessionId, onClose }: Props) {
  const { client, say } = useStore()
  const task = useTask()
  const days = useSignal<number>(DEFAULT_SHARE_DAYS)
  const share = useSignal<Share | null>(null)
  const known = useSignal(false)

  const make = (request: { days?: number }) =>
    task.run(async () => {
      share.value = await client.shareSession(sessionId, request)
      known.value = true
    })
  const read = () =>
    task.run(async () => {
      const { shared_until } = await client.readSession(sessionId)
      // The same link is given again while it is valid.
      if (shared_until && Date.parse(shared_until) > Date.now())
        share.value = await client.shareSession(sessionId)
      known.value = true
    })
  useEffect(() => void read(), [])
  const end = () =>
    task.run(async () => {
      await client.unshareSession(sessionId)
      share.value = null
      say(text.ended)
    })

  return (
    <Dialog title={text.title} onClose={onClose}>
      <p>{text.about}</p>
      {!known.value && !task.error && <p class="hint">{strings.loading}</p>}
      {known.value && !share.value && (
        <label class="choice">
          {text.duration}
          <select value={days.value} onChange={(event) => (days.value = Number(event.currentTarget.value))}>
            {DAYS.map((each) => (
              <option key={each} value={each}>
                {text.days(each)}
              </option>
            ))}
          </select>
        </label>
      )}
      {share.value && <Link share={share.value} />}
      {task.error ? <Fault error={task.error} onAgain={known.value ? undefined : read} /> : null}
      <div class="row">
        {known.value && !share.value && (
          <button
            type="button"
            class="primary"
            disabled={task.busy}
            onClick={() => make({ days: days.value })}
          >
            {text.make}
          </button>
        )}
        {share.value && (
          <button type="button" class="danger" disabled={task.busy} onClick={end}>
            {text.end}
          </button>
        )}
        <button type="button" onClick={onClose}>
          {strings.close}
        </button>
      </div>
    </Dialog>
  )
}
