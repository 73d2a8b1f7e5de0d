/**
 * A real deployment into an emulator of AWS: deploy, deploy again, change parameters, switch the engine, remove; and in
 * between the whole job of a person against what stands there, with either engine's wiring.
 */
import { validateBytes } from 'gltf-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeDeployment } from '../../../packages/cli/src/admin/remove.ts'
import { createAsk } from '../seed-ask.ts'
import { SEED_ROWS } from '../seed-rows.ts'
import { SERVICE_NAMES, SERVICES } from '../templates.ts'
import { setParameters } from '../tree.ts'
import { runBrowserJob } from './browser-job.ts'
import { type Deployment, ENDPOINT, openDeployment } from './deployment.ts'
import { createTerminal, doctorSteps, engineSteps, PLACE, wrongLines } from './operator-steps.ts'
import { roleSteps } from './role-steps.ts'
import { runWholeJob } from './whole-job.ts'

const MINUTES = 60_000
/** Anybody may sign up, and mails go out: what the whole job needs beyond the defaults. */
const OPEN = {
  signUp: 'open',
  billingMode: 'PAY_PER_REQUEST',
  mailFrom: 'gen3d@example.com',
  mailIdentity: 'example.com',
}
let deployment: Deployment

beforeAll(async () => {
  deployment = await openDeployment()
}, 2 * MINUTES)

afterAll(async () => {
  await deployment?.stop()
})

/** Name and time of the last change of each stack, and the site's objects with their contents' hashes. */
async function snapshot() {
  const stacks = await Promise.all(
    SERVICE_NAMES.map((name) => deployment.account.stackChanged(`gen3d-${name}-prod`)),
  )
  const { objects } = await deployment.bucket()
  const site: Record<string, string> = {}
  for await (const { key } of objects.list('public/')) site[key] = (await objects.head(key))?.etag ?? ''
  return { stacks, site }
}

async function openAsk() {
  const { BucketName, UserPoolId } = await deployment.outputs()
  return createAsk(deployment.calls, BucketName, UserPoolId)
}

test('a wrong parameter stops the deploy before anything is made', { timeout: 3 * MINUTES }, async () => {
  const { code, output } = await deployment.sls(
    ['deploy', '--param', 'billingMode=ON_DEMAND'],
    SERVICES.foundation,
  )
  expect(code).not.toBe(0)
  expect(output).toContain('billingMode must be one of PROVISIONED, PAY_PER_REQUEST, not "ON_DEMAND".')
  expect(await deployment.account.stackOutputs('gen3d-foundation-prod')).toBeNull()
})

test('sls deploy --stage prod makes everything and says where it is', { timeout: 20 * MINUTES }, async () => {
  const { code, output } = await deployment.sls(['deploy'])
  expect(output).not.toContain('failed to deploy')
  expect(code, output).toBe(0)
  const outputs = await deployment.outputs()
  expect(output).toContain(`Site  ${outputs.SiteUrl}`)
  expect(output).toContain(`API   ${outputs.ApiUrl}`)
  expect(output).toContain('Make an account:  gen3d admin user EMAIL --stage prod --region us-east-1')
  expect(output).toContain('Check everything: gen3d admin doctor --stage prod --region us-east-1')
  expect(outputs.SiteUrl).toBe(
    'http://gen3d-data-bucket-000000000000-prod.s3-website-us-east-1.amazonaws.com/public/',
  )
})

test('every row of the seed’s table stands in the emulator', { timeout: MINUTES }, async () => {
  const ask = await openAsk()
  for (const { row, held, as, gpu } of SEED_ROWS) if (!gpu) expect.soft(await held(ask), row).toEqual(as)
})

test('the site is published: page, config.json of this deployment, redirect, cache rules', async () => {
  await deployment.play()
  const outputs = await deployment.outputs()
  const get = (path: string) => fetch(`${deployment.site}${path}`, { redirect: 'manual' })
  expect(await deployment.siteConfig()).toMatchObject({
    api_url: deployment.apiUrl,
    user_pool_id: outputs.UserPoolId,
    app_client_id: outputs.AppClientId,
    sign_up: 'invitation',
  })
  const page = await get('/public/')
  expect(page.headers.get('cache-control')).toBe('no-cache')
  expect(page.headers.get('content-type')).toMatch(/^text\/html/)
  const html = await page.text()
  expect(html).toContain(new URL(deployment.apiUrl).origin)
  const root = await get('/')
  expect([root.status, root.headers.get('location')]).toEqual([301, '/public/'])
  const script = await get(`/public/${/assets\/[^"]+\.js/.exec(html)?.[0]}`)
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(script.headers.get('content-type')).toMatch(/javascript/)
  // A deep link gets the page; nothing else of the bucket is read by anybody.
  expect(await (await get('/public/nowhere')).text()).toBe(html)
  expect((await fetch(`${deployment.emulator.url}/${outputs.BucketName}/users/anna/photo`)).status).toBe(403)
})

test('the same again changes nothing', { timeout: 20 * MINUTES }, async () => {
  const before = await snapshot()
  const { code, output } = await deployment.sls(['deploy'])
  expect(code, output).toBe(0)
  expect(await snapshot()).toEqual(before)
})

test('parameters are changed by deploys of single services, and nothing is lost by it', {
  timeout: 10 * MINUTES,
}, async () => {
  const { objects } = await deployment.bucket()
  await objects.put('users/somebody/photo', 'kept', { contentType: 'text/plain' })
  const change = (service: keyof typeof SERVICES, names: readonly (keyof typeof OPEN)[]) =>
    deployment.sls(
      ['deploy', ...names.flatMap((name) => ['--param', `${name}=${OPEN[name]}`])],
      SERVICES[service],
    )
  const done = await Promise.all([
    change('foundation', ['signUp', 'billingMode']),
    change('api', ['mailFrom']),
    change('notify', ['mailFrom', 'mailIdentity']),
  ])
  for (const { code, output } of done) expect(code, output).toBe(0)
  expect(await objects.head('users/somebody/photo')).not.toBeNull()
})

test('engine preview: a new person gets from a photo to files and one mail', {
  timeout: 3 * MINUTES,
}, async () => {
  const { files, mails, client } = await runWholeJob(deployment)
  expect(Object.keys(files).sort()).toEqual(['glb', 'ply', 'png'])
  expect(mails.map(({ Subject }) => Subject)).toHaveLength(1)
  expect(mails[0].BodyText).toContain((await deployment.outputs()).SiteUrl)
  expect(mails[0].BodyText).not.toContain('X-Amz-Signature')
  expect((await client.readCapabilities()).engine).toBe('preview')
  expect(deployment.functions.ran()).toEqual(
    expect.arrayContaining(['Gen3DWrapperLambda', 'Gen3DNotifyLambda', 'Gen3DPreviewLambda']),
  )
})

test('the same on the published page, in a browser', { timeout: 3 * MINUTES }, async () => {
  const { mesh, complaints, url } = await runBrowserJob(deployment)
  expect(url.startsWith((await deployment.outputs()).SiteUrl)).toBe(true)
  expect((await validateBytes(mesh)).issues.numErrors).toBe(0)
  expect(complaints).toEqual([])
})

roleSteps(() => deployment)

doctorSteps(() => deployment)

test('engine sam3d in deploy/parameters.yml: it deploys without image and weights, and says what is missing', {
  timeout: 15 * MINUTES,
}, async () => {
  setParameters(deployment.tree, 'prod', { ...OPEN, engine: 'sam3d' })
  const { code, output } = await deployment.sls(['deploy'])
  expect(code, output).toBe(0)
  expect(output).toContain('The engine has no image yet:   gen3d admin image --stage prod --region us-east-1')
  expect(output).toContain(
    'The engine has no weights yet: gen3d admin weights --stage prod --region us-east-1',
  )
  expect(await deployment.outputs('inference')).not.toHaveProperty('EndpointName')
  await deployment.play()
  expect((await deployment.siteConfig()).sign_up).toBe('open')
  const doctor = await deployment.gen3d(['admin', 'doctor', ...PLACE])
  expect(wrongLines(doctor.output), doctor.output).toEqual(['image', 'weights'])
})

engineSteps(() => deployment)

test('with both, the next deploy starts the endpoint, although no file changed', {
  timeout: 10 * MINUTES,
}, async () => {
  const { code, output } = await deployment.sls(['deploy'], SERVICES.inference)
  expect(code, output).toBe(0)
  expect(await deployment.outputs('inference')).toMatchObject({ EndpointName: ENDPOINT })
  const ask = await openAsk()
  for (const { row, held, as, gpu } of SEED_ROWS) if (gpu) expect.soft(await held(ask), row).toEqual(as)
})

test('engine sam3d: the same job through the asynchronous endpoint', { timeout: 5 * MINUTES }, async () => {
  const endpoint = await deployment.playEndpoint()
  const { files, mails, client } = await runWholeJob(deployment)
  expect(Object.keys(files).sort()).toEqual(['glb', 'ply', 'png'])
  expect(mails).toHaveLength(1)
  expect((await client.readCapabilities()).engine).toBe('sam3d')
  expect(endpoint.state()[0].cold_starts).toHaveLength(1)
  const doctor = await deployment.gen3d(['admin', 'doctor', ...PLACE])
  expect(wrongLines(doctor.output), doctor.output).toEqual([])
  expect(doctor.output).toMatch(/^ok {4}quota/m)
})

test('another machine type is refused while the endpoint scales', { timeout: 3 * MINUTES }, async () => {
  const { code, output } = await deployment.sls(
    ['deploy', '--param', 'instanceType=ml.g5.4xlarge'],
    SERVICES.inference,
  )
  expect(code).not.toBe(0)
  expect(output).toContain('Set engine: preview, deploy, change instanceType, set engine: sam3d, deploy.')
})

test('gen3d admin remove takes the stacks away and keeps what holds data', {
  timeout: 10 * MINUTES,
}, async () => {
  const { place, tree, emulator, account } = deployment
  const { objects } = await deployment.bucket()
  const { terminal, notes } = createTerminal({ env: { ...process.env, ...emulator.env } })
  await expect(removeDeployment(place, 'dev', terminal, tree)).rejects.toThrow('Nothing was removed')
  await removeDeployment(place, 'prod', terminal, tree)
  expect(notes()).toContain('bucket gen3d-data-bucket-000000000000-prod')
  for (const name of SERVICE_NAMES) expect(await account.stackOutputs(`gen3d-${name}-prod`)).toBeNull()
  expect(await objects.head('users/somebody/photo')).not.toBeNull()
  expect(await objects.head('public/index.html')).toBeNull()
  expect(await objects.head('index.html')).toBeNull()
  // The kept bucket's name is not free for the next deploy.
  const doctor = await deployment.gen3d(['admin', 'doctor', ...PLACE])
  expect(wrongLines(doctor.output), doctor.output).toEqual(['region', 'bucket name'])
})
