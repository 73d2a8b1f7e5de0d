import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, runStep } from '../../scripts/steps.ts'
import { buildWeb } from '../../scripts/web.ts'

it('the built page is within its budgets', async () => {
  await buildWeb()
  const script = join(ROOT, 'apps', 'web', 'scripts', 'check-size.ts')
  const { code, output } = await runStep({ name: 'sizes', command: ['node', '--import', 'tsx', script] })
  expect({ code, over: code === 0 ? '' : output }).toEqual({ code: 0, over: '' })
  // A script that measured nothing would be content, too.
  expect(output.match(/^ok /gm)?.length).toBeGreaterThanOrEqual(4)
}, 120_000)
