/** The hooks of apps/web: build before the stack, lay out after it, tidy and tell at the end. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Account, openAccount } from '@gen3d/aws/admin/account'
import { type Bucket, openBucket } from '@gen3d/aws/admin/bucket'
import { createBuilds } from '@gen3d/aws/admin/builds'
import { PREFIXES } from '@gen3d/shared/keys'
import { layOut, nextReleases, type Outputs, RELEASES_KEY, type Releases, toSiteConfig } from './site.ts'

export interface WebService {
  readonly serviceDir: string
  readonly service: { readonly provider: { readonly stage: string; readonly region: string } }
  getProvider(name: 'aws'): {
    getRegion(): string
    getAwsSdkV3CredentialsProvider(): Account['credentials']
    readonly naming: { getStackName(): string }
  }
}

export interface Log {
  notice(text: string): void
}

/** Where the root of the website leads: the page lies under public/, a website's index cannot. */
const ROOT_KEY = 'index.html'

export function buildPage(serverless: WebService): void {
  const vite = join(serverless.serviceDir, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--outDir', '.build/dist', '--emptyOutDir', '--logLevel', 'warn']
  execFileSync(process.execPath, args, {
    cwd: serverless.serviceDir,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

export async function layOutPage(serverless: WebService): Promise<void> {
  const { outputs, bucket, region } = await findDeployment(serverless)
  const { AWS_ENDPOINT_URL: all } = process.env
  const endpoints = {
    s3: process.env.AWS_ENDPOINT_URL_S3 ?? all,
    cognito: process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? all,
    api: process.env.GEN3D_API_URL,
  }
  const folder = join(serverless.serviceDir, '.build')
  const assets = layOut(join(folder, 'dist'), join(folder, 'site'), toSiteConfig(outputs, region, endpoints))
  const releases = nextReleases(await readReleases(bucket), assets)
  await bucket.objects.put(RELEASES_KEY, JSON.stringify(releases), { contentType: 'application/json' })
  // With CloudFront the root is /public itself and nobody reads this key.
  await bucket.putRedirect(ROOT_KEY, `/${PREFIXES.public}`)
}

/** Takes away assets that neither this deploy nor the one before names, and tells what stands. */
export async function finishSite(serverless: WebService, log: Log): Promise<void> {
  const { outputs, bucket, account } = await findDeployment(serverless)
  const releases = await readReleases(bucket)
  const named = new Set([...(releases?.current ?? []), ...(releases?.previous ?? [])])
  const stale: string[] = []
  for await (const { key } of bucket.objects.list(`${PREFIXES.public}assets/`))
    if (!named.has(key)) stale.push(key)
  for (let i = 0; i < stale.length; i += 1000) await bucket.objects.delete(stale.slice(i, i + 1000))
  for (const line of await nextSteps(serverless.service.provider.stage, outputs, account)) log.notice(line)
}

export async function removeRoot(serverless: WebService): Promise<void> {
  const { bucket } = await findDeployment(serverless)
  await bucket.objects.delete([ROOT_KEY])
}

async function nextSteps(stage: string, outputs: Outputs, account: Account): Promise<string[]> {
  const lines = ['', `Site  ${outputs.SiteUrl}`, `API   ${outputs.ApiUrl}`, '']
  const options = `--stage ${stage} --region ${account.region}`
  if (outputs.Engine === 'sam3d') {
    const inference = await account.stackOutputs(`gen3d-inference-${stage}`)
    const builds = createBuilds(account, stage)
    if ((await builds.recorded('image-uri')) === 'none')
      lines.push(`The engine has no image yet:   gen3d admin image ${options}`)
    if ((await builds.recorded('weights')) === 'none')
      lines.push(`The engine has no weights yet: gen3d admin weights ${options}`)
    if (!inference?.EndpointName) lines.push('With both, the next `sls deploy` starts the endpoint.')
  }
  lines.push(`Make an account:  gen3d admin user EMAIL ${options}`)
  lines.push(`Check everything: gen3d admin doctor ${options}`)
  return lines
}

async function readReleases(bucket: Bucket): Promise<Releases | null> {
  const bytes = await bucket.objects.get(RELEASES_KEY)
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Releases)
}

async function findDeployment(serverless: WebService) {
  const provider = serverless.getProvider('aws')
  const region = provider.getRegion()
  const credentials = provider.getAwsSdkV3CredentialsProvider()
  const account = openAccount({ region, credentials })
  const outputs = await account.stackOutputs(provider.naming.getStackName())
  if (!outputs) throw new Error(`There is no stack ${provider.naming.getStackName()} in ${region}.`)
  return { outputs, account, region, bucket: openBucket(outputs.BucketName, { region, credentials }) }
}
