/** AWS's own linter over every template. Set up by scripts/infra-tools.ts; CI requires it. */
import { spawnSync } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { findInfraTool } from '../../scripts/infra-tools.ts'
import { COMBINATION_NAMES, packageTemplates, SERVICE_NAMES, templateFile } from './templates.ts'

beforeAll(packageTemplates, 600_000)

/** What is not checked, and why. */
const IGNORED = {
  W8003: 'a condition on a parameter of deploy/parameters.yml is fixed when the template is packaged',
  W6001: 'the web stack gathers what other stacks export: the page’s config.json is made of it',
  W3005: 'the framework writes DependsOn beside a reference',
}

const linter = findInfraTool('cfn-lint')

test('cfn-lint finds nothing', { timeout: 300_000 }, () => {
  if (!linter) {
    if (process.env.CI === 'true')
      throw new Error('cfn-lint is not set up: node --import tsx scripts/infra-tools.ts')
    console.log('SKIPPED cfn-lint: it is not set up (node --import tsx scripts/infra-tools.ts; needs Python)')
    return
  }
  const files = COMBINATION_NAMES.flatMap((combination) =>
    SERVICE_NAMES.map((service) => templateFile(service, combination)),
  )
  const args = ['--format', 'parseable', '--ignore-checks', ...Object.keys(IGNORED), '--', ...files]
  const { stdout, stderr, status } = spawnSync(linter, args, { encoding: 'utf8' })
  expect(`${stdout}${stderr}`).toBe('')
  expect(status).toBe(0)
})
