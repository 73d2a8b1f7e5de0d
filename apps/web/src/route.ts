/** The page's places, as hash routes: a bucket's website serves one file, and mails link to `#/sessions/SID`. */
import { isShareToken, isUlid } from '@gen3d/shared/ids'
import { sessionRoute, sharedRoute } from '@gen3d/shared/names'

const ENTRY_SCREENS = ['sign-in', 'sign-up', 'confirm', 'forgot', 'reset'] as const
export type EntryScreen = (typeof ENTRY_SCREENS)[number]
export type SessionTab = 'select' | 'object'

export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'sessions' }
  | { readonly name: 'session'; readonly sessionId: string; readonly tab: SessionTab | null }
  | { readonly name: 'account' }
  /** What somebody shared; needs no account. */
  | { readonly name: 'shared'; readonly token: string }
  | { readonly name: 'entry'; readonly screen: EntryScreen }
  | { readonly name: 'unknown' }

/** Reads a location's hash. */
export function parseRoute(hash: string): Route {
  const [first = '', second, third, ...rest] = hash.replace(/^#?\/?/, '').split('/')
  if (rest.length > 0) return { name: 'unknown' }
  if (first === '') return { name: 'home' }
  if (first === 'sessions' && second === undefined) return { name: 'sessions' }
  if (first === 'sessions' && second !== undefined && isUlid(second)) {
    if (third === undefined) return { name: 'session', sessionId: second, tab: null }
    if (third === 'select' || third === 'object') return { name: 'session', sessionId: second, tab: third }
  }
  if (first === 'shared' && second !== undefined && third === undefined && isShareToken(second))
    return { name: 'shared', token: second }
  if (first === 'account' && second === undefined) return { name: 'account' }
  const screen = ENTRY_SCREENS.find((name) => name === first)
  if (screen && second === undefined) return { name: 'entry', screen }
  return { name: 'unknown' }
}

/** The hash of a route; `parseRoute` reads it back. */
export function toHash(route: Route): string {
  switch (route.name) {
    case 'home':
    case 'unknown':
      return '#/'
    case 'session':
      return sessionRoute(route.sessionId) + (route.tab ? `/${route.tab}` : '')
    case 'entry':
      return `#/${route.screen}`
    case 'shared':
      return sharedRoute(route.token)
    default:
      return `#/${route.name}`
  }
}
