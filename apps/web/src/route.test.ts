import { describe, expect, it } from 'vitest'
import { parseRoute, type Route, toHash } from './route.ts'

const sessionId = '01JD8Z5T9Q4X7N2V6B3M1K0ABC'

describe('routes', () => {
  it('opens the session that a mail links to', () => {
    expect(parseRoute(`#/sessions/${sessionId}`)).toEqual({ name: 'session', sessionId, tab: null })
  })

  it.each<Route>([
    { name: 'home' },
    { name: 'sessions' },
    { name: 'account' },
    { name: 'shared', token: 'aZ_-'.repeat(11).slice(0, 43) },
    { name: 'session', sessionId, tab: 'object' },
    { name: 'entry', screen: 'reset' },
  ])('reads back what it wrote: %j', (route) => {
    expect(parseRoute(toHash(route))).toEqual(route)
  })

  it.each(['#/sessions/../x', '#/sessions/short', '#/nowhere', `#/sessions/${sessionId}/select/more`])(
    'knows no place behind %s',
    (hash) => {
      expect(parseRoute(hash)).toEqual({ name: 'unknown' })
    },
  )
})
