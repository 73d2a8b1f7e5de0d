/**
 * The bundles as they are deployed, with the stand-ins of deploy/esbuild.yml, loaded in a process of their own and run
 * against the local DynamoDB and S3: what a stand-in broke would show here.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { tableSpec } from '@gen3d/aws/table-spec'
import { startDynamoDb } from '@gen3d/local/dynamodb/dynamodb'
import { ensureTable } from '@gen3d/local/dynamodb/ensure-table'
import { readYaml } from '@gen3d/local/lambda/serverless-yaml'
import { startS3 } from '@gen3d/local/s3/s3-server'
import { ENV } from '@gen3d/shared/names'
import { type BuildOptions, build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const GOAL_BYTES = 500_000
const TABLE = 'Gen3DJobsTable-bundle'
const BUCKET = 'gen3d-data-bucket-bundle'
const KEY = { accessKeyId: 'BUNDLEKEY', secretAccessKey: 'bundle-secret' }

const folder = mkdtempSync(join(tmpdir(), 'gen3d-bundle-'))
let env: Record<string, string> = {}
const stops: (() => Promise<void>)[] = []

async function bundle(service: 'api' | 'notify'): Promise<string> {
  const absWorkingDir = join(ROOT, 'services', service)
  const options = readYaml(join(ROOT, 'deploy', 'esbuild.yml')) as BuildOptions
  const alias = Object.fromEntries(
    Object.entries(options.alias ?? {}).map(([name, path]) => [name, resolve(absWorkingDir, path)]),
  )
  const outfile = join(folder, `${service}.cjs`)
  const entryPoints = [join(absWorkingDir, 'src', 'handler.ts')]
  const { minify, platform, format, target, mainFields, legalComments } = options
  await build({
    ...{ absWorkingDir, alias, outfile, entryPoints, bundle: true, logLevel: 'error' },
    ...{ minify, platform, format, target, mainFields, legalComments },
  })
  return outfile
}

/** Runs a bundle's handler with each event in one process and returns the answers. */
async function run(
  file: string,
  events: readonly unknown[],
): Promise<{ statusCode: number; body: string }[]> {
  const answers = join(folder, 'answers.json')
  const program = `
    const { main } = require(${JSON.stringify(file)});
    (async () => {
      const answers = [];
      for (const event of ${JSON.stringify(events)}) answers.push((await main(event, {})) ?? null);
      require('node:fs').writeFileSync(${JSON.stringify(answers)}, JSON.stringify(answers));
    })();`
  const script = join(folder, 'run.cjs')
  writeFileSync(script, program)
  // Not the synchronous one: S3 answers in this very process.
  await promisify(execFile)(process.execPath, [script], { env: { ...process.env, ...env }, timeout: 20_000 })
  return JSON.parse(readFileSync(answers, 'utf8'))
}

beforeAll(async () => {
  const dynamodb = await startDynamoDb({ folder: join(folder, 'dynamodb'), port: 0 })
  stops.push(() => dynamodb.stop())
  await ensureTable(dynamodb.endpoint, tableSpec(TABLE) as Parameters<typeof ensureTable>[1])
  const s3 = await startS3({
    folder: join(folder, 's3'),
    port: 0,
    region: 'us-east-1',
    buckets: [BUCKET],
    keyOf: (id) => (id === KEY.accessKeyId ? KEY : undefined),
  })
  stops.push(() => s3.stop())
  env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    [ENV.bucket]: BUCKET,
    [ENV.table]: TABLE,
    [ENV.engine]: 'preview',
    [ENV.inferenceTarget]: 'lambda:Gen3DPreviewLambda',
    [ENV.maxJobsPerDay]: '10',
    [ENV.maxJobsInFlight]: '2',
    [ENV.maxGpuSecondsPerMonth]: '1000',
    [ENV.requestTtlSeconds]: '600',
    [ENV.engineTimeoutSeconds]: '60',
    [ENV.inFlightPerInstance]: '4',
    [ENV.siteOrigin]: 'https://gen3d.example',
    [ENV.siteUrl]: 'https://gen3d.example/',
    [ENV.userPoolId]: 'us-east-1_x',
  }
})
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
  rmSync(folder, { recursive: true, force: true })
})

const sample = (path: string) => JSON.parse(readFileSync(join(ROOT, 'services', path), 'utf8'))

describe('bundles', () => {
  it('of the API: small, and at work with what it leaves out', async () => {
    const file = await bundle('api')
    expect(readFileSync(file).length).toBeLessThanOrEqual(GOAL_BYTES)
    const upload = sample('api/events/post-get-upload-url.json')
    const [opened, capabilities] = await run(file, [upload, sample('api/events/get-capabilities.json')])
    expect(capabilities.statusCode).toBe(200)
    expect(opened.statusCode).toBe(200)
    const { session_id, upload: form } = JSON.parse(opened.body)
    const body = new FormData()
    for (const [name, value] of Object.entries(form.fields as Record<string, string>))
      body.append(name, value)
    body.append('file', new Blob([new Uint8Array(204_800)]), 'chair.jpg')
    expect((await fetch(form.url, { method: 'POST', body })).status).toBe(204)
    const ask = (method: string, resource: string, more: object) => ({
      ...upload,
      ...{ httpMethod: method, resource, ...more },
    })
    const pathParameters = { session_id }
    const [refused, session, deleted, gone] = await run(file, [
      ask('POST', '/initialize', { body: JSON.stringify({ session_id }) }),
      ask('GET', '/sessions/{session_id}', { pathParameters }),
      ask('DELETE', '/sessions/{session_id}', { pathParameters }),
      ask('GET', '/sessions/{session_id}', { pathParameters }),
    ])
    expect(JSON.parse(refused.body).error).toMatchObject({ code: 'invalid_photo', field: 'session_id' })
    expect(JSON.parse(session.body)).toMatchObject({ session_id, state: 'NEW' })
    expect([deleted.statusCode, gone.statusCode]).toEqual([202, 404])
  })

  it('of notify: small, and at work with what it leaves out', async () => {
    const file = await bundle('notify')
    expect(readFileSync(file).length).toBeLessThanOrEqual(GOAL_BYTES)
    const names = ['scheduled', 'manifest-created', 'engine-failure-created', 'endpoint-failure-created']
    const answers = await run(
      file,
      names.map((name) => sample(`notify/events/${name}.json`)),
    )
    expect(answers).toEqual([null, null, null, null])
  })

  it('name the variable that is missing', async () => {
    const file = join(folder, 'api.cjs')
    const whole = env
    env = { ...whole, [ENV.bucket]: '' }
    await expect(run(file, [])).rejects.toThrow(`The environment variable ${ENV.bucket} is missing.`)
    env = { ...whole, [ENV.maxJobsPerDay]: 'many' }
    await expect(run(file, [])).rejects.toThrow(`${ENV.maxJobsPerDay} must be a whole number, not "many".`)
    env = whole
  })
})
