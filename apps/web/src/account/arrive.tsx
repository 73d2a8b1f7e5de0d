import type { Route } from '../route.ts'
import { strings } from '../strings.ts'
import { EntryCard } from './entry.tsx'

const text = strings.entry

/** What a person without a session sees, whatever address they came by; signing in leads on to that address. */
export function Arrive({ route }: { route: Route }) {
  return (
    <div class="arrive">
      <section class="lead">
        <p class="display">{text.lead}</p>
        <p class="big">{text.text}</p>
        <ol class="steps">
          {text.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </section>
      <EntryCard screen={route.name === 'entry' ? route.screen : 'sign-in'} />
    </div>
  )
}
