/**
 * config.json: what the page learns about its deployment when it starts. The serving side writes it beside index.html
 * (the deploy hook, or `npm start`); nothing of it is built in. Checked by hand: TypeBox would not fit the page's
 * first load.
 */
export const SITE_CONFIG_FILE = 'config.json'

/** Who may make an account. */
export const SIGN_UP_MODES = ['open', 'domain', 'invitation'] as const
export type SignUpMode = (typeof SIGN_UP_MODES)[number]

export interface SiteConfig {
  /** Up to and with the stage, without a slash at the end. */
  readonly api_url: string
  readonly region: string
  readonly user_pool_id: string
  readonly app_client_id: string
  /** Absent: Cognito's own address in the region. */
  readonly cognito_endpoint?: string
  /** Origins (scheme://host[:port]) where uploads go and to which signed addresses point, as the presigner writes them. */
  readonly storage_origins: readonly string[]
  /** Absent: invitation. */
  readonly sign_up?: SignUpMode
  /** Where mails can be read, if this deployment has such a page (the local stack). */
  readonly inbox_url?: string
}

const TEXTS = ['api_url', 'region', 'user_pool_id', 'app_client_id'] as const
const ADDRESS = /^https?:\/\/[^\s"'<>;,]+[^\s"'<>;,/]$/

/** Returns the value as a configuration; throws an Error that names the field at fault. */
export function readSiteConfig(value: unknown): SiteConfig {
  if (typeof value !== 'object' || value === null) throw fault('it is not a JSON object')
  const config = value as Record<string, unknown>
  for (const name of TEXTS) {
    if (typeof config[name] !== 'string' || config[name] === '') throw fault(`${name} is missing`)
  }
  for (const name of ['api_url', 'cognito_endpoint', 'inbox_url']) {
    const address = config[name]
    if (address !== undefined && !isAddress(address))
      throw fault(`${name} is no http address without a slash at its end`)
  }
  const origins = config.storage_origins
  if (!Array.isArray(origins) || origins.length === 0 || !origins.every(isAddress)) {
    throw fault('storage_origins is no list of http origins')
  }
  if (config.sign_up !== undefined && !SIGN_UP_MODES.includes(config.sign_up as SignUpMode)) {
    throw fault(`sign_up is none of ${SIGN_UP_MODES.join(', ')}`)
  }
  return value as SiteConfig
}

/** Where the page signs in. */
export function cognitoEndpoint(config: Pick<SiteConfig, 'region' | 'cognito_endpoint'>): string {
  return config.cognito_endpoint ?? `https://cognito-idp.${config.region}.amazonaws.com`
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && ADDRESS.test(value)
}

function fault(what: string): Error {
  return new Error(`${SITE_CONFIG_FILE} cannot be used: ${what}.`)
}
