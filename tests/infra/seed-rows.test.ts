import { beforeAll, expect, test } from 'vitest'
import { SEED_ROWS } from './seed-rows.ts'
import { allResources, packageTemplates } from './templates.ts'

beforeAll(packageTemplates, 600_000)

test.each(SEED_ROWS)('phase $phase, "$row" stands in the template: $at', ({ at }) => {
  expect(allResources('prod').filter((one) => one.at === at)).toHaveLength(1)
})

test('no phase of the seed’s table is left out', () => {
  expect([...new Set(SEED_ROWS.map(({ phase }) => phase))].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})
