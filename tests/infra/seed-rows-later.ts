/** Phases 5 to 8 of the seed's table: table, Lambdas, API, page. */
import { type Ask, type Fields, pick, type SeedRow } from './seed-ask.ts'

const table = async ({ json }: Ask) =>
  (await json('dynamodb', 'DynamoDB_20120810.DescribeTable', { TableName: 'Gen3DJobsTable' })).Table as Fields
const lambda = (name: string, at: string): SeedRow => ({
  phase: 6,
  row: name,
  at,
  held: async ({ rest }) =>
    pick(
      (await rest<Fields>('lambda', `/2015-03-31/functions/${name}`)).Configuration,
      'Runtime',
      'Architectures',
    ),
  as: { Runtime: 'nodejs24.x', Architectures: ['arm64'] },
})
const api = async ({ rest }: Ask) => {
  const { item } = await rest<{ item: { name: string; id: string }[] }>('apigateway', '/restapis?limit=500')
  return item.find(({ name }) => name === 'gen3d-api')?.id
}
const published = (key: string, type: RegExp): SeedRow => ({
  phase: 8,
  row: `public/${key}`,
  at: 'web.SiteRecord',
  held: async ({ settings, bucket: _ }) => {
    const list = await settings('list-type=2&prefix=public/')
    return list.split('<Key>').some((part) => type.test(part.split('</Key>')[0]))
  },
  as: true,
})

export const LATER_ROWS: readonly SeedRow[] = [
  {
    phase: 5,
    row: 'Gen3DJobsTable, job_id',
    at: 'foundation.JobsTable',
    held: async (ask) => pick(await table(ask), 'KeySchema'),
    as: { KeySchema: [{ AttributeName: 'job_id', KeyType: 'HASH' }] },
  },
  {
    phase: 5,
    row: 'user-index',
    at: 'foundation.JobsTable',
    held: async (ask) =>
      ((await table(ask)).GlobalSecondaryIndexes as Fields[]).find(
        ({ IndexName }) => IndexName === 'user-index',
      )?.KeySchema,
    as: [
      { AttributeName: 'user_id', KeyType: 'HASH' },
      { AttributeName: 'created_at', KeyType: 'RANGE' },
    ],
  },
  {
    phase: 5,
    row: 'TTL expires_at',
    at: 'foundation.JobsTable',
    held: async ({ recorded }) =>
      ((await recorded('AWS::DynamoDB::Table', 'TableName', 'Gen3DJobsTable')) as Fields)
        .TimeToLiveSpecification,
    as: { AttributeName: 'expires_at', Enabled: true },
  },
  ...['Read', 'Write'].map(
    (kind): SeedRow => ({
      phase: 5,
      row: `scaling 5-100, ${kind.toLowerCase()}`,
      at: `foundation.Table${kind}Target`,
      held: async ({ recorded }) =>
        pick(
          await recorded(
            'AWS::ApplicationAutoScaling::ScalableTarget',
            'ScalableDimension',
            `dynamodb:table:${kind}CapacityUnits`,
          ),
          ...['ResourceId', 'MinCapacity', 'MaxCapacity'],
        ),
      as: { ResourceId: 'table/Gen3DJobsTable', MinCapacity: 5, MaxCapacity: 100 },
    }),
  ),

  lambda('Gen3DWrapperLambda', 'api.WrapperLambdaFunction'),
  lambda('Gen3DNotifyLambda', 'notify.NotifyLambdaFunction'),
  {
    phase: 6,
    row: 'the bucket’s events reach Gen3DNotifyLambda',
    at: 'foundation.DataBucket',
    held: async ({ json, settings }) => {
      const { Rules } = await json('events', 'AWSEvents.ListRules', {})
      const rule = (Rules as { Name: string; EventPattern?: string }[]).find(({ EventPattern }) =>
        EventPattern?.includes('Object Created'),
      )
      const { Targets } = await json('events', 'AWSEvents.ListTargetsByRule', { Rule: rule?.Name })
      return {
        bucket: (await settings('notification')).includes('EventBridgeConfiguration'),
        target: (Targets as { Arn: string }[]).map(({ Arn }) => Arn.split(':').at(-1)),
      }
    },
    as: { bucket: true, target: ['Gen3DNotifyLambda'] },
  },

  {
    phase: 7,
    row: 'REST API gen3d-api with the seed’s routes behind the user pool',
    at: 'api.ApiGatewayRestApi',
    held: async (ask) => {
      const { item } = await ask.rest<{
        item: { path: string; resourceMethods?: Record<string, { authorizationType: string }> }[]
      }>('apigateway', `/restapis/${await api(ask)}/resources?embed=methods&limit=500`)
      const wanted = ['/initialize', '/reconstruct', '/status/{job_id}', '/get-upload-url']
      return wanted.map((path) => {
        const methods = item.find((one) => one.path === path)?.resourceMethods ?? {}
        return Object.entries(methods)
          .map(([method, { authorizationType }]) => `${method} ${path} ${authorizationType}`)
          .sort()
      })
    },
    as: [
      ['OPTIONS /initialize NONE', 'POST /initialize COGNITO_USER_POOLS'],
      ['OPTIONS /reconstruct NONE', 'POST /reconstruct COGNITO_USER_POOLS'],
      ['GET /status/{job_id} COGNITO_USER_POOLS', 'OPTIONS /status/{job_id} NONE'],
      ['OPTIONS /get-upload-url NONE', 'POST /get-upload-url COGNITO_USER_POOLS'],
    ],
  },
  {
    phase: 7,
    row: 'stage prod, 50 a second, bursts of 100',
    at: 'api.Stage',
    held: async (ask) => {
      const { methodSettings } = await ask.rest<{ methodSettings: Record<string, Fields> }>(
        'apigateway',
        `/restapis/${await api(ask)}/stages/prod`,
      )
      return pick(methodSettings['*/*'], 'throttlingRateLimit', 'throttlingBurstLimit')
    },
    as: { throttlingRateLimit: 50, throttlingBurstLimit: 100 },
  },

  published('index.html', /^public\/index\.html$/),
  published('styles', /^public\/assets\/.+\.css$/),
  published('script', /^public\/assets\/.+\.js$/),
  published('config.json: the ids', /^public\/config\.json$/),
]
