/**
 * One deployment into the emulator: the emulator holds what `sls deploy` made, packages/local plays API Gateway, Lambda,
 * SageMaker and the website for it. docs/operations/verification.md says who plays what.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openAccount } from '@gen3d/aws/admin/account'
import { openBucket } from '@gen3d/aws/admin/bucket'
import { startDeployedApi } from '@gen3d/local/deployed/api'
import { type AwsCalls, openAwsCalls } from '@gen3d/local/deployed/aws-calls'
import { startDeployedEndpoint } from '@gen3d/local/deployed/endpoint'
import { startFunctionHost } from '@gen3d/local/deployed/function-host'
import { startWebsite } from '@gen3d/local/deployed/website'
import { bundleProgram } from '@gen3d/local/lambda/bundle'
import { pickPorts } from '@gen3d/local/ports'
import { readSiteConfig, type SiteConfig } from '@gen3d/shared/site-config'
import { startHub } from '../../../packages/cli/src/admin/test-hub.ts'
import { makeSmallWeights } from '../../../packages/cli/src/admin/test-weights.ts'
import { ROOT } from '../../../scripts/steps.ts'
import { runServerless } from '../templates.ts'
import { makeTree } from '../tree.ts'
import { OPERATOR, startEmulator } from './emulator.ts'

const MINUTES = 60_000
const REGION = 'us-east-1'
const STAGE = 'prod'
const FIRST_PORT = 8700
export const ENDPOINT = 'gen3d-sam3-sam3d-endpoint'

export type Deployment = Awaited<ReturnType<typeof openDeployment>>

/** Starts the emulator and everything beside it that does not wait for a deploy. */
export async function openDeployment() {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-deployed-'))
  const lines: string[] = []
  const log = (line: string) => void lines.push(line)
  const [apiPort, sitePort, endpointPort] = await pickPorts(FIRST_PORT, 3, false)
  let emulatorUrl = ''
  const endpointUrl = `http://127.0.0.1:${endpointPort}`
  const functions = await startFunctionHost({
    folder: join(folder, 'functions'),
    port: 0,
    log,
    env: () => ({
      AWS_ENDPOINT_URL: emulatorUrl,
      AWS_ENDPOINT_URL_SAGEMAKER: endpointUrl,
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: endpointUrl,
    }),
  })
  const weights = makeSmallWeights(folder)
  const gated = weights.manifest.sources.flatMap(({ accept_at, repository }) => (accept_at ? repository : []))
  const hub = await startHub({ files: weights.files, gated, tokens: { secret: gated, other: [] } })
  const emulator = await startEmulator(functions.endpoint, hub.url)
  emulatorUrl = emulator.url
  const calls: AwsCalls = openAwsCalls({ endpoint: emulator.url, region: REGION, operator: OPERATOR })
  functions.connect(calls)
  // What this process asks as the operator goes to the emulator too.
  process.env.AWS_ENDPOINT_URL = emulator.url
  const credentials = async () => OPERATOR
  const account = openAccount({ region: REGION, credentials })
  const stops: (() => Promise<unknown>)[] = [() => emulator.stop(), () => functions.stop(), () => hub.stop()]
  const tree = makeTree('deploy')
  const apiUrl = `http://127.0.0.1:${apiPort}/${STAGE}`
  let played: (() => Promise<void>)[] = []

  const outputs = async (service = 'web') => {
    const found = await account.stackOutputs(`gen3d-${service}-${STAGE}`)
    if (!found) throw new Error(`${service} is not deployed`)
    return found
  }
  const siteHost = (bucket: string) => `${bucket}.s3-website-${REGION}.amazonaws.com`

  return {
    calls,
    account,
    place: { stage: STAGE, region: REGION, account },
    tree,
    emulator,
    functions,
    /** Small weights that a build takes for the real ones, and the publisher's hub: it gives them to the token `secret`. */
    weights,
    hub,
    apiUrl,
    outputs,
    /** What the emulator and the played services wrote. */
    log: () => [emulator.words(), ...lines].join('\n'),
    bucket: async () => openBucket((await outputs('foundation')).BucketName, { region: REGION, credentials }),

    /** `sls` at the root of the services, or in one of them. */
    sls: (args: readonly string[], service = '') =>
      runServerless(
        [...args, '--stage', STAGE],
        join(tree, service),
        { ...emulator.env, GEN3D_API_URL: apiUrl },
        10 * MINUTES,
      ),

    /** Plays API Gateway and the website for what is deployed now. */
    async play() {
      for (const stop of played.splice(0)) await stop()
      const { BucketName } = await outputs()
      const api = await startDeployedApi(calls, { name: 'gen3d-api', stage: STAGE, port: apiPort, log })
      const host = siteHost(BucketName)
      const site = await startWebsite(calls, { bucket: BucketName, port: sitePort, host })
      played = [() => api.stop(), () => site.stop()]
    },

    /** Plays SageMaker: the deployed endpoint, with the preview engine's process in place of the GPU container. */
    async playEndpoint() {
      const source = join(ROOT, 'services', 'inference', 'preview')
      const entries = ['server.ts', 'preview-thread.ts'].map((name) => join(source, name))
      const engine = await bundleProgram(entries, join(folder, 'engine'))
      const endpoint = await startDeployedEndpoint(calls, {
        name: ENDPOINT,
        folder: join(folder, 'endpoint'),
        port: endpointPort,
        container: { command: process.execPath, args: [join(engine, 'server.mjs')], cwd: ROOT },
        keyOf: (id) => (id === OPERATOR.accessKeyId ? OPERATOR : functions.keyOf(id)),
        log,
      })
      stops.push(() => endpoint.stop())
      return endpoint
    },

    /** The page's own configuration, from the published site. */
    async siteConfig(): Promise<SiteConfig> {
      const answer = await fetch(`http://127.0.0.1:${sitePort}/public/config.json`)
      if (!answer.ok) throw new Error(`config.json answers ${answer.status}`)
      return readSiteConfig(await answer.json())
    },
    site: `http://127.0.0.1:${sitePort}`,

    /** `gen3d` as a command of its own; AWS's host names lead to what plays them. */
    async gen3d(args: readonly string[], { input = '', env = {} }: { input?: string; env?: object } = {}) {
      const hosts: Record<string, string> = { [`https://cognito-idp.${REGION}.amazonaws.com`]: emulator.url }
      const web = await account.stackOutputs(`gen3d-web-${STAGE}`)
      if (web) {
        hosts[new URL(web.SiteUrl).origin] = `http://127.0.0.1:${sitePort}`
        hosts[new URL(web.ApiUrl).origin] = new URL(apiUrl).origin
      }
      const preload = pathToFileURL(join(ROOT, 'tests', 'infra', 'emulator', 'resolve.mjs')).href
      return run(
        [`--import=${preload}`, join(ROOT, 'packages', 'cli', 'bin', 'gen3d.mjs'), ...args],
        { ...process.env, ...emulator.env, GEN3D_HOSTS: JSON.stringify(hosts), ...env } as NodeJS.ProcessEnv,
        input,
      )
    },

    async stop() {
      delete process.env.AWS_ENDPOINT_URL
      for (const stop of [...played, ...stops.reverse()]) await stop()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, env })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
    child.stdin.end(input)
  })
}
