import { readSiteConfig, SITE_CONFIG_FILE, type SiteConfig } from '@gen3d/shared/site-config'

/** Reads config.json from beside the page; the Error says what is wrong with it. */
export async function loadConfig(): Promise<SiteConfig> {
  const response = await fetch(`./${SITE_CONFIG_FILE}`)
  if (!response.ok) throw new Error(`${SITE_CONFIG_FILE} answered ${response.status}.`)
  return readSiteConfig(await response.json())
}
