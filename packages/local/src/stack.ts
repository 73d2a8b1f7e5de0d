/**
 * The whole system on one machine: AWS's services as loopback servers, and the product's own functions, routes, rules
 * and environment as their serverless.yml files say. The product code sees nothing but AWS_ENDPOINT_URL_*.
 */
import { join } from 'node:path'
import { tableSpec } from '@gen3d/aws/table-spec'
import type { EngineName } from '@gen3d/shared/engines'
import { PREFIXES } from '@gen3d/shared/keys'
import { ENV, resourceName } from '@gen3d/shared/names'
import { startCognito } from './cognito/cognito.ts'
import { startDynamoDb } from './dynamodb/dynamodb.ts'
import { ensureTable } from './dynamodb/ensure-table.ts'
import { engineParams } from './engine-params.ts'
import { openEventBus } from './events/event-bus.ts'
import { publishObjectCreatedTo } from './events/publish-s3.ts'
import { startApiGateway } from './lambda/api-gateway.ts'
import { openRoles, type RoleName } from './roles.ts'
import type { ObjectCreatedEvent } from './s3/object-created.ts'
import { startS3 } from './s3/s3-server.ts'
import { startSageMaker } from './sagemaker/sagemaker.ts'
import { startSchedules, startServiceFunctions, toSubscribers } from './service-functions.ts'
import { startSes } from './ses/ses.ts'

export const LOCAL_PARTS = ['api', 's3', 'dynamodb', 'cognito', 'ses', 'sagemaker'] as const
export type LocalPart = (typeof LOCAL_PARTS)[number]

const REGION = 'us-east-1'
const ACCOUNT = '000000000000'
const STAGE = 'local'

export interface StackOptions {
  /** Where all state is kept. */
  readonly folder: string
  readonly ports: Readonly<Record<LocalPart, number>>
  /** Origin of the page: CORS of bucket and API, links in mails. */
  readonly siteUrl: string
  /** Folders with the serverless.yml of each service. */
  readonly services: { readonly api: string; readonly notify: string }
  /** What the container is, to the API: its formats, its objects a job, its time-outs. */
  readonly engine: EngineName
  /** The engine's container: a program that listens on SAGEMAKER_BIND_TO_PORT. */
  readonly container: {
    readonly command: string
    readonly args: readonly string[]
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string>>
  }
  readonly log: (part: string, line: string) => void
}

export interface LocalStack {
  readonly region: string
  readonly bucket: string
  readonly apiUrl: string
  readonly userPoolId: string
  readonly appClientId: string
  readonly identityPoolId: string
  readonly endpoints: Readonly<Record<Exclude<LocalPart, 'api'>, string>>
  readonly roles: ReturnType<typeof openRoles>
  /** The environment in which a service's functions find this stack, as the SDK reads it. */
  readonly environmentOf: (service: 'api' | 'notify') => Readonly<Record<string, string>>
  /** Resolves with a sentence when a part has died by itself. */
  readonly broken: Promise<string>
  /** Starts a process of each function, so that the first call finds it: worth it once everything else is ready. */
  readonly warm: () => void
  /** Bundles the functions anew and gives them fresh processes; rejects, and changes nothing, when that fails. */
  readonly reload: () => Promise<void>
  readonly stop: () => Promise<void>
}

const USER_POOL_ID = `${REGION}_Local0001`
const IDENTITY_POOL_ID = `${REGION}:00000000-0000-4000-8000-000000000001`
const APP_CLIENT_ID = 'local0000000000000000000001'

/** Role of each function: whose key pair its process gets. */
const FUNCTION_ROLES = { api: 'wrapper', notify: 'notify' } as const satisfies Record<string, RoleName>

/** Starts everything and resolves when every part answers. */
export async function startStack(options: StackOptions): Promise<LocalStack> {
  const { folder, ports, log } = options
  const roles = openRoles(folder)
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one().catch((error) => log('stop', String(error)))
  }
  try {
    return await start()
  } catch (error) {
    await stop()
    throw error
  }

  async function start(): Promise<LocalStack> {
    const bucket = resourceName('bucket', STAGE)
    const table = resourceName('table', STAGE)
    const origin = new URL(options.siteUrl).origin

    const endpoints = {
      s3: `http://127.0.0.1:${ports.s3}`,
      dynamodb: `http://127.0.0.1:${ports.dynamodb}`,
      cognito: `http://127.0.0.1:${ports.cognito}`,
      ses: `http://127.0.0.1:${ports.ses}`,
      sagemaker: `http://127.0.0.1:${ports.sagemaker}`,
    }
    const env = {
      AWS_ENDPOINT_URL_S3: endpoints.s3,
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: endpoints.cognito,
      AWS_ENDPOINT_URL_SESV2: endpoints.ses,
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: endpoints.sagemaker,
      AWS_ENDPOINT_URL_SAGEMAKER: endpoints.sagemaker,
      AWS_ENDPOINT_URL_CLOUDWATCH: endpoints.sagemaker,
    }
    const params = {
      siteOrigin: origin,
      siteUrl: options.siteUrl,
      userPoolId: USER_POOL_ID,
      ...engineParams(options.engine),
    }
    const startFunctions = async (service: 'api' | 'notify') => {
      const functions = await startServiceFunctions({
        folder: options.services[service],
        bundlesFolder: join(folder, 'bundles'),
        region: REGION,
        params,
        env,
        key: roles.keys[FUNCTION_ROLES[service]],
        log: (line) => log(service, line),
      })
      stops.push(functions.stop)
      return functions
    }

    // Bundling takes longest: it goes on while the servers start. No process of a function starts before its first event.
    const functions = Promise.all([startFunctions('notify'), startFunctions('api')])
    functions.catch(() => {})

    const dynamodb = await startDynamoDb({ folder: join(folder, 'dynamodb'), port: ports.dynamodb })
    stops.push(() => dynamodb.stop())
    await ensureTable(dynamodb.endpoint, tableSpec(table) as Parameters<typeof ensureTable>[1])

    const ses = await startSes({
      folder: join(folder, 'ses'),
      port: ports.ses,
      region: REGION,
      keyOf: roles.keyOf,
    })
    stops.push(() => ses.stop())
    const cognito = await startCognito({
      folder: join(folder, 'cognito'),
      port: ports.cognito,
      region: REGION,
      userPoolId: USER_POOL_ID,
      clientId: APP_CLIENT_ID,
      identityPoolId: IDENTITY_POOL_ID,
      keyOf: roles.keyOf,
      sendMail: (mail) => ses.deliver(mail),
    })
    stops.push(() => cognito.stop())

    const [notify, api] = await functions
    const bus = await openEventBus<ObjectCreatedEvent>({
      folder: join(folder, 'events'),
      subscribers: toSubscribers(notify.running),
    })
    stops.push(() => bus.stop())

    const s3 = await startS3({
      folder: join(folder, 's3'),
      port: ports.s3,
      region: REGION,
      buckets: [bucket],
      keyOf: (id) => roles.keyOf(id) ?? cognito.keyOf(id),
      cors: [
        {
          AllowedOrigins: [origin],
          AllowedMethods: ['GET', 'HEAD', 'PUT', 'POST'],
          AllowedHeaders: ['*'],
          ExposedHeaders: ['ETag'],
          MaxAge: 3000,
        },
      ],
      publish: publishObjectCreatedTo(bus, { account: ACCOUNT, region: REGION }),
    })
    stops.push(() => s3.stop())

    const endpointKey = roles.keys.endpoint
    const {
      [ENV.engineTimeoutSeconds]: engineTimeoutSeconds,
      [ENV.inFlightPerInstance]: inFlightPerInstance,
    } = api.yml.functions[0].env
    const sagemaker = await startSageMaker({
      folder: join(folder, 'sagemaker'),
      port: ports.sagemaker,
      region: REGION,
      keyOf: roles.keyOf,
      s3: {
        endpoint: s3.endpoint,
        accessKeyId: endpointKey.accessKeyId,
        secretAccessKey: endpointKey.secretAccessKey,
      },
      stopGraceSeconds: 5,
      log: (line) => log('endpoint', line),
      endpoints: [
        {
          name: resourceName('endpoint', STAGE),
          s3OutputPath: `s3://${bucket}/`,
          s3FailurePath: `s3://${bucket}/${PREFIXES.failures}`,
          maxConcurrentInvocationsPerInstance: Number(inFlightPerInstance),
          ...options.container,
          env: {
            // As in the templates: the engine stops a call when the API reckons with its end.
            [ENV.engineTimeoutSeconds]: engineTimeoutSeconds,
            ...options.container.env,
            AWS_ENDPOINT_URL_S3: s3.endpoint,
            AWS_REGION: REGION,
            AWS_ACCESS_KEY_ID: endpointKey.accessKeyId,
            AWS_SECRET_ACCESS_KEY: endpointKey.secretAccessKey,
          },
        },
      ],
    })
    stops.push(() => sagemaker.stop())

    const gateway = await startApiGateway({
      port: ports.api,
      stage: STAGE,
      routes: api.yml.routes,
      functions: Object.fromEntries(api.running.map(({ fn, lambda }) => [fn.key, lambda])),
      authorizer: { userPoolId: USER_POOL_ID, clientId: APP_CLIENT_ID, jwksUrl: cognito.jwksUrl },
      gatewayResponses: api.yml.gatewayResponses,
      binaryMediaTypes: api.yml.binaryMediaTypes,
      log: (line) => log('gateway', line),
    })
    stops.push(() => gateway.stop())

    // Whatever was left undelivered by an earlier run goes out now that everybody is there to take it.
    bus.start()
    for (const schedule of startSchedules(notify.running, scheduledEvent, (error) =>
      log('schedule', String(error)),
    )) {
      stops.push(() => schedule.stop())
    }

    return {
      region: REGION,
      bucket,
      apiUrl: `${gateway.endpoint}/${STAGE}`,
      userPoolId: USER_POOL_ID,
      appClientId: APP_CLIENT_ID,
      identityPoolId: IDENTITY_POOL_ID,
      endpoints,
      roles,
      environmentOf: (service) => {
        const { accessKeyId, secretAccessKey } = roles.keys[FUNCTION_ROLES[service]]
        return {
          ...env,
          AWS_REGION: REGION,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
        }
      },
      broken: dynamodb.exited,
      warm: () => {
        for (const { lambda } of [...api.running, ...notify.running]) lambda.warm()
      },
      reload: async () => {
        await Promise.all([api.reload(), notify.reload()])
      },
      stop,
    }
  }
}

/** What EventBridge sends for a rule's schedule. */
function scheduledEvent(): object {
  return {
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT,
    time: new Date().toISOString(),
    region: REGION,
    resources: [],
    detail: {},
  }
}
