import { ROUTE_NAMES, ROUTES } from '@gen3d/shared/routes'
import { expect, test } from 'vitest'
import { PATHS } from './paths.ts'

test('has one path a route, equal to the route’s own', () => {
  expect(Object.keys(PATHS).sort()).toEqual([...ROUTE_NAMES].sort())
  for (const name of ROUTE_NAMES) {
    const call = PATHS[name] as (argument: unknown) => string
    const argument = name === 'listSessions' || name === 'exportFiles' ? {} : 'ID'
    expect(call(argument)).toBe(ROUTES[name].path.replace(/\{\w+\}/, 'ID'))
  }
})

test('escapes ids and passes the page’s cursor', () => {
  expect(PATHS.readStatus('a/b')).toBe('/status/a%2Fb')
  expect(PATHS.exportFiles({ cursor: 'a b' })).toBe('/me/export?cursor=a%20b')
  expect(PATHS.listSessions({ cursor: 'a b', limit: 5 })).toBe('/sessions?cursor=a%20b&limit=5')
})
