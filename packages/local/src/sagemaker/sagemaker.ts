// SageMaker's asynchronous endpoints on this machine: containers are processes, everything else speaks AWS's protocol.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { AwsError, parseJsonObject, requireSignature, sendAwsError } from '../aws-error.ts'
import { BodyTooLarge, type LoopbackServer, readBody, sendJson, serveLoopback } from '../server.ts'
import type { SigningKey } from '../sigv4.ts'
import { readAsyncInvocation } from './async-invocation.ts'
import { type Endpoint, type EndpointOptions, type EndpointState, openEndpoint } from './endpoint.ts'
import { createMetrics } from './metrics.ts'
import { createObjectAccess, type ObjectAccessOptions } from './objects.ts'

export interface SageMakerOptions {
  /** Where queues are kept. */
  readonly folder: string
  readonly port: number
  readonly region: string
  readonly accountId?: string
  readonly keyOf: (accessKeyId: string) => SigningKey | undefined
  readonly endpoints: readonly EndpointOptions[]
  /** With the keys of the role that the endpoints have on AWS. */
  readonly s3: Omit<ObjectAccessOptions, 'region'>
  /** Between SIGTERM and SIGKILL when the stack stops (default 30, SageMaker's own). */
  readonly stopGraceSeconds?: number
  readonly log?: (line: string) => void
  readonly nowMs?: () => number
}

export interface LocalSageMaker extends LoopbackServer {
  readonly state: () => readonly EndpointState[]
}

const largestBodyBytes = 1024 * 1024
const metricsEveryMs = 1000

function describe(endpoint: Endpoint, region: string, accountId: string): object {
  const { options, createdAt } = endpoint
  const { instances, desired_instances: desired, failure } = endpoint.state()
  const current = instances.filter((instance) => instance.state === 'ready').length
  const concurrency = options.maxConcurrentInvocationsPerInstance ?? 4
  return {
    EndpointName: options.name,
    EndpointArn: `arn:aws:sagemaker:${region}:${accountId}:endpoint/${options.name.toLowerCase()}`,
    EndpointConfigName: options.name,
    EndpointStatus: 'InService',
    ...(failure === null ? {} : { FailureReason: failure }),
    ProductionVariants: [
      { VariantName: 'AllTraffic', CurrentInstanceCount: current, DesiredInstanceCount: desired },
    ],
    AsyncInferenceConfig: {
      ClientConfig: { MaxConcurrentInvocationsPerInstance: concurrency },
      OutputConfig: { S3OutputPath: options.s3OutputPath, S3FailurePath: options.s3FailurePath },
    },
    CreationTime: createdAt / 1000,
    LastModifiedTime: createdAt / 1000,
  }
}

/**
 * Starts endpoints on 127.0.0.1. One port answers InvokeEndpointAsync, DescribeEndpoint, CloudWatch's GetMetricData for
 * the endpoints' metrics, and `GET /state` (unsigned, for people and tests). Accepted invocations survive any end of
 * the process; those that ran are run again.
 */
export async function startSageMaker(options: SageMakerOptions): Promise<LocalSageMaker> {
  const { region, keyOf, accountId = '000000000000', nowMs = Date.now } = options
  const log = options.log ?? ((line) => console.log(line))
  const objects = createObjectAccess({ ...options.s3, region })
  const metrics = createMetrics()
  const endpoints = new Map(
    options.endpoints.map((endpoint) => {
      const folder = join(options.folder, endpoint.name)
      return [endpoint.name, openEndpoint(endpoint, folder, objects, log, nowMs)] as const
    }),
  )
  const recordMetrics = () => {
    for (const endpoint of endpoints.values()) metrics.record(endpoint.state(), Date.now())
  }
  recordMetrics()
  const timer = setInterval(recordMetrics, metricsEveryMs)
  timer.unref()

  function invokeAsync(name: string, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const endpoint = endpoints.get(name)
    if (!endpoint)
      throw new AwsError('ValidationError', `Endpoint ${name} of account ${accountId} not found.`)
    const invocation = readAsyncInvocation(request.headers, body, endpoint.options, nowMs())
    endpoint.invoke(invocation)
    sendJson(
      response,
      202,
      { InferenceId: invocation.inferenceId },
      {
        'X-Amzn-SageMaker-OutputLocation': invocation.outputLocation,
        'X-Amzn-SageMaker-FailureLocation': invocation.failureLocation,
      },
    )
  }

  function describeEndpoint(input: Readonly<Record<string, unknown>>): object {
    const endpoint = endpoints.get(String(input.EndpointName))
    if (endpoint) return describe(endpoint, region, accountId)
    throw new AwsError('ValidationException', `Could not find endpoint "${input.EndpointName}".`)
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/' } = request
    const target = String(request.headers['x-amz-target'] ?? '')
    if (method === 'GET' && url === '/state') {
      sendJson(response, 200, { endpoints: [...endpoints.values()].map((endpoint) => endpoint.state()) })
      return
    }
    const body = await readBody(request, largestBodyBytes)
    const [, encoded] = /^\/endpoints\/([^/?]+)\/async-invocations$/.exec(url) ?? []
    if (method === 'POST' && encoded) {
      requireSignature(request, body, { service: 'sagemaker', region, keyOf })
      invokeAsync(decodeURIComponent(encoded), request, body, response)
    } else if (target === 'SageMaker.DescribeEndpoint') {
      requireSignature(request, body, { service: 'sagemaker', region, keyOf })
      sendJson(response, 200, describeEndpoint(parseJsonObject(body)))
    } else if (target === 'GraniteServiceVersion20100801.GetMetricData') {
      requireSignature(request, body, { service: 'monitoring', region, keyOf })
      recordMetrics()
      sendJson(response, 200, metrics.getMetricData(parseJsonObject(body)))
    } else {
      throw new AwsError(
        'UnknownOperationException',
        `The local SageMaker does not know ${target || `${method} ${url}`}.`,
      )
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await answer(request, response)
    } catch (error) {
      const known =
        error instanceof BodyTooLarge ? new AwsError('ValidationError', 'The body is too long.') : error
      if (!(known instanceof AwsError)) throw error
      sendAwsError(response, known)
    }
  }

  const server = await serveLoopback({ name: 'The local SageMaker', port: options.port, handle }).catch(
    async (error) => {
      clearInterval(timer)
      await Promise.all([...endpoints.values()].map((endpoint) => endpoint.stop(0)))
      throw error
    },
  )
  return {
    ...server,
    state: () => [...endpoints.values()].map((endpoint) => endpoint.state()),
    async stop() {
      clearInterval(timer)
      await server.stop()
      await Promise.all(
        [...endpoints.values()].map((endpoint) => endpoint.stop(options.stopGraceSeconds ?? 30)),
      )
    },
  }
}
