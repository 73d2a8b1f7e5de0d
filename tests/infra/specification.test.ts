/** Templates against AWS's specification, and against the release before: nothing that holds state is replaced. */
import { readFileSync } from 'node:fs'
import { tableSpec } from '@gen3d/aws/table-spec'
import { beforeAll, describe, expect, test } from 'vitest'
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

// The values as they were released. A change here means that somebody's bucket, table or users would be left behind:
// it needs a new major version and a way to move them (docs/operations/upgrade.md).
const released = JSON.parse(readFileSync(new URL('./stateful.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>

test('an upgrade replaces nothing that holds state', () => {
  const present = Object.fromEntries(
    allResources('prod')
      .filter(({ DeletionPolicy }) => DeletionPolicy === 'RetainExceptOnCreate')
      .map(({ at, Type, Properties }) => [at, { Type, ...replacingProperties(Type, Properties) }]),
  )
  expect(present).toEqual(released)
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
