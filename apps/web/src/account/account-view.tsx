import { useSignal } from '@preact/signals'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Dialog, Fault, Field, ScreenTitle } from '../ui/controls.tsx'
import { useTask } from '../ui/use-task.ts'
import { Authenticator } from './authenticator.tsx'
import { ExportPanel } from './export-panel.tsx'

const text = strings.account

function RemoveAccount({ email, onClose }: { email: string; onClose: () => void }) {
  const { client, credentials, say } = useStore()
  const task = useTask()
  return (
    <Dialog title={text.remove} onClose={onClose}>
      <p>{text.removeText}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const typed = new FormData(event.currentTarget as HTMLFormElement).get('email')
          if (typed !== email) return
          void task.run(async () => {
            await client.deleteAccount()
            say(text.removed)
            await credentials.leave()
          })
        }}
      >
        <Field label={text.removeCheck(email)} name="email" autocomplete="off" />
        {task.error ? <Fault error={task.error} /> : null}
        <div class="row">
          <button type="submit" class="danger" disabled={task.busy}>
            {text.removeNow}
          </button>
          <button type="button" onClick={onClose}>
            {strings.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

export default function AccountView({ email }: { email: string }) {
  const { credentials, capabilities } = useStore()
  const removing = useSignal(false)
  const task = useTask()
  return (
    <section class="card wide">
      <ScreenTitle documentTitle={text.title}>{text.title}</ScreenTitle>
      <p>{text.signedInAs(email)}</p>
      {capabilities.value && <p class="hint">{text.left(capabilities.value.limits.jobs_today_left)}</p>}
      {task.error ? <Fault error={task.error} /> : null}
      <div class="row">
        <button type="button" class="primary" onClick={() => task.run(credentials.signOut)}>
          {text.signOut}
        </button>
        <button type="button" onClick={() => task.run(credentials.signOutEverywhere)}>
          {text.everywhere}
        </button>
      </div>
      <hr />
      <Authenticator email={email} />
      <hr />
      <ExportPanel />
      <hr />
      <button type="button" class="danger" onClick={() => (removing.value = true)}>
        {text.remove}
      </button>
      {removing.value && <RemoveAccount email={email} onClose={() => (removing.value = false)} />}
    </section>
  )
}
