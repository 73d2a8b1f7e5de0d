// `pnpm test:container`: everything that can be said of the GPU container without a GPU. Needs Python 3.11 on Linux; with
// CI=true (or --all) it may not be skipped.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { findBrowser } from '../tests/e2e/browser.ts'
import { BUILD, CONTAINER, containerTool, setUpContainerTools, whyNoContainer } from './container-tools.ts'
import { runSteps, type Step, VITEST } from './steps.ts'

const strict = process.env.CI === 'true' || process.argv.includes('--all')
const reason = whyNoContainer()
if (reason) {
  console.log(`SKIPPED the GPU container: ${reason}`)
  process.exit(strict ? 1 : 0)
}
setUpContainerTools()
process.env.GEN3D_CONTAINER_PYTHON = containerTool('python')
// Kept, or torch is parsed anew by each process; but not in the source, which is the image’s.
process.env.PYTHONPYCACHEPREFIX = join(BUILD, 'container-pycache')
const coverage = join(BUILD, 'container-coverage')
mkdirSync(coverage, { recursive: true })
process.env.COVERAGE_FILE = join(coverage, 'data')

const inContainer = (name: string, tool: string, ...args: string[]): Step => ({
  name,
  command: [containerTool(tool), ...args],
  cwd: CONTAINER,
})
const steps: Step[] = [
  inContainer('ruff: lint', 'ruff', 'check', '--no-cache'),
  inContainer('ruff: format', 'ruff', 'format', '--no-cache', '--check'),
  inContainer('mypy', 'mypy', '--cache-dir', join(BUILD, 'mypy')),
  inContainer('hadolint', 'hadolint', 'Dockerfile'),
  { name: 'pins', command: ['node', '--import', 'tsx', 'scripts/check-pins.ts'], live: true },
  { ...inContainer('pytest', 'python', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--cov'), live: true },
  {
    name: 'conformance of the container, alone and behind the local endpoint',
    command: [...VITEST, '--config', 'services/inference/container/vitest.config.ts'],
    live: true,
  },
]
const skipped: string[] = []
if (findBrowser()) {
  steps.push({
    name: 'the container’s decoder in a browser',
    command: [...VITEST, '--config', 'tests/container/vitest.config.ts'],
    live: true,
  })
} else if (strict) {
  console.error(
    'No browser was found, and here it is required. Install Chromium, or set GEN3D_BROWSER to its path.',
  )
  process.exit(1)
} else {
  skipped.push(
    'the decoder in a browser: no Chromium, Chrome or Edge was found (set GEN3D_BROWSER to its path)',
  )
}

const failed = await runSteps(steps)
for (const what of skipped) console.log(`SKIPPED ${what}`)
if (failed.length > 0) {
  console.error(`\n${failed.length} failed: ${failed.join('; ')}`)
  process.exit(1)
}
console.log('\nAll passed. Not run: anything on a GPU, the image’s build, real weights.')
