/** Pieces of the small forms for getting in. */
import type { ComponentChildren } from 'preact'
import { strings } from '../strings.ts'
import { Fault, Field } from '../ui/controls.tsx'

const text = strings.entry

interface FormProps {
  submit: string
  busy: boolean
  error: unknown
  onSubmit: (values: Record<string, string>) => void
  children: ComponentChildren
}

/** `onSubmit` gets the fields by their names. */
export function EntryForm({ submit, busy, error, onSubmit, children }: FormProps) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const data = new FormData(event.currentTarget as HTMLFormElement)
        onSubmit(Object.fromEntries([...data].map(([name, value]) => [name, String(value)])))
      }}
    >
      {children}
      {error ? <Fault error={error} /> : null}
      <button type="submit" class="primary" disabled={busy}>
        {busy ? text.working : submit}
      </button>
    </form>
  )
}

export function NewPassword({ autoFocus }: { autoFocus?: boolean }) {
  return (
    <Field
      label={text.newPassword}
      name="password"
      type="password"
      autocomplete="new-password"
      hint={text.passwordHint}
      autoFocus={autoFocus}
    />
  )
}

export function Code({ autoFocus = true }: { autoFocus?: boolean }) {
  return (
    <Field
      label={text.code}
      name="code"
      autocomplete="one-time-code"
      inputMode="numeric"
      hint={text.codeHint}
      autoFocus={autoFocus}
    />
  )
}
