import { expect, it } from 'vitest'
import { keptUntil } from './retention.ts'

it('a session is kept for a year from the moment that its id names', () => {
  // The example of the ULID specification: 2016-07-30T23:54:10.259Z.
  expect(keptUntil('01ARZ3NDEKTSV4RRFFQ69G5FAV').toISOString()).toBe('2017-07-30T23:54:10.259Z')
})
