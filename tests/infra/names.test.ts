/** Fixed names, tags, what is kept, and that nothing secret stands in a template. */
import { readFileSync } from 'node:fs'
import { RESOURCES, resourceName } from '@gen3d/shared/names'
import { beforeAll, describe, expect, test } from 'vitest'
import { render } from './render.ts'
import {
  allResources,
  COMBINATION_NAMES,
  COMBINATIONS,
  type Combination,
  packageTemplates,
  SERVICE_NAMES,
  templateFile,
} from './templates.ts'

beforeAll(packageTemplates, 600_000)

/** Where a type carries its name, for the types whose names are the seed's. */
const NAME_OF: Readonly<Record<string, string>> = {
  'AWS::IAM::Role': 'RoleName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::ECR::Repository': 'RepositoryName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::SageMaker::Endpoint': 'EndpointName',
  'AWS::SageMaker::EndpointConfig': 'EndpointConfigName',
  'AWS::SageMaker::Model': 'ModelName',
  'AWS::Cognito::UserPool': 'UserPoolName',
  'AWS::Cognito::UserPoolClient': 'ClientName',
  'AWS::Cognito::IdentityPool': 'IdentityPoolName',
  'AWS::ApiGateway::RestApi': 'Name',
}

/** Lambdas beside the seed's three; their names are the framework's. */
const FURTHER_FUNCTIONS = ['gen3d-foundation-STAGE-preSignUp', 'gen3d-inference-STAGE-previewFailure']

function fixedNames(combination: Combination): string[] {
  return allResources(combination)
    .map(({ Type, Properties }) => Properties[NAME_OF[Type]])
    .filter((name) => name !== undefined)
    .map(render)
    .sort()
}

function expectedNames(combination: Combination): string[] {
  const { stage, region } = COMBINATIONS[combination]
  const { userIndex: _, sweepIndex: __, bucket: ___, ...named } = RESOURCES
  const suffix = region === 'us-east-1' ? '' : `-${region}`
  return [
    ...Object.keys(named).map((key) => `${resourceName(key as keyof typeof named, stage)}${suffix}`),
    `${RESOURCES.bucket}-000000000000-${stage}${suffix}`,
    ...FURTHER_FUNCTIONS.map((name) => name.replace('STAGE', stage)),
  ].sort()
}

describe.each(COMBINATION_NAMES)('%s', (combination) => {
  test('exactly the names of packages/shared are fixed; model and configuration have none', () => {
    expect(fixedNames(combination)).toEqual(expectedNames(combination))
  })

  test('what holds state survives its stack, and what a failed first deploy made goes again', () => {
    const kept = allResources(combination)
      .filter(({ DeletionPolicy }) => DeletionPolicy === 'RetainExceptOnCreate')
      .map(({ at, UpdateReplacePolicy }) => [at, UpdateReplacePolicy])
    expect(kept).toEqual([
      ['foundation.DataBucket', 'Retain'],
      ['foundation.JobsTable', 'Retain'],
      ['foundation.UserPool', 'Retain'],
      ['inference.Repository', 'Retain'],
    ])
  })

  test('the table and the user pool of prod cannot be deleted by mistake', () => {
    const all = allResources(combination)
    const table = all.find(({ Type }) => Type === 'AWS::DynamoDB::Table')?.Properties
    expect(table?.DeletionProtectionEnabled).toBe(COMBINATIONS[combination].stage === 'prod')
    expect(table?.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true })
    const pool = all.find(({ Type }) => Type === 'AWS::Cognito::UserPool')?.Properties
    expect(pool?.DeletionProtection).toEqual({ 'Fn::If': ['IsProtected', 'ACTIVE', 'INACTIVE'] })
  })

  test('the seed’s names of model and endpoint configuration are tags', () => {
    const tagOf = (type: string) => {
      const found = allResources(combination).find(({ Type }) => Type === type)
      return (found?.Properties.Tags as { Value: string }[] | undefined)?.[0]?.Value
    }
    expect(tagOf('AWS::SageMaker::Model')).toMatch(/^gen3d-sam3-sam3d-model/)
    expect(tagOf('AWS::SageMaker::EndpointConfig')).toMatch(/^gen3d-sam3-sam3d-endpoint-config/)
  })

  test('no template holds a key, a password, an account or a pool', () => {
    for (const service of SERVICE_NAMES) {
      const text = readFileSync(templateFile(service, combination), 'utf8')
      expect(text, service).not.toMatch(/A[KS]IA[0-9A-Z]{16}/)
      expect(text, service).not.toMatch(/password["']?\s*[:=]\s*["'][^"']/i)
      expect(text, service).not.toMatch(/[a-z]{2}-[a-z]+-\d[:_][A-Za-z0-9]{9}\b/)
      expect(text, service).not.toMatch(/(?<![\d.-])(?!000000000000)\d{12}(?!\d)/)
    }
  })
})

test('every stack carries the project and the stage, and with them everything in it', () => {
  for (const service of SERVICE_NAMES) {
    const state = JSON.parse(
      readFileSync(templateFile(service, 'prod').replace(/[^/\\]+$/, 'serverless-state.json'), 'utf8'),
    ) as { service: { provider: { stackTags: unknown; tags: unknown } } }
    expect(state.service.provider.stackTags, service).toEqual({ project: 'gen3d', stage: 'prod' })
    expect(state.service.provider.tags, service).toEqual({ project: 'gen3d', stage: 'prod' })
  }
})

test('a policy on a stateful type is never forgotten', () => {
  const STATEFUL = ['AWS::DynamoDB::Table', 'AWS::Cognito::UserPool', 'AWS::ECR::Repository']
  const forgotten = allResources('prod').filter(
    ({ Type, id, DeletionPolicy }) =>
      (STATEFUL.includes(Type) || (Type === 'AWS::S3::Bucket' && id !== 'ServerlessDeploymentBucket')) &&
      !DeletionPolicy,
  )
  expect(forgotten.map(({ at }) => at)).toEqual([])
})
