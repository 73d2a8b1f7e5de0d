import { fileURLToPath } from 'node:url'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import {
  InvokeEndpointAsyncCommand,
  type InvokeEndpointAsyncCommandInput,
  SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime'
import { expect, onTestFinished } from 'vitest'
import { BUCKET, OWNER, REGION, s3ForTest, temporaryFolder } from '../s3/s3-fixture.ts'
import type { EndpointOptions } from './endpoint.ts'
import { type SageMakerOptions, startSageMaker } from './sagemaker.ts'

export const ENDPOINT = 'gen3d-endpoint'
const containerFile = fileURLToPath(new URL('./container-fixture.cjs', import.meta.url))
export const clientSettings = { region: REGION, credentials: OWNER, maxAttempts: 1 }

/** An endpoint with the test container and times short enough for a test. */
export function toEndpoint(more: Partial<EndpointOptions> = {}): EndpointOptions {
  return {
    name: ENDPOINT,
    command: process.execPath,
    args: [containerFile],
    s3OutputPath: `s3://${BUCKET}/outputs`,
    s3FailurePath: `s3://${BUCKET}/failures`,
    coldStartSeconds: 0,
    healthIntervalSeconds: 0.1,
    ...more,
  }
}

/** S3 and a SageMaker with one endpoint for one test. */
export async function sageMakerForTest(
  endpoint: Partial<EndpointOptions> = {},
  options: Partial<SageMakerOptions> = {},
) {
  const s3 = await s3ForTest()
  const folder = options.folder ?? temporaryFolder()
  const logs: string[] = []
  const server = await startSageMaker({
    folder,
    port: 0,
    region: REGION,
    keyOf: (id) => (id === OWNER.accessKeyId ? OWNER : undefined),
    endpoints: [toEndpoint(endpoint)],
    s3: { endpoint: s3.endpoint, ...OWNER },
    stopGraceSeconds: 2,
    log: (line) => logs.push(line),
    ...options,
  })
  onTestFinished(() => server.stop())
  const runtime = new SageMakerRuntimeClient({ endpoint: server.endpoint, ...clientSettings })

  const put = (Key: string, Body: string) =>
    s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }))
  async function read(location: string | undefined): Promise<{ text: string; type: string | undefined }> {
    const Key = String(location).replace(`s3://${BUCKET}/`, '')
    const { Body, ContentType } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))
    return { text: (await Body?.transformToString()) ?? '', type: ContentType }
  }
  async function exists(location: string | undefined): Promise<boolean> {
    const Key = String(location).replace(`s3://${BUCKET}/`, '')
    return await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key })).then(
      () => true,
      () => false,
    )
  }

  return {
    ...server,
    s3,
    folder,
    logs,
    runtime,
    put,
    read,
    exists,
    /** Puts the text as the input object and invokes with it. */
    async invoke(text: string, more: Partial<InvokeEndpointAsyncCommandInput> = {}) {
      const key = `inputs/${Math.random()}.txt`
      await put(key, text)
      const input = { EndpointName: ENDPOINT, InputLocation: `s3://${BUCKET}/${key}`, ...more }
      return await runtime.send(new InvokeEndpointAsyncCommand(input))
    },
    /** Waits for the object and reads it. */
    async result(location: string | undefined) {
      await expect.poll(() => exists(location), { timeout: 15_000, interval: 50 }).toBe(true)
      return await read(location)
    },
  }
}

/** Name, status and sentence of the error that a call ends with. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<[name: string, status: number | undefined, message: string]> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new Error('expected an error')
  const { $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } }
  return [error.name, $metadata?.httpStatusCode, error.message]
}
