// `npm start`: the whole system on this machine. Boots the local stack, serves the page, prints where everything is.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pickPorts } from '@gen3d/local/ports'
import { startSite } from '@gen3d/local/site'
import { LOCAL_PARTS, type LocalPart, type LocalStack, startStack } from '@gen3d/local/stack'
import { SITE_CONFIG_FILE, type SiteConfig } from '@gen3d/shared/site-config'
import { fillIndexHtml } from '@gen3d/web/site/index-html'
import { ensureAccount } from './account.ts'
import { findEngine } from './engine-command.ts'
import { writeEnvFiles } from './env-files.ts'
import { openLog } from './log-file.ts'
import { claimStack, type StackFile } from './stack-file.ts'
import { ROOT } from './steps.ts'
import { buildWeb, WEB_DIST } from './web.ts'

const DEFAULT_PORT = 8600

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

const port = values.port === undefined ? DEFAULT_PORT : Number(values.port)
if (!Number.isInteger(port) || port < 1024 || port > 65_000) {
  fail(`--port ${values.port}: give a number from 1024 to 65000.`)
}

// GEN3D_LOCAL_FOLDER lets tests run a stack of their own beside the developer's.
const folder = process.env.GEN3D_LOCAL_FOLDER ?? join(ROOT, '.local')
const stateFolder = join(folder, 'state')
const stackFile = claimStack(folder)
if (stackFile.running)
  fail(`Gen3D runs already: ${stackFile.running.web_url} (process ${stackFile.running.pid}).`)
if (values.fresh) rmSync(stateFolder, { recursive: true, force: true })
mkdirSync(stateFolder, { recursive: true })

const log = openLog(join(folder, 'stack.log'), values.verbose)
const started = performance.now()
let stack: LocalStack | undefined
let stopping = false
let removeEnvFiles = () => {}

async function stop(code: number): Promise<never> {
  if (stopping) return new Promise(() => {})
  stopping = true
  stackFile.remove()
  removeEnvFiles()
  await stack?.stop()
  log.close()
  process.exit(code)
}
process.on('SIGINT', () => void stop(0))
process.on('SIGTERM', () => void stop(0))
if (process.platform !== 'win32') process.on('SIGHUP', () => void stop(0))
process.on('uncaughtException', (error) => {
  console.error(`Gen3D stops: ${error.stack}`)
  void stop(1)
})

async function start(): Promise<void> {
  const [sitePort, ...others] = await pickPorts(port, LOCAL_PARTS.length + 1, values.port !== undefined)
  const ports = Object.fromEntries(LOCAL_PARTS.map((part, i) => [part, others[i]])) as Record<
    LocalPart,
    number
  >
  const siteUrl = `http://127.0.0.1:${sitePort}/`
  const page = buildWeb()
  // A failed build must not end the process before the stack can be stopped in order.
  page.catch(() => {})
  const engine = await findEngine(join(stateFolder, 'bundles', 'engine'))
  const [command, ...args] = engine.command
  stack = await startStack({
    folder: stateFolder,
    ports,
    siteUrl,
    services: { api: join(ROOT, 'services', 'api'), notify: join(ROOT, 'services', 'notify') },
    engine: engine.name,
    container: { command, args, cwd: ROOT },
    log: log.line,
  })
  const account = await ensureAccount(stack, stateFolder)
  await page
  const config: SiteConfig = {
    api_url: stack.apiUrl,
    region: stack.region,
    user_pool_id: stack.userPoolId,
    app_client_id: stack.appClientId,
    cognito_endpoint: stack.endpoints.cognito,
    storage_origins: [stack.endpoints.s3],
    sign_up: 'open',
    inbox_url: stack.endpoints.ses,
  }
  const index = fillIndexHtml(readFileSync(join(WEB_DIST, 'index.html'), 'utf8'), config)
  const site = await startSite({
    port: sitePort,
    folder: WEB_DIST,
    made: { 'index.html': index, [SITE_CONFIG_FILE]: `${JSON.stringify(config, null, 2)}\n` },
  })
  const file: StackFile = {
    web_url: siteUrl,
    api_url: stack.apiUrl,
    region: stack.region,
    user_pool_id: stack.userPoolId,
    app_client_id: stack.appClientId,
    identity_pool_id: stack.identityPoolId,
    cognito_endpoint: stack.endpoints.cognito,
    s3_endpoint: stack.endpoints.s3,
    sagemaker_endpoint: stack.endpoints.sagemaker,
    bucket: stack.bucket,
    inbox_url: stack.endpoints.ses,
    ...account,
    pid: process.pid,
  }
  // A stack of a folder of its own leaves the services' folders alone.
  const envFolder = process.env.GEN3D_LOCAL_FOLDER ?? join(ROOT, 'services')
  removeEnvFiles = writeEnvFiles(envFolder, stack.environmentOf)
  stackFile.write(file)
  void stack.broken.then((why) => {
    if (stopping) return
    console.error(`Gen3D stops, because a part ended by itself: ${why}`)
    void site.stop().then(() => stop(1))
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`
  Gen3D runs on this machine (ready after ${seconds} s).

    Page      ${siteUrl}
    Sign in   ${account.username}
              ${account.password}
    Mails     ${stack.endpoints.ses}

  Next: open the page, sign in, drop a photo on it. Ctrl-C ends everything; what you made is kept.
  Logs: ${join(folder, 'stack.log')}
`)
  stack.warm()
  if (values.watch) (await import('./watch.ts')).watchServices(stack.reload)
}

await start().catch((error: Error) => {
  console.error(error.message)
  return stop(1)
})
