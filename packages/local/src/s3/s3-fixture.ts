import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { onTestFinished } from 'vitest'
import type { S3Credential } from './principal.ts'
import { type S3Options, startS3 } from './s3-server.ts'

export const BUCKET = 'gen3d-data-bucket'
export const REGION = 'us-east-1'
export const OWNER: S3Credential = { accessKeyId: 'LOCALOWNER', secretAccessKey: 'owner-secret' }

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-local-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A local S3 for one test with a client of its owner, made as the product makes it: only by endpoint. */
export async function s3ForTest(
  options: Partial<S3Options> & { credentials?: readonly S3Credential[] } = {},
) {
  const credentials = [OWNER, ...(options.credentials ?? [])]
  const folder = options.folder ?? temporaryFolder()
  const errors: unknown[] = []
  const server = await startS3({
    folder,
    port: 0,
    region: REGION,
    buckets: [BUCKET],
    keyOf: (id) => credentials.find((credential) => credential.accessKeyId === id),
    onError: (error) => errors.push(error),
    ...options,
  })
  onTestFinished(() => server.stop())
  const clientOf = ({ accessKeyId, secretAccessKey, sessionToken }: S3Credential) => {
    const client = new S3Client({
      endpoint: server.endpoint,
      region: REGION,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      maxAttempts: 1,
    })
    onTestFinished(() => client.destroy())
    return client
  }
  return { ...server, folder, errors, client: clientOf(OWNER), clientOf }
}
