/**
 * The templates of every service, packaged without credentials, for the combinations of parameters that matter. A
 * template depends on no handler's code, so they are kept in .build by the hash of what they are made of.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../../scripts/steps.ts'
import { makeTree } from './tree.ts'

export interface Resource {
  readonly Type: string
  readonly Condition?: string
  readonly DeletionPolicy?: string
  readonly UpdateReplacePolicy?: string
  readonly Properties?: Record<string, unknown>
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Conditions?: Readonly<Record<string, unknown>>
  readonly Parameters?: Readonly<Record<string, { Default?: string }>>
  readonly Outputs?: Readonly<Record<string, { Value: unknown; Export?: { Name: unknown } }>>
}

export const SERVICES = {
  foundation: 'services/foundation',
  inference: 'services/inference',
  api: 'services/api',
  notify: 'services/notify',
  web: 'apps/web',
} as const
export type ServiceName = keyof typeof SERVICES

const EVERYTHING = {
  engine: 'sam3d',
  billingMode: 'PAY_PER_REQUEST',
  cloudfront: 'true',
  signUp: 'domain',
  signUpDomains: 'example.com',
  mfa: 'OPTIONAL',
  mailFrom: 'gen3d@example.com',
  mailIdentity: 'example.com',
  accountMails: 'SES',
  mailOperator: 'operator@example.com',
  tracing: 'true',
  waf: 'true',
  monthlyBudgetUsd: '50',
  instanceFallback: 'true',
  instanceUsdPerHour: '1.515',
}

export const COMBINATIONS = {
  /** What `sls deploy --stage prod` makes. */
  prod: { stage: 'prod', region: 'us-east-1', params: {} },
  /** Each parameter at its other value. */
  everything: { stage: 'prod', region: 'us-east-1', params: EVERYTHING },
  /** Not prod and not the home region: every name that could collide has a suffix. */
  abroad: { stage: 'dev', region: 'eu-central-1', params: {} },
} as const
export type Combination = keyof typeof COMBINATIONS
export const COMBINATION_NAMES = Object.keys(COMBINATIONS) as Combination[]
export const SERVICE_NAMES = Object.keys(SERVICES) as ServiceName[]

const INPUTS = [...Object.values(SERVICES), 'deploy', 'packages/deploy', 'packages/s3-sync-compat']

function hashInputs(): string {
  const hash = createHash('sha256')
    .update(readFileSync(join(ROOT, 'node_modules', 'serverless', 'package.json')))
    .update(JSON.stringify(COMBINATIONS))
  const visit = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(folder, entry.name)
      if (/^(node_modules|dist|\.\w+|src|preview|conformance|site|public|scripts|events)$/.test(entry.name)) {
        // Of the sources only the plugin's own matter.
        if (!(entry.name === 'src' && folder.endsWith(join('packages', 'deploy')))) continue
      }
      if (entry.isDirectory()) visit(path)
      else if (/\.(yml|txt|cjs|mjs|ts|json)$/.test(entry.name) && !entry.name.endsWith('.test.ts'))
        hash.update(entry.name).update(readFileSync(path))
    }
  }
  for (const folder of INPUTS) visit(join(ROOT, folder))
  return hash.digest('hex').slice(0, 16)
}

/** Once a process: the repository may change while tests run. */
const inputs = hashInputs()

export function templateFile(service: ServiceName, combination: Combination): string {
  return join(CACHE, inputs, combination, service, 'cloudformation-template-update-stack.json')
}

const CACHE = join(ROOT, '.build', 'templates')
const PATIENCE_MS = 300_000

/** Packages what is missing, two services at a time; test files that come together wait for the first. */
export async function packageTemplates(): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const lock = join(CACHE, 'lock')
  const start = Date.now()
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch {
      if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > PATIENCE_MS)
        rmSync(lock, { recursive: true })
      if (Date.now() - start > 2 * PATIENCE_MS) throw new Error(`${lock} is held by somebody else.`)
      await sleep(200)
    }
  }
  try {
    const queue = SERVICE_NAMES.filter((service) =>
      COMBINATION_NAMES.some((combination) => !existsSync(templateFile(service, combination))),
    )
    if (queue.length === 0) return
    const tree = makeTree('templates')
    const work = async () => {
      for (let service = queue.shift(); service; service = queue.shift()) {
        for (const combination of COMBINATION_NAMES) {
          await packageOne(tree, service, combination)
          // Says that somebody is still at work.
          utimesSync(lock, new Date(), new Date())
        }
      }
    }
    await Promise.all([work(), work()])
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

/** An environment in which nothing can find credentials. */
const NO_CREDENTIALS = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SHARED_CREDENTIALS_FILE: join(ROOT, '.build', 'none'),
  AWS_CONFIG_FILE: join(ROOT, '.build', 'none'),
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_PROFILE: undefined,
  NODE_NO_WARNINGS: '1',
}

async function packageOne(tree: string, service: ServiceName, combination: Combination): Promise<void> {
  const file = templateFile(service, combination)
  if (existsSync(file)) return
  const { stage, region, params } = COMBINATIONS[combination]
  const folder = join(file, '..')
  const half = `${folder}.half`
  rmSync(half, { recursive: true, force: true })
  const pairs = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`])
  const { code, output } = await runServerless(
    ['package', '--package', half, '--stage', stage, '--region', region, ...pairs],
    join(tree, SERVICES[service]),
    NO_CREDENTIALS,
  )
  if (code !== 0) throw new Error(`${service} does not package for ${combination}:\n${output}`)
  renameSync(half, folder)
}

/** Runs the repository's `serverless` in a folder. */
export function runServerless(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = {},
  timeoutMs = 180_000,
): Promise<{ code: number; output: string }> {
  const bin = join(ROOT, 'node_modules', '.bin')
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'node_modules', 'serverless', 'bin', 'serverless.js'), ...args],
      {
        cwd,
        env: {
          ...process.env,
          PATH: `${bin}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      },
    )
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

export function readTemplate(service: ServiceName, combination: Combination): Template {
  return JSON.parse(readFileSync(templateFile(service, combination), 'utf8')) as Template
}

/** Every resource of a combination, with where it stands. */
export function allResources(combination: Combination) {
  return SERVICE_NAMES.flatMap((service) =>
    Object.entries(readTemplate(service, combination).Resources).map(([id, resource]) => ({
      service,
      id,
      at: `${service}.${id}`,
      ...resource,
      Properties: resource.Properties ?? {},
    })),
  )
}
