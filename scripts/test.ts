// `npm test`: everything that needs only Node: checks, unit and contract tests, templates, and the job end to end in a
// real browser where one is found. With CI=true (or --all) nothing may be skipped.
import { findBrowser } from '../tests/e2e/browser.ts'
import { findInfraTool } from './infra-tools.ts'
import { runSteps, type Step, VITEST } from './steps.ts'

const node = (...args: string[]) => ['node', '--import', 'tsx', ...args]
const strict = process.env.CI === 'true' || process.argv.includes('--all')

const steps: Step[] = [
  { name: 'check', command: node('scripts/check.ts'), live: true },
  {
    name: 'unit, contract and template tests',
    // Coverage is reported where the time for it does not keep a person waiting.
    command: [...VITEST, ...(strict ? ['--coverage'] : [])],
    live: true,
  },
]

const skipped: string[] = []
if (findBrowser()) {
  steps.push({
    name: 'end to end in a browser',
    command: [...VITEST, '--config', 'tests/e2e/vitest.config.ts'],
    live: true,
  })
} else if (strict) {
  console.error(
    'No browser was found, and here it is required. Install Chromium, or set GEN3D_BROWSER to its path.',
  )
  process.exit(1)
} else {
  skipped.push('the browser tests: no Chromium, Chrome or Edge was found (set GEN3D_BROWSER to its path)')
}

if (!findInfraTool('cfn-lint')) {
  skipped.push(
    'cfn-lint over the templates: not set up (node --import tsx scripts/infra-tools.ts; needs Python)',
  )
}

const failed = await runSteps(steps)
for (const what of skipped) console.log(`SKIPPED ${what}`)
if (failed.length > 0) {
  console.error(`\n${failed.length} failed: ${failed.join('; ')}`)
  process.exit(1)
}
console.log(skipped.length > 0 ? '\nAll that ran passed.' : '\nAll passed.')
