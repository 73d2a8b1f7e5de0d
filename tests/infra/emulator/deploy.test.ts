/** A real deployment into an emulator of AWS: deploy, deploy again, change a parameter, switch the engine, remove. */
import { join } from 'node:path'
import { openAccount } from '@gen3d/aws/admin/account'
import { openBucket } from '@gen3d/aws/admin/bucket'
import { createBuilds } from '@gen3d/aws/admin/builds'
import { createOperator } from '@gen3d/aws/admin/operator'
import { readSiteConfig } from '@gen3d/shared/site-config'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeRemoval } from '../../../packages/cli/src/admin/remove.ts'
import { ensureUser } from '../../../packages/cli/src/admin/user.ts'
import { runServerless, SERVICE_NAMES, SERVICES } from '../templates.ts'
import { makeTree } from '../tree.ts'
import { type Emulator, startEmulator } from './emulator.ts'

const MINUTES = 60_000
const credentials = async () => ({ accessKeyId: 'emulator', secretAccessKey: 'emulator' })
let emulator: Emulator
let tree = ''
const account = openAccount({ region: 'us-east-1', credentials })
const place = { stage: 'prod', region: 'us-east-1', account }

beforeAll(async () => {
  emulator = await startEmulator()
  // Both the child processes and the calls of this process go to the emulator.
  process.env.AWS_ENDPOINT_URL = emulator.url
  tree = makeTree('deploy')
}, 2 * MINUTES)

afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL
  await emulator?.stop()
})

const sls = (args: readonly string[], service = '') =>
  runServerless([...args, '--stage', 'prod'], join(tree, service), emulator.env, 10 * MINUTES)

async function deployed() {
  const outputs = await account.stackOutputs('gen3d-web-prod')
  if (!outputs) throw new Error('the page is not deployed')
  return { outputs, bucket: openBucket(outputs.BucketName, { region: 'us-east-1', credentials }) }
}

/** Name and time of the last change of each stack, and the site's objects with their contents' hashes. */
async function snapshot() {
  const stacks = await Promise.all(SERVICE_NAMES.map((name) => account.stackChanged(`gen3d-${name}-prod`)))
  const { bucket } = await deployed()
  const site: Record<string, string> = {}
  for await (const { key } of bucket.objects.list('public/'))
    site[key] = (await bucket.objects.head(key))?.etag ?? ''
  return { stacks, site }
}

test('a wrong parameter stops the deploy before anything is made', { timeout: 3 * MINUTES }, async () => {
  const { code, output } = await sls(['deploy', '--param', 'billingMode=ON_DEMAND'], SERVICES.foundation)
  expect(code).not.toBe(0)
  expect(output).toContain('billingMode must be one of PROVISIONED, PAY_PER_REQUEST, not "ON_DEMAND".')
  expect(await account.stackOutputs('gen3d-foundation-prod')).toBeNull()
})

test('sls deploy --stage prod makes everything and says where it is', { timeout: 20 * MINUTES }, async () => {
  const { code, output } = await sls(['deploy'])
  expect(output).not.toContain('failed to deploy')
  expect(code, output).toBe(0)
  const { outputs } = await deployed()
  expect(output).toContain(`Site  ${outputs.SiteUrl}`)
  expect(output).toContain(`API   ${outputs.ApiUrl}`)
  expect(output).toContain('gen3d admin doctor --stage prod --region us-east-1')
  expect(outputs.SiteUrl).toBe(
    'http://gen3d-data-bucket-000000000000-prod.s3-website-us-east-1.amazonaws.com/public/',
  )
})

test('the site is published: page, config.json of this deployment, redirect, cache rules', async () => {
  const { outputs, bucket } = await deployed()
  const read = async (key: string) =>
    new TextDecoder().decode((await bucket.objects.get(key)) ?? new Uint8Array())
  const config = readSiteConfig(JSON.parse(await read('public/config.json')))
  expect(config).toMatchObject({
    api_url: outputs.ApiUrl,
    user_pool_id: outputs.UserPoolId,
    app_client_id: outputs.AppClientId,
    sign_up: 'invitation',
  })
  expect(await read('public/index.html')).toContain(new URL(outputs.ApiUrl).origin)
  const headers = async (key: string) => (await fetch(`${emulator.url}/${outputs.BucketName}/${key}`)).headers
  const page = await headers('public/index.html')
  expect(page.get('cache-control')).toBe('no-cache')
  expect(page.get('content-type')).toMatch(/^text\/html/)
  expect((await headers('index.html')).get('x-amz-website-redirect-location')).toBe('/public/')
  const [asset] = (await read('public/index.html')).match(/assets\/[^"]+\.js/) ?? ['']
  const script = await headers(`public/${asset}`)
  expect(script.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(script.get('content-type')).toMatch(/javascript/)
})

test('the same again changes nothing', { timeout: 20 * MINUTES }, async () => {
  const before = await snapshot()
  const { code, output } = await sls(['deploy'])
  expect(code, output).toBe(0)
  expect(await snapshot()).toEqual(before)
})

test('the operator’s calls reach it: a user, the quotas of a queue, what a removal would keep', async () => {
  expect(await ensureUser(place, 'a@example.com', true)).toHaveLength(20)
  const again = await ensureUser(place, 'a@example.com', true)
  expect(again).toHaveLength(20)
  const operator = createOperator(account, 'prod')
  const notify = await operator.outputs('notify')
  expect(await operator.messagesIn(notify?.DeadLettersUrl ?? '')).toBe(0)
  expect((await operator.identity()).account).toBe('000000000000')
  const { text } = await describeRemoval(place)
  expect(text).toContain('bucket gen3d-data-bucket-000000000000-prod')
})

test('a parameter is changed by a deploy, and nothing is lost by it', { timeout: 5 * MINUTES }, async () => {
  const { bucket } = await deployed()
  await bucket.objects.put('users/somebody/photo', 'kept', { contentType: 'text/plain' })
  const { code, output } = await sls(
    ['deploy', '--param', 'billingMode=PAY_PER_REQUEST'],
    SERVICES.foundation,
  )
  expect(code, output).toBe(0)
  expect(await bucket.objects.head('users/somebody/photo')).not.toBeNull()
})

test('sam3d without an image deploys and waits; with image and weights the endpoint stands', {
  timeout: 10 * MINUTES,
}, async () => {
  const switched = await sls(['deploy', '--param', 'engine=sam3d'], SERVICES.inference)
  expect(switched.code, switched.output).toBe(0)
  expect(await account.stackOutputs('gen3d-inference-prod')).not.toHaveProperty('EndpointName')
  const builds = createBuilds(account, 'prod')
  await builds.record('image-uri', '000000000000.dkr.ecr.us-east-1.amazonaws.com/gen3d-sagemaker@sha256:aa')
  await builds.record('weights', 'ab'.repeat(32))
  // No file changed: the deploy must look at the account all the same.
  const woken = await sls(['deploy', '--param', 'engine=sam3d'], SERVICES.inference)
  expect(woken.code, woken.output).toBe(0)
  expect(await account.stackOutputs('gen3d-inference-prod')).toMatchObject({
    EndpointName: 'gen3d-sam3-sam3d-endpoint',
  })
})

test('sls remove takes the stacks away and keeps what holds data', { timeout: 10 * MINUTES }, async () => {
  const { bucket } = await deployed()
  const { code, output } = await sls(['remove'])
  expect(code, output).toBe(0)
  for (const name of SERVICE_NAMES) expect(await account.stackOutputs(`gen3d-${name}-prod`)).toBeNull()
  expect(await bucket.objects.head('users/somebody/photo')).not.toBeNull()
  expect(await bucket.objects.head('public/index.html')).toBeNull()
  expect(await bucket.objects.head('index.html')).toBeNull()
})
