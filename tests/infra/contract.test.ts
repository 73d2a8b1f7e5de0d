/** What the code needs and what the templates give are derived, each from its own source, and compared. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROUTES, type Route } from '@gen3d/shared/routes'
import { build } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../../scripts/steps.ts'
import { roleStatements } from './policies.ts'
import { COMBINATION_NAMES, packageTemplates, readTemplate } from './templates.ts'

beforeAll(packageTemplates, 600_000)

test('the template’s routes are those of packages/shared, each but the public ones behind the authorizer', () => {
  const { Resources } = readTemplate('api', 'prod')
  const pathOf = (id: string): string => {
    const { ParentId, PathPart } = Resources[id].Properties as {
      ParentId: { Ref?: string }
      PathPart: string
    }
    return `${ParentId.Ref ? pathOf(ParentId.Ref) : ''}/${PathPart}`
  }
  const methods = Object.values(Resources).filter(
    ({ Type, Properties }) => Type === 'AWS::ApiGateway::Method' && Properties?.HttpMethod !== 'OPTIONS',
  )
  const found = methods.map(({ Properties }) => {
    const { HttpMethod, ResourceId, AuthorizationType } = Properties as {
      HttpMethod: string
      ResourceId: { Ref: string }
      AuthorizationType: string
    }
    return `${HttpMethod} ${pathOf(ResourceId.Ref)} ${AuthorizationType}`
  })
  // A public route is one that packages/shared calls public; everything else needs a token.
  const wanted = Object.values<Route>(ROUTES).map(
    ({ method, path, public: open }) => `${method} ${path} ${open ? 'NONE' : 'COGNITO_USER_POOLS'}`,
  )
  expect(found.sort()).toEqual(wanted.sort())
  const preflights = Object.values(Resources).filter(({ Properties }) => Properties?.HttpMethod === 'OPTIONS')
  expect(preflights).toHaveLength(new Set(Object.values(ROUTES).map(({ path }) => path)).size)
})

/** The sources of a handler, as its bundle has them, without node_modules. */
async function sourcesOf(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'silent',
  })
  const [{ inputs }] = Object.values(metafile.outputs)
  return Object.entries(inputs)
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && !path.includes('node_modules'))
    .map(([path]) => path)
}

/** What each call of an adapter is called in IAM. */
const ACTIONS: Readonly<Record<string, string>> = {
  GetItemCommand: 'dynamodb:GetItem',
  BatchGetItemCommand: 'dynamodb:BatchGetItem',
  PutItemCommand: 'dynamodb:PutItem',
  UpdateItemCommand: 'dynamodb:UpdateItem',
  DeleteItemCommand: 'dynamodb:DeleteItem',
  QueryCommand: 'dynamodb:Query',
  HeadObjectCommand: 's3:GetObject',
  GetObjectCommand: 's3:GetObject',
  PutObjectCommand: 's3:PutObject',
  DeleteObjectsCommand: 's3:DeleteObject',
  ListObjectsV2Command: 's3:ListBucket',
  createPresignedPost: 's3:PutObject',
  InvokeEndpointAsyncCommand: 'sagemaker:InvokeEndpointAsync',
  SendEmailCommand: 'ses:SendEmail',
  'SageMaker.DescribeEndpoint': 'sagemaker:DescribeEndpoint',
  'SageMaker.InvokeEndpointAsync': 'sagemaker:InvokeEndpointAsync',
  'AWSCognitoIdentityProviderService.AdminDeleteUser': 'cognito-idp:AdminDeleteUser',
  '/invocations`': 'lambda:InvokeFunction',
  '/async-invocations`': 'sagemaker:InvokeEndpointAsync',
  '/v2/email/outbound-emails': 'ses:SendEmail',
}

async function actionsOf(entry: string): Promise<string[]> {
  const adapters = (await sourcesOf(entry)).filter((path) => path.startsWith('packages/aws/src/'))
  const text = adapters.map((path) => readFileSync(join(ROOT, path), 'utf8')).join('\n')
  const calls = Object.keys(ACTIONS).filter((call) =>
    /^\w+$/.test(call) ? new RegExp(`\\b${call}\\b(?=\\()`).test(text) : text.includes(call),
  )
  for (const [command] of text.matchAll(/(?<=\bnew )\w+Command\b/g)) expect(ACTIONS).toHaveProperty([command])
  for (const [, target] of text.matchAll(/target: '([^']+)'/g)) expect(ACTIONS).toHaveProperty([target])
  return [...new Set(calls.map((call) => ACTIONS[call]))].sort()
}

/** What the platform itself needs of a Lambda's role: logs, traces, the destination of failures. */
const PLATFORM = /^(logs|xray|sqs):/

const HANDLERS = [
  ['services/api/src/handler.ts', 'api.IamRoleLambdaExecution'],
  ['services/notify/src/handler.ts', 'notify.IamRoleLambdaExecution'],
  ['services/inference/preview/lambda.ts', 'inference.PreviewRole'],
  ['services/inference/preview/failure-lambda.ts', 'inference.PreviewFailureRole'],
] as const

/** What a bundle contains, but its wiring never calls: https://… each with its reason. */
const NEVER_CALLED: Readonly<Record<string, readonly string[]>> = {
  // One object store for all; this Lambda only puts.
  'inference.PreviewFailureRole': ['s3:GetObject', 's3:DeleteObject', 's3:ListBucket'],
}

test.each(HANDLERS)('%s may do exactly what its adapters call', async (entry, role) => {
  const granted = roleStatements('prod')
    .filter((one) => one.role === role)
    .flatMap(({ actions }) => actions)
    .filter(
      (action) =>
        !PLATFORM.test(action) && !(role === 'inference.PreviewRole' && action.startsWith('lambda:')),
    )
  const called = (await actionsOf(entry)).filter((action) => !NEVER_CALLED[role]?.includes(action))
  expect([...new Set(granted)].sort()).toEqual(called)
})

/** The names under which a program reads its environment. */
function recordReads(run: (env: NodeJS.ProcessEnv) => unknown, env: NodeJS.ProcessEnv): string[] {
  const reads = new Set<string>()
  const spy = new Proxy(env, {
    get: (target, name) => {
      if (typeof name === 'string' && name.startsWith('GEN3D_')) reads.add(name)
      return Reflect.get(target, name)
    },
  })
  run(spy)
  return [...reads].sort()
}

describe.each(COMBINATION_NAMES)('%s', (combination) => {
  test.each([
    ['api', 'WrapperLambdaFunction'],
    ['notify', 'NotifyLambdaFunction'],
  ] as const)('the %s Lambda reads every variable that is set, and no other', async (service, id) => {
    const { Properties } = readTemplate(service, combination).Resources[id]
    const { Variables } = (Properties as { Environment: { Variables: Record<string, unknown> } }).Environment
    const env = Object.fromEntries(
      Object.entries(Variables).map(([name, value]) => [
        name,
        typeof value === 'object' ? 'from-the-stack' : String(value),
      ]),
    )
    const { wire } = (await import(`../../services/${service}/src/wire.ts`)) as {
      wire(env: NodeJS.ProcessEnv): unknown
    }
    expect(recordReads(wire, env)).toEqual(Object.keys(Variables).sort())
  })
})
