/**
 * `pnpm bench`: the figures that the project holds itself to, beside a reference loop that tells machines and busy
 * minutes apart. Prints a table, or JSON with --json; --record adds a line to docs/bench-history.jsonl.
 *   pnpm bench [--only engine,job] [--repeats N] [--json] [--record]
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureBrowser } from '../tests/bench/browser.ts'
import { measureEngine } from '../tests/bench/engine.ts'
import { type Bench, type Figure, referenceLoop } from '../tests/bench/figure.ts'
import { measureJob } from '../tests/bench/job.ts'
import { measureBundles } from '../tests/bench/lambda-bundle.ts'
import { measureObject } from '../tests/bench/object.ts'
import { measurePage } from '../tests/bench/page.ts'
import { measureRoutes } from '../tests/bench/routes.ts'
import { ROOT } from './steps.ts'

const GROUPS: Readonly<Record<string, Bench>> = {
  engine: measureEngine,
  object: measureObject,
  job: measureJob,
  routes: measureRoutes,
  bundles: measureBundles,
  page: measurePage,
  browser: measureBrowser,
}
const HISTORY = join(ROOT, 'docs', 'bench-history.jsonl')

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    repeats: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
})
const names = options.only?.split(',') ?? Object.keys(GROUPS)
const unknown = names.find((name) => !(name in GROUPS))
const repeats = Number(options.repeats)
if (unknown !== undefined || !(repeats >= 1)) {
  console.error(`--only takes ${Object.keys(GROUPS).join(', ')}; --repeats a number from 1.`)
  process.exit(2)
}

interface Row extends Figure {
  /** How much longer than its best the reference loop took around this group: 1 on an idle machine. */
  readonly busy: number
  /** Times the reference loop's best round, of the processor's time where there is one. */
  readonly loops?: number
}

const measured: { readonly figures: readonly Figure[]; readonly p50: number }[] = []
let [best, last] = [Number.POSITIVE_INFINITY, referenceLoop()]
for (const name of names) {
  if (!options.json) console.error(`measuring: ${name} …`)
  const figures = await GROUPS[name](repeats)
  const now = referenceLoop()
  measured.push({ figures, p50: (last.p50 + now.p50) / 2 })
  best = Math.min(best, last.best, now.best)
  last = now
}
const rows: Row[] = measured.flatMap(({ figures, p50 }) =>
  figures.map((figure) => ({ ...figure, busy: round(p50 / best) })),
)
const report = {
  commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+'),
  at: new Date().toISOString(),
  machine: `${process.platform}-${process.arch}, ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`,
  reference_loop_ms: round(best),
  figures: rows.map(withLoops),
}

if (options.json) console.log(JSON.stringify(report))
else print()
if (options.record) appendFileSync(HISTORY, `${JSON.stringify(report)}\n`)
// Databases and bundlers that were started leave handles behind.
process.exit(0)

function withLoops(row: Row): Row {
  const { unit, value, cpu } = row
  const perUnit = unit === 'ms' ? 1 : unit === 's' ? 1000 : null
  const figure = { ...row, value: round(value), ...(cpu === undefined ? {} : { cpu: round(cpu) }) }
  return perUnit === null ? figure : { ...figure, loops: round(((cpu ?? value) * perUnit) / best) }
}

function print(): void {
  console.log(`\n${report.machine}; commit ${report.commit}`)
  console.log(
    `Reference loop at its best: ${report.reference_loop_ms} ms. "busy": how much longer it took around a figure;`,
  )
  console.log(
    '"loops": the figure (its processor time where there is one) in reference loops. A goal is held against',
  )
  console.log(
    'the lesser of the two times: the clock counts other processes, the processors count the compiler beside.\n',
  )
  const table = report.figures.map(({ group, name, unit, value, cpu, busy, loops, goal, least, note }) => [
    group,
    name,
    `${value} ${unit === 'ratio' ? '' : unit}`.trim(),
    cpu === undefined ? '' : String(cpu),
    loops === undefined ? '' : String(loops),
    String(busy),
    goal !== undefined
      ? `${Math.min(cpu ?? value, value) <= goal ? 'ok' : 'over'} ${goal}`
      : least !== undefined
        ? `${value >= least ? 'ok' : 'below'} ${least}`
        : '',
    note ?? '',
  ])
  const head = ['', 'figure', 'value', 'processor', 'loops', 'busy', 'goal', '']
  const widths = head.map((cell, i) => Math.max(cell.length, ...table.map((row) => row[i].length)))
  for (const row of [head, ...table]) {
    console.log(
      row
        .map((cell, i) => (i === head.length - 1 ? cell : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
  }
}

function round(value: number): number {
  return Number(value.toPrecision(value >= 100 ? 4 : 3))
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
}
