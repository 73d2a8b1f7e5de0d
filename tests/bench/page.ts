/** What the built page sends: apps/web/scripts/check-size.ts measures it and holds the budgets. */
import { join } from 'node:path'
import { ROOT, runStep } from '../../scripts/steps.ts'
import { buildWeb } from '../../scripts/web.ts'
import type { Bench } from './figure.ts'

/** As that script prints them: `ok   viewer: 412.3 of 450 kB`. */
const LINE = /^(?:ok|OVER) +(.+): ([\d.]+) of ([\d.]+) kB$/gm

export const measurePage: Bench = async () => {
  await buildWeb()
  const script = join(ROOT, 'apps', 'web', 'scripts', 'check-size.ts')
  const { output } = await runStep({ name: 'sizes', command: ['node', '--import', 'tsx', script] })
  const figures = [...output.matchAll(LINE)].map(([, name, value, goal]) => ({
    ...{ group: 'page, gzip', name, unit: 'kB' as const, value: Number(value), goal: Number(goal) },
  }))
  if (figures.length === 0) throw new Error(`The page’s sizes could not be read:\n${output}`)
  return figures
}
