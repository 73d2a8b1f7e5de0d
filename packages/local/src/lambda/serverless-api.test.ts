import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readServerlessApi } from './serverless-api.ts'

const yml = `
service: gen3d-api
frameworkVersion: '4'
params:
  default:
    tableName: !Ref Table
    tail: !Sub '\${AWS::StackName}-x'
    origin: https://example.com
    limits: { daily: 5 }
  local:
    tableName: Gen3DTable-local
    origin: 'http://127.0.0.1:5173'
custom:
  names: \${file(names.yml):names}
  prefix: gen3d-\${sls:stage}
  cors: &cors
    origins: ['\${param:origin}', 'https://*.example.com']
    headers: [Content-Type, Authorization, Idempotency-Key]
    maxAge: 600
  secret: \${ssm:/gen3d/secret}
provider:
  name: aws
  runtime: nodejs20.x
  region: eu-west-1
  timeout: 10
  environment:
    STAGE: \${sls:stage}
    TABLE_NAME: \${param:tableName}
    BUCKET: \${self:custom.names.\${sls:stage}.bucket, self:custom.names.other.bucket}
    PREFIX: \${self:custom.prefix}/\${aws:region}
    ARN: !Sub 'arn:\${AWS::Partition}:sns:\${AWS::Region}:\${AWS::AccountId}:topic'
functions:
  wrapper:
    name: Gen3DWrapperLambda-\${sls:stage}
    handler: src/handler.main
    memorySize: 512
    environment:
      DAILY: \${param:limits.daily, 3}
      EXTRA: \${env:GEN3D_NOT_SET, 'a, b'}
      FLAG: true
      PREFIX: own
    events:
      - http: { method: post, path: /get-upload-url, cors: *cors, authorizer: { type: COGNITO_USER_POOLS, authorizerId: !Ref Authorizer } }
      - http:
          path: status/{job_id}
          method: get
          cors: true
          authorizer:
            name: pool
            type: COGNITO_USER_POOLS
            arn: !GetAtt UserPool.Arn
      - http: GET /health
  sweep:
    handler: src/sweep.handler
    timeout: 30
    events:
      - schedule: rate(\${self:custom.minutes, 5} minutes)
      - eventBridge:
          pattern: { source: [aws.s3], detail: { bucket: { name: ['\${param:bucket, "b"}'] } } }
resources:
  - Resources:
      Response4xx:
        Type: AWS::ApiGateway::GatewayResponse
        Properties:
          RestApiId: !Ref ApiGatewayRestApi
          ResponseType: DEFAULT_4XX
          ResponseParameters:
            gatewayresponse.header.Access-Control-Allow-Origin: { 'Fn::Join': ['', ["'", '\${param:origin}', "'"]] }
          ResponseTemplates:
            application/json: '{"error":{"code":"$context.error.responseType","request_id":"$context.requestId"}}'
      Other: { Type: 'AWS::S3::Bucket', Properties: { BucketName: '\${ssm:/not/here}' } }
`
const names = `
names:
  local: { bucket: 'gen3d-data\${self:custom.names.suffix}' }
  other: { bucket: other }
  # Refers to its neighbours in the file that is just being read.
  suffix: \${self:custom.names.suffixes.\${sls:stage}, '-\${sls:stage}'}
  suffixes: { prod: '' }
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gen3d-yml-'))
  await mkdir(join(folder, 'src'))
  await writeFile(join(folder, 'serverless.yml'), yml)
  await writeFile(join(folder, 'names.yml'), names)
  await writeFile(join(folder, 'src', 'handler.ts'), 'export const main = async () => 1')
  await writeFile(join(folder, 'src', 'sweep.cjs'), 'exports.handler = async () => 1')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function readYml(text: string): Promise<ReturnType<typeof readServerlessApi>> {
  const path = join(folder, 'other.yml')
  await writeFile(path, text)
  return readServerlessApi(path, { env: {} })
}

test('reads functions with their environment, limits and other events', () => {
  const api = readServerlessApi(join(folder, 'serverless.yml'), { region: 'eu-west-1' })
  expect(api.functions).toEqual([
    {
      key: 'wrapper',
      name: 'Gen3DWrapperLambda-local',
      handlerFile: join(folder, 'src', 'handler.ts'),
      handlerName: 'main',
      env: {
        STAGE: 'local',
        TABLE_NAME: 'Gen3DTable-local',
        BUCKET: 'gen3d-data-local',
        PREFIX: 'own',
        ARN: 'arn:aws:sns:eu-west-1:000000000000:topic',
        DAILY: '3',
        EXTRA: 'a, b',
        FLAG: 'true',
      },
      timeoutSeconds: 10,
      memoryMb: 512,
      events: [],
    },
    {
      key: 'sweep',
      name: 'gen3d-api-local-sweep',
      handlerFile: join(folder, 'src', 'sweep.cjs'),
      handlerName: 'handler',
      env: {
        STAGE: 'local',
        TABLE_NAME: 'Gen3DTable-local',
        BUCKET: 'gen3d-data-local',
        PREFIX: 'gen3d-local/eu-west-1',
        ARN: 'arn:aws:sns:eu-west-1:000000000000:topic',
      },
      timeoutSeconds: 30,
      memoryMb: 1024,
      events: [
        { schedule: 'rate(5 minutes)' },
        { eventBridge: { pattern: { source: ['aws.s3'], detail: { bucket: { name: ['b'] } } } } },
      ],
    },
  ])
})

test('reads routes with authorizer and cors, and the gateway responses', () => {
  const api = readServerlessApi(join(folder, 'serverless.yml'), {
    params: { origin: 'http://127.0.0.1:4000' },
  })
  expect(api.routes.map(({ method, path, authorizer }) => [method, path, authorizer])).toEqual([
    ['POST', '/get-upload-url', 'cognito'],
    ['GET', '/status/{job_id}', 'cognito'],
    ['GET', '/health', null],
  ])
  expect(api.routes[0].cors).toEqual({
    origins: ['http://127.0.0.1:4000', 'https://*.example.com'],
    headers: ['Content-Type', 'Authorization', 'Idempotency-Key'],
    methods: ['OPTIONS', 'POST'],
    allowCredentials: false,
    maxAgeSeconds: 600,
  })
  expect(api.routes[1].cors?.origins).toEqual(['*'])
  expect(api.gatewayResponses).toEqual({
    DEFAULT_4XX: {
      headers: { 'Access-Control-Allow-Origin': 'http://127.0.0.1:4000' },
      template: '{"error":{"code":"$context.error.responseType","request_id":"$context.requestId"}}',
    },
  })
})

test('fills variables as the framework does', async () => {
  // The framework would ask AWS for these two.
  const offline = yml
    .split('\n')
    .filter((line) => !line.includes('ssm:'))
    .join('\n')
  await writeFile(join(folder, 'offline.yml'), offline)
  const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js')
  const options = ['--config', 'offline.yml', '--stage', 'local', '--format', 'json', '--path', 'functions']
  const text = execFileSync(process.execPath, [cli, 'print', ...options], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SLS_NOTIFICATIONS_MODE: 'off' },
  })
  const printed = JSON.parse(text.slice(text.indexOf('{')))
  const api = readServerlessApi(join(folder, 'offline.yml'), { region: 'eu-west-1' })
  const [wrapper, sweep] = api.functions
  const toTexts = (env: object) =>
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]))
  expect(wrapper.env).toMatchObject(toTexts(printed.wrapper.environment))
  expect(wrapper.name).toBe(printed.wrapper.name)
  expect(printed.wrapper.events[0].http.cors.origins).toEqual(api.routes[0].cors?.origins)
  expect(printed.sweep.events).toEqual(sweep.events)
}, 60_000)

test('refuses by name what it cannot do as AWS would', async () => {
  const withFunction = (more: string) => `
service: s
provider: { name: aws }
functions:
  one:
    handler: src/handler.main
${more}`
  const refusals: [string, RegExp][] = [
    [
      '    environment: { TABLE: !Ref Table }',
      /functions\.one\.environment\.TABLE is a CloudFormation value \(Ref\)/,
    ],
    [`    environment: { A: "\${ssm:/x}" }`, /\$\{ssm:\/x\}: the source ssm is not supported/],
    [
      `    environment: { A: "\${param:absent}" }`,
      /functions\.one\.environment\.A: \$\{param:absent\}: it has no value/,
    ],
    [`    environment: { A: "x-\${env:ABSENT}" }`, /\$\{env:ABSENT\}: it has no value/],
    ['    events: [{ httpApi: "*" }]', /functions\.one\.events\.0\.httpApi is not supported/],
    ['    events: [{ http: { method: get, path: /, authorizer: aws_iam } }]', /only COGNITO_USER_POOLS/],
    ['    events: [{ http: { method: get, path: /, authorizer: own } }]', /only COGNITO_USER_POOLS/],
    [
      '    events: [{ http: { method: get, path: /, integration: mock } }]',
      /integration: mock is not supported/,
    ],
    ['    events: [{ http: { method: get, path: /, private: true } }]', /http\.private is not supported/],
    [
      '    events: [{ http: { method: get, path: /, cors: { exposed: x } } }]',
      /cors\.exposed is not supported/,
    ],
  ]
  for (const [more, message] of refusals) await expect(readYml(withFunction(more))).rejects.toThrow(message)
  await expect(readYml('functions: { f: { handler: src/none.main } }')).rejects.toThrow(/there is no .*none/)
  const loop = `service: s\ncustom: { a: "\${self:custom.b}", b: "\${self:custom.a}" }\nfunctions: { f: { handler: "\${self:custom.a}" } }`
  await expect(readYml(loop)).rejects.toThrow(/refers to itself/)
})
