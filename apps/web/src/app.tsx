/** The shell: the bar, the screen that the route names, and what stands above all screens. */
import { useEffect } from 'preact/hooks'
import { Arrive } from './account/arrive.tsx'
import { SignInForm } from './account/sign-in-form.tsx'
import { Gallery } from './gallery/gallery.tsx'
import { Home } from './home.tsx'
import type { Route } from './route.ts'
import { useStore } from './store.ts'
import { strings } from './strings.ts'
import { Dialog, Fault, ScreenTitle } from './ui/controls.tsx'
import { Icon } from './ui/icon.tsx'
import { lazy } from './ui/lazy.tsx'

const SessionView = lazy(() => import('./workspace/session-view.tsx'))
const SharedView = lazy(() => import('./share/shared-view.tsx'))
const AccountView = lazy(() => import('./account/account-view.tsx'))

function Bar({ email, route }: { email: string | null; route: Route }) {
  const current = (name: Route['name']) => (route.name === name ? 'page' : undefined)
  return (
    <header class="bar">
      <a class="mark" href="#/">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path class="body" d="M16 2 28 9v14l-12 7L4 23V9z" />
          <path class="face" d="m16 6 7.500 4.300L16 14.700 8.500 10.300zM7 13l7.500 4.300V26L7 21.700z" />
        </svg>
        <span>{strings.name}</span>
      </a>
      {email !== null && (
        <nav aria-label={strings.nav.label}>
          <a href="#/" aria-current={current('home')}>
            {strings.nav.home}
          </a>
          <a href="#/sessions" aria-current={current('sessions')}>
            {strings.nav.sessions}
          </a>
          <a
            href="#/account"
            aria-current={current('account')}
            aria-label={`${strings.nav.account}, ${email}`}
          >
            <Icon name="user" />
            <span class="email">{email}</span>
          </a>
        </nav>
      )}
    </header>
  )
}

function Screen({ route, email }: { route: Exclude<Route, { name: 'shared' }>; email: string }) {
  switch (route.name) {
    case 'home':
    case 'entry':
      return <Home />
    case 'sessions':
      return (
        <div class="home">
          <ScreenTitle documentTitle={strings.gallery.title}>{strings.gallery.title}</ScreenTitle>
          <Gallery />
        </div>
      )
    case 'session':
      return <SessionView key={route.sessionId} sessionId={route.sessionId} tab={route.tab} />
    case 'account':
      return <AccountView email={email} />
    case 'unknown':
      return (
        <section class="card alone">
          <ScreenTitle documentTitle={strings.unknownPage.title}>{strings.unknownPage.title}</ScreenTitle>
          <p>{strings.unknownPage.text}</p>
          <a href="#/sessions">{strings.nav.sessions}</a>
        </section>
      )
  }
}

export function App() {
  const store = useStore()
  const account = store.credentials.account.value
  const route = store.route.value
  const present = account.kind === 'in' || account.kind === 'expired'

  useEffect(() => {
    if (account.kind === 'in') void store.refreshCapabilities().catch(() => undefined)
    // Whoever has signed in has no more use for the sign-in's address.
    if (account.kind === 'in' && store.route.peek().name === 'entry') store.go({ name: 'home' })
  }, [account.kind, store])

  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {strings.skip}
      </button>
      <Bar email={present ? account.person.email : null} route={route} />
      {!store.online.value && (
        <p class="offline" role="status">
          {strings.offline}
        </p>
      )}
      <main id="main" tabIndex={-1}>
        {route.name === 'shared' ? (
          <SharedView key={route.token} token={route.token} />
        ) : account.kind === 'starting' ? (
          <p class="hint loading">{strings.loading}</p>
        ) : account.kind === 'unreachable' ? (
          <Fault error={account.error} onAgain={store.credentials.resume} />
        ) : account.kind === 'out' ? (
          <Arrive route={route} />
        ) : (
          <Screen route={route} email={account.person.email} />
        )}
      </main>
      <footer class="foot">
        <a href="./api.html">{strings.apiPage}</a>
      </footer>
      {account.kind === 'expired' && route.name !== 'shared' && (
        <Dialog title={strings.entry.expiredTitle}>
          <p>{strings.entry.expiredText}</p>
          <SignInForm email={account.person.email} />
          <button type="button" class="quiet" onClick={() => store.credentials.signOut()}>
            {strings.account.signOut}
          </button>
        </Dialog>
      )}
      <p class="visually-hidden" role="status" aria-live="polite" data-testid="spoken">
        {store.spoken.value}
      </p>
    </>
  )
}
