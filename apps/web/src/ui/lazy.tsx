/** Parts of the page that come when they are needed. */
import { type Signal, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { strings } from '../strings.ts'
import { Fault } from './controls.tsx'

/** A component that loads itself at its first use; a broken connection can be tried again. */
export function lazy<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  const part: Signal<ComponentType<P> | null> = signal(null)
  const fault: Signal<unknown> = signal(null)
  let started = false
  const start = () => {
    started = true
    fault.value = null
    load().then(
      (module) => {
        part.value = module.default
      },
      (error) => {
        fault.value = error
      },
    )
  }
  return function Lazy(props: P) {
    if (!started) start()
    const Part = part.value
    if (Part) return <Part {...props} />
    return fault.value ? (
      <Fault error={fault.value} onAgain={start} />
    ) : (
      <p class="hint loading">{strings.loading}</p>
    )
  }
}
