/**
 * Fills the built index.html for one deployment: its security policy names exactly the hosts that the page may talk
 * to. Used by whoever serves the page: `npm start` and the deploy hook, which write config.json beside it.
 */
import { cognitoEndpoint, type SiteConfig } from '@gen3d/shared/site-config'

const PLACEHOLDERS = ['__API__', '__SIGN_IN__', '__STORAGE__'] as const

/** Returns the filled page; throws when the page lacks a placeholder or an address is no address. */
export function fillIndexHtml(html: string, config: SiteConfig): string {
  const hosts: Record<(typeof PLACEHOLDERS)[number], string> = {
    __API__: new URL(config.api_url).origin,
    __SIGN_IN__: new URL(cognitoEndpoint(config)).origin,
    __STORAGE__: config.storage_origins.map((origin) => new URL(origin).origin).join(' '),
  }
  let filled = html
  for (const name of PLACEHOLDERS) {
    if (!filled.includes(name)) throw new Error(`index.html has no ${name}: build the page again.`)
    filled = filled.replaceAll(name, hosts[name])
  }
  return filled
}
