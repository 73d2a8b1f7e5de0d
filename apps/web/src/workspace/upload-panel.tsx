import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Notice, Progress } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import { useTask } from '../ui/use-task.ts'
import type { Workspace } from './workspace.ts'

const text = strings.upload

/** The photo on its way; selecting goes on beside it. */
export function UploadPanel({ workspace }: { workspace: Workspace }) {
  const { go } = useStore()
  const task = useTask()
  const upload = workspace.upload.value
  const state = upload?.state.value
  if (!upload || !state) return null
  if (state.kind === 'done') {
    const { convertedFrom: from, width, height } = upload.photo
    return from ? <p class="hint">{text.converted[from.why](from, { width, height })}</p> : null
  }
  if (state.kind === 'sending' || state.kind === 'checking') {
    const fraction = state.kind === 'sending' ? state.fraction : null
    const label = fraction === null ? text.checking : text.sending(Math.floor(fraction * 100))
    return (
      <section class="job" aria-label={strings.photo.title}>
        <p class="headline" role="status">
          {label}
        </p>
        <Progress fraction={fraction} label={label} />
        <div class="row">
          <button type="button" onClick={upload.cancel}>
            {strings.cancel}
          </button>
        </div>
      </section>
    )
  }
  const fresh = () =>
    task.run(async () => {
      const sessionId = await workspace.startAfresh()
      go({ name: 'session', sessionId, tab: null })
    })
  const needs = state.kind === 'cancelled' ? 'again' : state.needs
  return (
    <Notice kind="error">
      <p>{state.kind === 'cancelled' ? text.cancelled : errorText(state.error)}</p>
      {task.error ? <p>{errorText(task.error)}</p> : null}
      <div class="row">
        {needs === 'again' && (
          <button type="button" onClick={upload.again}>
            {strings.again}
          </button>
        )}
        {needs === 'fresh' && (
          <button type="button" disabled={task.busy} onClick={fresh}>
            {text.fresh}
          </button>
        )}
        <button type="button" class="quiet" onClick={() => go({ name: 'home' })}>
          {text.otherPhoto}
        </button>
      </div>
    </Notice>
  )
}
