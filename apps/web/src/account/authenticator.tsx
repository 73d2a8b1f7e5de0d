/** Turning an authenticator app on and off; both are calls of the user pool itself. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Dialog, Fault, Field } from '../ui/controls.tsx'
import { useTask } from '../ui/use-task.ts'
import { EntryForm } from './entry-form.tsx'
import { cellsPath, inGroups, otpauthAddress } from './otpauth.ts'

const text = strings.authenticator

/** Without the library, which comes late or never, the link and the secret are there. */
function QrCode({ content }: { content: string }) {
  const cells = useSignal<boolean[][] | null>(null)
  useEffect(() => {
    void import('uqr')
      .then(({ encode }) => {
        cells.value = encode(content, { border: 2 }).data
      })
      .catch(() => undefined)
  }, [content])
  const { value } = cells
  if (!value) return null
  return (
    <svg class="qr" viewBox={`0 0 ${value.length} ${value.length}`} role="img" aria-label={text.qr}>
      <path d={cellsPath(value)} />
    </svg>
  )
}

function SetUp({ email, onDone, onClose }: { email: string; onDone: () => void; onClose: () => void }) {
  const { auth, credentials } = useStore()
  const secret = useSignal('')
  const asking = useTask()
  const proving = useTask()
  const ask = () =>
    asking.run(async () => {
      secret.value = await auth.startTotp(await credentials.accessToken())
    })
  useEffect(() => void ask(), [])
  const address = otpauthAddress(strings.name, email, secret.value)
  return (
    <Dialog title={text.setUp} onClose={onClose}>
      {asking.error ? <Fault error={asking.error} onAgain={ask} /> : null}
      {secret.value === '' && !asking.error && <p class="hint">{strings.loading}</p>}
      {secret.value !== '' && (
        <>
          <p>{text.scan}</p>
          <QrCode content={address} />
          <p>
            <a href={address}>{text.open}</a>
          </p>
          <p class="hint">
            {text.type} <code class="secret">{inGroups(secret.value)}</code>
          </p>
          <EntryForm
            {...proving}
            submit={text.turnOn}
            onSubmit={({ code }) =>
              proving.run(async () => {
                await auth.turnOnTotp(await credentials.accessToken(), code.replaceAll(' ', ''))
                onDone()
              })
            }
          >
            <Field label={text.code} name="code" autocomplete="one-time-code" inputMode="numeric" />
          </EntryForm>
        </>
      )}
      <button type="button" onClick={onClose}>
        {strings.cancel}
      </button>
    </Dialog>
  )
}

function TurnOff({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const { auth, credentials } = useStore()
  const task = useTask()
  return (
    <Dialog title={text.turnOff} onClose={onClose}>
      <p>{text.turnOffText}</p>
      {task.error ? <Fault error={task.error} /> : null}
      <div class="row">
        <button
          type="button"
          class="danger"
          disabled={task.busy}
          onClick={() =>
            task.run(async () => {
              await auth.turnOffTotp(await credentials.accessToken())
              onDone()
            })
          }
        >
          {text.turnOff}
        </button>
        <button type="button" onClick={onClose}>
          {strings.cancel}
        </button>
      </div>
    </Dialog>
  )
}

export function Authenticator({ email }: { email: string }) {
  const { auth, credentials, say } = useStore()
  const on = useSignal<boolean | null>(null)
  const open = useSignal(false)
  const task = useTask()
  const read = () =>
    task.run(async () => {
      on.value = await auth.readTotp(await credentials.accessToken())
    })
  useEffect(() => void read(), [])
  const close = () => (open.value = false)
  const set = (value: boolean) => () => {
    on.value = value
    open.value = false
    say(value ? text.isOn : text.isOff)
  }
  return (
    <>
      <p>{on.value ? text.isOn : text.about}</p>
      {task.error ? <Fault error={task.error} onAgain={read} /> : null}
      <button type="button" disabled={on.value === null} onClick={() => (open.value = true)}>
        {on.value ? text.turnOff : text.setUp}
      </button>
      {open.value && on.value === false && <SetUp email={email} onDone={set(true)} onClose={close} />}
      {open.value && on.value === true && <TurnOff onDone={set(false)} onClose={close} />}
    </>
  )
}
