import { AuthError, type SignIn } from '@gen3d/client/auth'
import { useSignal } from '@preact/signals'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Field } from '../ui/controls.tsx'
import { useTask } from '../ui/use-task.ts'
import { EntryForm, NewPassword } from './entry-form.tsx'

const text = strings.entry

type Challenge = Exclude<SignIn, { kind: 'tokens' }>

/** Signing in with its challenges; `email` is fixed when a session has expired. */
export function SignInForm({
  email,
  onUnconfirmed,
}: {
  email?: string
  onUnconfirmed?: (email: string) => void
}) {
  const { auth, credentials } = useStore()
  const task = useTask()
  const challenge = useSignal<(Challenge & { email: string; stay: boolean }) | null>(null)

  async function follow(answer: SignIn, address: string, stay: boolean): Promise<void> {
    if (answer.kind === 'tokens') await credentials.enter(answer.tokens, stay)
    else challenge.value = { ...answer, email: address, stay }
  }

  /** Answers the open challenge; one that is over leads back to the password, and says so. */
  const answer = (send: (open: NonNullable<typeof challenge.value>) => Promise<SignIn>) =>
    task.run(async () => {
      const open = challenge.value
      if (!open) return
      try {
        await follow(await send(open), open.email, open.stay)
      } catch (error) {
        if (!(error instanceof AuthError) || error.code !== 'NotAuthorizedException') throw error
        challenge.value = null
        throw new AuthError('ChallengeOver', error.message)
      }
    })

  const open = challenge.value
  if (open?.kind === 'new_password') {
    return (
      <>
        <p>{text.firstText}</p>
        <EntryForm
          {...task}
          submit={text.signIn}
          onSubmit={({ password }) =>
            answer(({ email, session }) => auth.answerNewPassword(email, session, password))
          }
        >
          <NewPassword autoFocus />
        </EntryForm>
      </>
    )
  }
  if (open?.kind === 'totp') {
    return (
      <EntryForm
        {...task}
        submit={text.signIn}
        onSubmit={({ code }) => answer(({ email, session }) => auth.answerTotp(email, session, code.trim()))}
      >
        <Field label={text.totp} name="code" autocomplete="one-time-code" inputMode="numeric" autoFocus />
      </EntryForm>
    )
  }
  return (
    <EntryForm
      {...task}
      submit={text.signIn}
      onSubmit={(values) =>
        task.run(async () => {
          const address = email ?? values.email.trim()
          const stay = values.stay === 'on' || (email !== undefined && credentials.staysOnDevice())
          try {
            await follow(await auth.signIn(address, values.password), address, stay)
          } catch (error) {
            if (error instanceof AuthError && error.code === 'UserNotConfirmedException')
              onUnconfirmed?.(address)
            throw error
          }
        })
      }
    >
      {email === undefined && <Field label={text.email} name="email" type="email" autocomplete="username" />}
      {email !== undefined && <input type="hidden" name="username" value={email} autocomplete="username" />}
      <Field
        label={text.password}
        name="password"
        type="password"
        autocomplete="current-password"
        autoFocus={email !== undefined}
      />
      {email === undefined && (
        <label class="tick">
          <input type="checkbox" name="stay" />
          <span>
            {text.stay}
            <span class="hint">{text.stayHint}</span>
          </span>
        </label>
      )}
    </EntryForm>
  )
}
