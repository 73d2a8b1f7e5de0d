/** Templates against AWS's specification, and against the release before: nothing that holds state is replaced. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableSpec } from '@gen3d/aws/table-spec'
import { beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../scripts/steps.ts'
import { findFaults, replacingProperties } from './specification.ts'
import {
  allResources,
  COMBINATION_NAMES,
  packageTemplates,
  readTemplate,
  SERVICE_NAMES,
  type Template,
} from './templates.ts'

beforeAll(packageTemplates, 600_000)

describe.each(COMBINATION_NAMES)('%s', (combination) => {
  test.each(SERVICE_NAMES)('%s knows every type, property and reference', (service) => {
    expect(findFaults(readTemplate(service, combination))).toEqual([])
  })
})

test('the check sees faults', () => {
  const faulty: Template = {
    Resources: {
      A: { Type: 'AWS::SQS::Queu', Properties: {} },
      B: { Type: 'AWS::SQS::Queue', Properties: { QueuName: 'x', DelaySeconds: 'soon' } },
      C: {
        Type: 'AWS::Lambda::Permission',
        Properties: { Action: { Ref: 'Nobody' }, Principal: { 'Fn::GetAtt': ['B', 'Nothing'] } },
      },
    },
  }
  expect(findFaults(faulty)).toEqual([
    'A: there is no type AWS::SQS::Queu',
    'B has no property QueuName',
    'B.DelaySeconds must be a number, not "soon"',
    'C.Action: Ref to Nobody, which does not stand here',
    'C.Principal: AWS::SQS::Queue has no attribute Nothing',
    'C lacks FunctionName',
  ])
})

type Stateful = Record<string, unknown>
const PINNED = 'tests/infra/stateful.json'

/** Of the packaged template: what holds state, with the properties whose change would replace it. */
function presentStateful(): Stateful {
  return Object.fromEntries(
    allResources('prod')
      .filter(({ DeletionPolicy }) => DeletionPolicy === 'RetainExceptOnCreate')
      .map(({ at, Type, Properties }) => [at, { Type, ...replacingProperties(Type, Properties) }]),
  )
}

/** As the last tagged version had it: its own pinned file, which the next test held to its template. */
function releasedStateful(): Stateful {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  const tag = git('describe', '--tags', '--abbrev=0', '--match', 'v*').stdout?.trim()
  const shown = tag ? git('show', `${tag}:${PINNED}`) : null
  // Before the first tag, and in a clone without tags: what is pinned now.
  const text = shown?.status === 0 ? shown.stdout : readFileSync(join(ROOT, PINNED), 'utf8')
  return JSON.parse(text) as Stateful
}

// A change of either means that somebody's bucket, table or users would be left behind: it needs a new major version and
// a way to move them (docs/operations/upgrade.md).
test('an upgrade from the last tagged version replaces and leaves behind nothing that holds state', () => {
  const present = presentStateful()
  for (const [at, resource] of Object.entries(releasedStateful())) expect(present[at], at).toEqual(resource)
})

test('what is pinned for the next version is the template', () => {
  expect(presentStateful()).toEqual(JSON.parse(readFileSync(join(ROOT, PINNED), 'utf8')))
})

test('the table is the one that the code uses', () => {
  const { TableName: _, BillingMode: __, ...wanted } = tableSpec('x')
  const table = readTemplate('foundation', 'prod').Resources.JobsTable.Properties as Record<string, never>
  const indexes = (table.GlobalSecondaryIndexes as Record<string, unknown>[]).map(
    ({ ProvisionedThroughput: _, ...index }) => index,
  )
  expect({
    AttributeDefinitions: table.AttributeDefinitions,
    KeySchema: table.KeySchema,
    GlobalSecondaryIndexes: indexes,
  }).toEqual(wanted)
  expect(table.TimeToLiveSpecification).toEqual({ AttributeName: 'expires_at', Enabled: true })
})
