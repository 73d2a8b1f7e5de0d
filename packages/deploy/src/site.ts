/** The page's folder for one deployment: the build, config.json from the stack's outputs, and which assets may go. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PREFIXES } from '@gen3d/shared/keys'
import { readSiteConfig, SITE_CONFIG_FILE, type SignUpMode, type SiteConfig } from '@gen3d/shared/site-config'
import { fillIndexHtml } from '@gen3d/web/site/index-html'

export type Outputs = Readonly<Record<string, string>>

/** What the page is told; `endpoints` are those of an emulator, empty on AWS. */
export function toSiteConfig(
  outputs: Outputs,
  region: string,
  endpoints: { readonly api?: string; readonly cognito?: string; readonly s3?: string } = {},
): SiteConfig {
  const bucket = outputs.BucketName
  return readSiteConfig({
    api_url: endpoints.api ?? outputs.ApiUrl,
    region,
    user_pool_id: outputs.UserPoolId,
    app_client_id: outputs.AppClientId,
    ...(endpoints.cognito ? { cognito_endpoint: endpoints.cognito } : {}),
    // As the presigner writes them.
    storage_origins: endpoints.s3
      ? [new URL(endpoints.s3).origin]
      : [`https://${bucket}.s3.${region}.amazonaws.com`, `https://${bucket}.s3.amazonaws.com`],
    sign_up: outputs.SignUp as SignUpMode,
  })
}

/** A bucket compresses nothing; apps/web/serverless.yml says of the same files that they are compressed. */
const COMPRESSED = /\.(js|css|wasm)$/

/** Lays `assets/` and `page/` out under `folder` and returns the keys of the assets. */
export function layOut(built: string, folder: string, config: SiteConfig): string[] {
  rmSync(folder, { recursive: true, force: true })
  const page = join(folder, 'page')
  const assets = join(folder, 'assets')
  mkdirSync(page, { recursive: true })
  cpSync(join(built, 'assets'), assets, { recursive: true })
  for (const { name } of readdirSync(built, { withFileTypes: true }).filter(
    ({ name }) => name !== 'assets',
  )) {
    cpSync(join(built, name), join(page, name), { recursive: true })
  }
  writeFileSync(
    join(page, 'index.html'),
    fillIndexHtml(readFileSync(join(built, 'index.html'), 'utf8'), config),
  )
  writeFileSync(join(page, SITE_CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`)
  const files = readdirSync(assets, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  for (const file of files)
    if (COMPRESSED.test(file)) writeFileSync(file, gzipSync(readFileSync(file), { level: 9 }))
  return files
    .map((file) => `${PREFIXES.public}assets/${file.slice(assets.length + 1)}`)
    .map((key) => key.replaceAll('\\', '/'))
    .sort()
}

/** Which assets a deployment names, and which the one before it: pages that are open still load those. */
export interface Releases {
  readonly current: readonly string[]
  readonly previous: readonly string[]
}

export const RELEASES_KEY = `${PREFIXES.public}releases.json`

/** The record after a deploy of `assets`; the same assets again change nothing. */
export function nextReleases(standing: Releases | null, assets: readonly string[]): Releases {
  if (standing && JSON.stringify(standing.current) === JSON.stringify(assets)) return standing
  return { current: assets, previous: standing?.current ?? [] }
}
