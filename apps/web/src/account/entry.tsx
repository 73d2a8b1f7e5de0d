/** Getting in: sign-in, sign-up with a code, a new password. One small form at a time. */
import { useSignal } from '@preact/signals'
import type { EntryScreen } from '../route.ts'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Field, Notice, ScreenTitle } from '../ui/controls.tsx'
import { useTask } from '../ui/use-task.ts'
import { Code, EntryForm, NewPassword } from './entry-form.tsx'
import { SignInForm } from './sign-in-form.tsx'

const text = strings.entry

/** The card with the screen that the route names. */
export function EntryCard({ screen }: { screen: EntryScreen }) {
  const store = useStore()
  const { auth, credentials, config } = store
  const task = useTask()
  const email = useSignal('')
  const password = useSignal('')
  const said = useSignal('')
  const to = (next: EntryScreen) => {
    task.clear()
    store.go({ name: 'entry', screen: next })
  }
  const mayJoin = config.sign_up === 'open' || config.sign_up === 'domain'
  const inbox = config.inbox_url && (
    <p>
      <a href={config.inbox_url} target="_blank" rel="noreferrer">
        {text.inbox}
      </a>
    </p>
  )
  const note = said.value && <Notice kind="good">{said.value}</Notice>
  const link = (target: EntryScreen, label: string) => <a href={`#/${target}`}>{label}</a>

  switch (screen) {
    case 'sign-up':
      return (
        <section class="card">
          <ScreenTitle documentTitle={text.signUp}>{text.signUp}</ScreenTitle>
          {!mayJoin && <Notice kind="plain">{text.invitation}</Notice>}
          <EntryForm
            {...task}
            submit={text.signUp}
            onSubmit={(values) =>
              task.run(async () => {
                email.value = values.email.trim()
                password.value = values.password
                await auth.signUp(email.value, values.password)
                said.value = ''
                to('confirm')
              })
            }
          >
            <Field label={text.email} name="email" type="email" autocomplete="username" value={email.value} />
            <Field
              label={text.password}
              name="password"
              type="password"
              autocomplete="new-password"
              hint={text.passwordHint}
            />
          </EntryForm>
          <p class="aside">
            {text.haveAccount} {link('sign-in', text.signIn)}
          </p>
        </section>
      )
    case 'confirm':
      return (
        <section class="card">
          <ScreenTitle documentTitle={text.confirmTitle}>{text.confirmTitle}</ScreenTitle>
          <p>{text.confirmText(email.value)}</p>
          {inbox}
          {note}
          <EntryForm
            {...task}
            submit={text.confirm}
            onSubmit={(values) =>
              task.run(async () => {
                said.value = ''
                const address = email.value || values.email.trim()
                await auth.confirmSignUp(address, values.code.trim())
                // Whoever signed up a moment ago need not type the password again.
                const answer = password.value ? await auth.signIn(address, password.value) : null
                password.value = ''
                if (answer?.kind === 'tokens') await credentials.enter(answer.tokens, false)
                else to('sign-in')
              })
            }
          >
            {!email.value && <Field label={text.email} name="email" type="email" autocomplete="username" />}
            <Code />
          </EntryForm>
          {email.value && (
            <button
              type="button"
              class="quiet"
              onClick={() =>
                task.run(async () => {
                  await auth.resendCode(email.value)
                  said.value = text.resent
                })
              }
            >
              {text.resend}
            </button>
          )}
          <p class="aside">{link('sign-in', text.signIn)}</p>
        </section>
      )
    case 'forgot':
      return (
        <section class="card">
          <ScreenTitle documentTitle={text.forgotTitle}>{text.forgotTitle}</ScreenTitle>
          <p>{text.forgotText}</p>
          <EntryForm
            {...task}
            submit={text.sendCode}
            onSubmit={(values) =>
              task.run(async () => {
                email.value = values.email.trim()
                await auth.forgotPassword(email.value)
                said.value = ''
                to('reset')
              })
            }
          >
            <Field label={text.email} name="email" type="email" autocomplete="username" value={email.value} />
          </EntryForm>
          <p class="aside">{link('sign-in', text.signIn)}</p>
        </section>
      )
    case 'reset':
      return (
        <section class="card">
          <ScreenTitle documentTitle={text.forgotTitle}>{text.forgotTitle}</ScreenTitle>
          {inbox}
          <EntryForm
            {...task}
            submit={text.reset}
            onSubmit={(values) =>
              task.run(async () => {
                const address = email.value || values.email.trim()
                await auth.confirmForgotPassword(address, values.code.trim(), values.password)
                said.value = text.resetDone
                to('sign-in')
              })
            }
          >
            {!email.value && <Field label={text.email} name="email" type="email" autocomplete="username" />}
            <Code />
            <NewPassword />
          </EntryForm>
          <p class="aside">{link('forgot', text.resend)}</p>
        </section>
      )
    case 'sign-in':
      return (
        <section class="card">
          <ScreenTitle documentTitle={text.signIn}>{text.signIn}</ScreenTitle>
          {note}
          <SignInForm
            onUnconfirmed={(address) => {
              email.value = address
              to('confirm')
            }}
          />
          <p class="aside">
            {link('forgot', text.forgot)}
            {mayJoin ? (
              <span>
                {text.noAccount} {link('sign-up', text.signUp)}
              </span>
            ) : (
              <span>{text.invitation}</span>
            )}
          </p>
        </section>
      )
  }
}
