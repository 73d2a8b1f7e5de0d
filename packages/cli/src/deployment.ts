import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { cognitoEndpoint, readSiteConfig, SITE_CONFIG_FILE, type SiteConfig } from '@gen3d/shared/site-config'
import type { Arguments, Options } from './arguments.ts'
import { CliError, EXIT } from './errors.ts'
import { loadAccounts, type SavedAccounts } from './saved-accounts.ts'
import type { Terminal } from './terminal.ts'

/** What a command must know of a deployment to call it and to sign in. */
export interface Deployment {
  readonly apiUrl: string
  readonly cognitoEndpoint: string
  readonly clientId: string
  /** Where the page opens, without a slash at the end; null: nobody said. */
  readonly siteUrl: string | null
  /** The ready-made account of a local stack: signing in needs no password then. */
  readonly account?: { readonly email: string; readonly password: string }
}

export const DEPLOYMENT_OPTIONS = {
  api: { value: 'URL', help: 'The site’s address, or the API’s own.' },
  stack: {
    value: 'FILE',
    help: 'The stack.json of a local stack (default: .local/stack.json here or above).',
  },
} as const satisfies Options

/** Only the local stack writes this file (scripts/start.ts), so its fields are few and read as they come. */
interface Stack {
  readonly web_url?: string
  readonly api_url?: string
  readonly app_client_id?: string
  readonly cognito_endpoint?: string
  readonly username?: string
  readonly password?: string
  readonly pid?: number
}

const STACK_FILE = join('.local', 'stack.json')
/** API Gateway's own address names the region: https://ID.execute-api.REGION.amazonaws.com/STAGE */
const EXECUTE_API = /^https:\/\/[a-z0-9-]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?\//

/** The deployment that --api or --stack names, else the local stack that runs here, else the last that was signed in to. */
export async function findDeployment(args: Arguments, terminal: Terminal): Promise<Deployment> {
  const address = args.get('api')
  if (address !== undefined) return findByAddress(address, args, terminal)
  const named = args.get('stack')
  if (named !== undefined) {
    const stack = await readStack(resolve(terminal.folder, named))
    if (!stack || !isAlive(stack)) {
      throw new CliError(`No stack runs by the file "${named}". Start it with npm start.`)
    }
    return fromStack(stack)
  }
  const local = await findStack(terminal.folder)
  if (local) return fromStack(local)
  const { current, deployments } = await loadAccounts(terminal.env)
  const saved = current === null ? undefined : deployments[current]
  if (current === null || !saved) {
    throw new CliError(
      'No deployment is known. Sign in with gen3d login --api URL, or start the local stack with npm start.',
      EXIT.notSignedIn,
    )
  }
  return toDeployment(current, saved)
}

function toDeployment(
  apiUrl: string,
  { site_url, cognito_endpoint, app_client_id }: SavedAccounts['deployments'][string],
): Deployment {
  return { apiUrl, cognitoEndpoint: cognito_endpoint, clientId: app_client_id, siteUrl: site_url }
}

async function findByAddress(text: string, args: Arguments, terminal: Terminal): Promise<Deployment> {
  const address = toAddress(text)
  const { deployments } = await loadAccounts(terminal.env)
  const saved = Object.entries(deployments).find(
    ([apiUrl, { site_url }]) => apiUrl === address || site_url === address,
  )
  const local = await findStack(terminal.folder)
  if (local && [local.api_url, local.web_url].some((url) => url && toAddress(url) === address)) {
    return fromStack(local)
  }
  if (saved) {
    return toDeployment(...saved)
  }
  const config = await fetchSiteConfig(address, terminal.signal)
  if (config) {
    return {
      apiUrl: config.api_url,
      cognitoEndpoint: cognitoEndpoint(config),
      clientId: config.app_client_id,
      siteUrl: address,
    }
  }
  const clientId = args.get('client-id')
  const region = EXECUTE_API.exec(`${address}/`)?.[1]
  if (clientId && region) {
    return { apiUrl: address, cognitoEndpoint: cognitoEndpoint({ region }), clientId, siteUrl: null }
  }
  throw new CliError(
    `${address} has no ${SITE_CONFIG_FILE}. Give the address at which the page opens in a browser; for the API’s own address run gen3d login --api URL --client-id ID first.`,
  )
}

/** config.json beside the page; null when there is none. The page may stand behind a redirect. */
async function fetchSiteConfig(address: string, signal: AbortSignal): Promise<SiteConfig | null> {
  const beside = await fetchJson(`${address}/${SITE_CONFIG_FILE}`, signal)
  const found = beside.json ?? (await fetchBehindRedirect(address, signal))
  if (found === null) return null
  try {
    return readSiteConfig(found)
  } catch (cause) {
    throw new CliError(`${address}: ${(cause as Error).message} Tell the operator.`, undefined, { cause })
  }
}

async function fetchBehindRedirect(address: string, signal: AbortSignal): Promise<unknown> {
  const { url } = await fetchJson(`${address}/`, signal)
  const config = new URL(SITE_CONFIG_FILE, url).href
  return config === `${address}/${SITE_CONFIG_FILE}` ? null : (await fetchJson(config, signal)).json
}

async function fetchJson(url: string, signal: AbortSignal): Promise<{ url: string; json: unknown }> {
  let response: Response
  try {
    response = await fetch(url, { signal })
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new CliError(`No answer from ${url}. Check the address and the connection.`, undefined, { cause })
  }
  const json = response.ok ? await response.json().catch(() => null) : null
  if (!response.bodyUsed) await response.body?.cancel()
  return { url: response.url, json }
}

/** Without query, fragment, index.html and the slash at the end. */
export function toAddress(text: string): string {
  const given = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`
  if (!URL.canParse(given)) throw new CliError(`"${text}" is not an address.`, EXIT.usage)
  const url = new URL(given)
  return `${url.origin}${url.pathname.replace(/\/index\.html$/, '').replace(/\/+$/, '')}`
}

function fromStack(stack: Stack): Deployment {
  const { api_url, web_url, app_client_id, cognito_endpoint, username, password } = stack
  if (!api_url || !app_client_id || !cognito_endpoint) {
    throw new CliError('The stack file is of another version. Start the stack again with npm start.')
  }
  return {
    apiUrl: toAddress(api_url),
    cognitoEndpoint: cognito_endpoint,
    clientId: app_client_id,
    siteUrl: web_url ? toAddress(web_url) : null,
    ...(username && password && { account: { email: username, password } }),
  }
}

async function findStack(folder: string): Promise<Stack | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const stack = await readStack(join(at, STACK_FILE))
    if (stack && isAlive(stack)) return stack
    if (dirname(at) === at) return null
  }
}

/** A stack that was killed leaves its file behind. */
function isAlive({ pid }: Stack): boolean {
  if (pid === undefined) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function readStack(path: string): Promise<Stack | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return null
    throw cause
  }
  try {
    return JSON.parse(text) as Stack
  } catch (cause) {
    throw new CliError(`"${path}" is not a stack file. Start the stack again with npm start.`, undefined, {
      cause,
    })
  }
}
