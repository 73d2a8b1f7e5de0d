import type { Operator } from '@gen3d/aws/admin/operator'
import { expect, test } from 'vitest'
import { examine, type Outside } from './doctor.ts'

const URL_OF_SITE = 'https://d1.cloudfront.net/'
const API = 'https://a1.execute-api.us-east-1.amazonaws.com/prod'
const CONFIG = {
  api_url: API,
  region: 'us-east-1',
  user_pool_id: 'us-east-1_Pool',
  app_client_id: 'c',
  storage_origins: ['https://b.s3.us-east-1.amazonaws.com'],
}
const OUTPUTS: Record<string, Record<string, string>> = {
  foundation: { BucketName: 'gen3d-data-bucket-1-prod' },
  inference: {
    InstanceType: 'ml.g5.2xlarge',
    EndpointName: 'gen3d-sam3-sam3d-endpoint',
    EndpointConfigName: 'configuration-2',
  },
  api: { ApiUrl: API },
  notify: { DeadLettersUrl: 'https://sqs/dead', MailFrom: 'gen3d@example.com', MailIdentity: 'example.com' },
  web: { Engine: 'sam3d', SiteUrl: URL_OF_SITE, ApiUrl: API, UserPoolId: 'us-east-1_Pool' },
}

function healthy(outputs: typeof OUTPUTS = OUTPUTS): Operator {
  return {
    stage: 'prod',
    region: 'us-east-1',
    identity: async () => ({ account: '1', arn: 'arn:aws:iam::1:user/operator' }),
    outputs: async (service) => outputs[service] ?? null,
    recorded: async () => 'ab'.repeat(32),
    bucketState: async () => 'ours',
    endpointQuota: async () => 1,
    endpoint: async () => ({ status: 'InService', reason: '', configuration: 'configuration-2' }),
    mailSandbox: async () => false,
    mailVerified: async () => true,
    messagesIn: async () => 0,
  }
}

const answers = (config: string | null): Outside => ({
  smoke: async () => 'embedded a photo in 3 s',
  async get(url) {
    if (url === URL_OF_SITE) return { status: 200, text: '<html>' }
    if (url === `${URL_OF_SITE}config.json`)
      return config ? { status: 200, text: config } : { status: 404, text: '' }
    return url === `${API}/capabilities` ? { status: 401, text: '{}' } : null
  },
})
const outside = answers(JSON.stringify(CONFIG))
const replaced = (service: string, change: Record<string, string>) => ({
  ...OUTPUTS,
  [service]: { ...OUTPUTS[service], ...change },
})
const { EndpointName: _, ...withoutEndpoint } = OUTPUTS.inference

test('a healthy deployment is all ok', async () => {
  const findings = await examine(healthy(), outside)
  expect(findings.filter(({ ok }) => !ok)).toEqual([])
  expect(findings.map(({ check }) => check)).toEqual([
    'credentials',
    'stacks',
    'bucket',
    'quota',
    'image',
    'weights',
    'endpoint',
    'mail',
    'site',
    'config.json',
    'API',
    'dead letters',
    'job',
  ])
})

const BROKEN: [string, Operator, Outside, string, RegExp][] = [
  [
    'the wrong region',
    { ...healthy({}), region: 'eu-west-1', bucketState: async () => 'free' },
    outside,
    'region',
    /--region/,
  ],
  [
    'credentials that have expired',
    { ...healthy(), identity: () => Promise.reject(new Error('ExpiredToken')) },
    outside,
    'credentials',
    /Sign in again/,
  ],
  [
    'no quota',
    { ...healthy(), endpointQuota: async () => 0 },
    outside,
    'quota',
    /Service Quotas.*ml\.g5\.2xlarge for endpoint usage/,
  ],
  [
    'missing weights',
    {
      ...healthy({ ...OUTPUTS, inference: withoutEndpoint }),
      recorded: async (name) => (name === 'weights' ? 'none' : 'x'),
    },
    outside,
    'weights',
    /gen3d admin weights --stage prod --region us-east-1/,
  ],
  [
    'a missing image',
    {
      ...healthy({ ...OUTPUTS, inference: withoutEndpoint }),
      recorded: async (name) => (name === 'image-uri' ? 'none' : 'x'),
    },
    outside,
    'image',
    /gen3d admin image --stage prod --region us-east-1/,
  ],
  [
    'the sandbox of SES',
    { ...healthy(), mailSandbox: async () => true },
    outside,
    'mail',
    /production access/,
  ],
  [
    'a bucket name that is taken',
    { ...healthy({}), bucketState: async () => 'taken' },
    outside,
    'bucket name',
    /Set bucketName/,
  ],
  [
    'a failed endpoint',
    { ...healthy(), endpoint: async () => ({ status: 'Failed', reason: 'ping', configuration: '' }) },
    outside,
    'endpoint',
    /\/aws\/sagemaker\/Endpoints\/gen3d-sam3-sam3d-endpoint/,
  ],
  [
    'an endpoint that went back in silence',
    {
      ...healthy(),
      endpoint: async () => ({ status: 'InService', reason: '', configuration: 'configuration-1' }),
    },
    outside,
    'endpoint',
    /log group.*then: sls deploy --stage prod$/,
  ],
  ['a site without its config', healthy(), answers(null), 'config.json', /sls deploy/],
  ['dead letters', { ...healthy(), messagesIn: async () => 3 }, outside, 'dead letters', /Read them/],
  [
    'an address that SES has not verified',
    { ...healthy(), mailVerified: async () => false },
    outside,
    'mail',
    /DKIM/,
  ],
  [
    'a stack that is missing',
    healthy({ ...OUTPUTS, api: undefined as never }),
    outside,
    'stacks',
    /Deploy again/,
  ],
  [
    'a site of another deployment',
    healthy(),
    answers(JSON.stringify({ ...CONFIG, user_pool_id: 'x' })),
    'config.json',
    /Publish it again/,
  ],
]

test.each(BROKEN)('%s is named with the one thing to do', async (_name, operator, world, check, todo) => {
  const wrong = (await examine(operator, world)).filter(({ ok }) => !ok)
  // A region without the stage also says whether the name of its bucket is free.
  const [first] = wrong.filter((finding) => finding.check === check)
  expect(first?.todo).toMatch(todo)
  expect(wrong.filter((finding) => !['region'].includes(finding.check) || check === 'region')).toHaveLength(1)
})

test('a website without https is fine and says what it means', async () => {
  const site = 'http://b.s3-website-us-east-1.amazonaws.com/public/'
  const findings = await examine(healthy(replaced('web', { SiteUrl: site, Engine: 'preview' })), {
    smoke: null,
    get: async (url) =>
      url.endsWith('/capabilities')
        ? { status: 401, text: '' }
        : { status: 200, text: JSON.stringify(CONFIG) },
  })
  expect(findings.filter(({ ok }) => !ok)).toEqual([])
  expect(findings.find(({ check }) => check === 'site')?.todo).toContain('cloudfront')
})
