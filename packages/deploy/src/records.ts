import { isCallError, openAccount } from '@gen3d/aws/admin/account'
import { createBuilds } from '@gen3d/aws/admin/builds'
import type { WebService } from './publish-site.ts'

/**
 * True when an image or weights were recorded since the stack read them: the framework sees no changed file then and
 * would skip the deploy that is to start the endpoint.
 */
export async function recordsChanged(serverless: WebService): Promise<boolean> {
  const provider = serverless.getProvider('aws')
  const credentials = provider.getAwsSdkV3CredentialsProvider()
  const builds = createBuilds(
    openAccount({ region: provider.getRegion(), credentials }),
    serverless.service.provider.stage,
  )
  try {
    const [read, image, weights] = await Promise.all(RECORDS.map((name) => builds.recorded(name)))
    return read !== `${image} ${weights}`
  } catch (error) {
    // The first deploy: there is nothing to compare.
    if (isCallError(error, 'ParameterNotFound')) return false
    throw error
  }
}

const RECORDS = ['records-read', 'image-uri', 'weights'] as const
