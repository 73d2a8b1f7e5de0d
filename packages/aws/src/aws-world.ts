/** The ports on AWS, made once a cold start. Endpoints, region and credentials come from the environment. */
import type { InferenceEndpoint } from '@gen3d/jobs/ports'
import type { World } from '@gen3d/jobs/world'
import { ulid } from 'ulid'
import type { Config } from './config.ts'
import { DynamoFactStore } from './fact-store.ts'
import { DynamoJobStore } from './job-store.ts'
import { LambdaEndpoint } from './lambda-endpoint.ts'
import { DynamoLimitStore } from './limit-store.ts'
import type { JsonLog } from './log.ts'
import { S3ObjectStore } from './object-store.ts'
import { SageMakerEndpoint } from './sagemaker-endpoint.ts'
import { DynamoSessionStore } from './session-store.ts'
import { Table } from './table.ts'

/** What every service needs; accounts, mail and the look at the machines are added by the one that uses them. */
export type AwsWorld = Omit<World, 'accounts' | 'mailer' | 'observer' | 'log'> & { readonly log: JsonLog }

export function createAwsWorld(config: Config, log: JsonLog): AwsWorld {
  const clock = { now: () => new Date() }
  const table = new Table(config.table, clock)
  return {
    jobs: new DynamoJobStore(table),
    sessions: new DynamoSessionStore(table),
    limits: new DynamoLimitStore(table),
    facts: new DynamoFactStore(table),
    objects: new S3ObjectStore(config.settings.bucket),
    endpoint: createEndpoint(config),
    clock,
    newUlid: () => ulid(),
    log,
    settings: config.settings,
  }
}

function createEndpoint({ inference, settings }: Config): InferenceEndpoint {
  return inference.kind === 'lambda'
    ? new LambdaEndpoint(inference.name)
    : new SageMakerEndpoint(settings.bucket, inference.name)
}
