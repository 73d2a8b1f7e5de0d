import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { strings } from '../strings.ts'
import { errorText } from './error-text.ts'
import { Icon, type IconName } from './icon.tsx'

interface IconButtonProps {
  icon: IconName
  label: string
  onClick: () => void
  disabled?: boolean
  pressed?: boolean
}

/** A button that shows a picture and says its name. */
export function IconButton({ icon, label, onClick, disabled, pressed }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  )
}

interface FieldProps {
  label: string
  name: string
  type?: 'text' | 'email' | 'password'
  value?: string
  autocomplete?: string
  hint?: string
  required?: boolean
  inputMode?: 'numeric'
  autoFocus?: boolean
  maxLength?: number
}

/** A labelled line of text, read through the form's FormData. */
export function Field({ label, hint, autoFocus, type = 'text', required = true, ...rest }: FieldProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  // JSX's types tell inputs apart by a literal type.
  const typed = { type } as { type: 'text' }
  useEffect(() => {
    if (autoFocus) input.current?.focus()
  }, [autoFocus])
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={input}
        {...typed}
        required={required}
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...rest}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

export function Notice({
  kind,
  children,
}: {
  kind: 'error' | 'good' | 'plain'
  children: ComponentChildren
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}

export function Fault({ error, onAgain }: { error: unknown; onAgain?: () => void }) {
  return (
    <Notice kind="error">
      <p>{errorText(error)}</p>
      {onAgain && (
        <button type="button" onClick={onAgain}>
          {strings.again}
        </button>
      )}
    </Notice>
  )
}

/** `fraction` 0-1, or null while nobody knows. */
export function Progress({ fraction, label }: { fraction: number | null; label: string }) {
  return fraction === null ? (
    <progress aria-label={label} />
  ) : (
    <progress aria-label={label} value={Math.round(fraction * 100)} max={100} />
  )
}

interface DialogProps {
  title: string
  onClose?: () => void
  children: ComponentChildren
}

/** A modal window; the browser keeps the focus inside and gives it back. Without `onClose` it stays until removed. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const latest = useRef(onClose)
  latest.current = onClose
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    // A second Escape closes it whatever `cancel` says; what has no way out stands up again.
    const stay = () => (latest.current ? latest.current() : element?.isConnected && element.showModal())
    element?.addEventListener('close', stay)
    return () => {
      element?.removeEventListener('close', stay)
      element?.close()
    }
  }, [])
  const cancel = (event: Event) => {
    event.preventDefault()
    onClose?.()
  }
  return (
    <dialog ref={dialog} aria-labelledby={id} onCancel={cancel}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}

/** The heading of a screen: takes the focus when the screen changes, so that readers start there. */
export function ScreenTitle({
  children,
  documentTitle,
}: {
  children: ComponentChildren
  documentTitle: string
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${documentTitle} · ${strings.name}`
  }, [documentTitle])
  useEffect(() => {
    // Not at the first load: there the browser starts at the top by itself. Nor away from a field that asked for it.
    const elsewhere = document.activeElement
    if (
      document.body.dataset.visited &&
      (!elsewhere || elsewhere === document.body || elsewhere.closest('header'))
    ) {
      heading.current?.focus({ preventScroll: true })
    }
    document.body.dataset.visited = 'yes'
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}
