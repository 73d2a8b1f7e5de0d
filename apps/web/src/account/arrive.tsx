import type { Route } from '../route.ts'
import { strings } from '../strings.ts'
import { EntryCard } from './entry.tsx'
import photo from './example/photo.jpg'

const text = strings.entry

/** What a person without a session sees, whatever address they came by; signing in leads on to that address. */
export function Arrive({ route }: { route: Route }) {
  return (
    <div class="arrive">
      <section class="lead">
        <p class="display">{text.lead}</p>
        <p class="big">{text.text}</p>
        <div class="example">
          <figure>
            <div class="photo">
              <img src={photo} alt={text.examplePhoto} width="640" height="480" />
              <svg viewBox="0 0 20 20" aria-hidden="true">
                <circle cx="10" cy="10" r="8" />
                <path d="M10 6v8M6 10h8" />
              </svg>
            </div>
            <figcaption>{text.exampleClick}</figcaption>
          </figure>
          <figure>
            <div class="turning" role="img" aria-label={text.exampleObject} />
            <figcaption>{text.exampleTurn}</figcaption>
          </figure>
        </div>
      </section>
      <EntryCard screen={route.name === 'entry' ? route.screen : 'sign-in'} />
    </div>
  )
}
