/** The functions of one service, run as its serverless.yml says: names, environment, bundling, rules and schedules. */
import { join } from 'node:path'
import type { Subscriber } from './events/event-bus.ts'
import type { EventPattern } from './events/event-pattern.ts'
import { parseRate, type Schedule, startSchedule } from './events/schedule.ts'
import { bundleHandler } from './lambda/bundle.ts'
import { type LocalLambda, startLambda } from './lambda/lambda.ts'
import { readServerlessApi, type ServerlessApi, type ServerlessFunction } from './lambda/serverless-api.ts'
import type { ObjectCreatedEvent } from './s3/object-created.ts'
import type { SigningKey } from './sigv4.ts'

export interface ServiceOptions {
  /** Folder of the serverless.yml. */
  readonly folder: string
  readonly bundlesFolder: string
  readonly region: string
  /** Deploy parameters that only the running stack knows. */
  readonly params: Readonly<Record<string, unknown>>
  /** Added to each function's own environment: where the services are. */
  readonly env: Readonly<Record<string, string>>
  /** The key pair of the functions' role. */
  readonly key: SigningKey
  readonly log: (line: string) => void
}

export interface RunningFunction {
  readonly fn: ServerlessFunction
  readonly lambda: LocalLambda
}

export interface ServiceFunctions {
  readonly yml: ServerlessApi
  readonly running: readonly RunningFunction[]
  /** Bundles anew and gives every function a fresh process; rejects, and changes nothing, when a bundle fails. */
  readonly reload: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Bundles a service's functions and resolves when they can be invoked; a process starts with its first event. */
export async function startServiceFunctions(options: ServiceOptions): Promise<ServiceFunctions> {
  const yml = readServerlessApi(join(options.folder, 'serverless.yml'), { params: options.params, env: {} })
  const bundle = async (fn: ServerlessFunction) =>
    yml.esbuild && fn.handlerFile.endsWith('.ts')
      ? bundleHandler(fn.handlerFile, options.folder, yml.esbuild, join(options.bundlesFolder, fn.name))
      : fn.handlerFile
  const bundleAll = () => Promise.all(yml.functions.map(bundle))
  const handlerFiles = await bundleAll()
  const running = yml.functions.map((fn, index) => ({
    fn,
    lambda: startLambda({
      name: fn.name,
      handlerFile: handlerFiles[index],
      handlerName: fn.handlerName,
      env: { ...fn.env, ...options.env },
      region: options.region,
      credentials: options.key,
      timeoutSeconds: fn.timeoutSeconds,
      memoryMb: fn.memoryMb,
      log: options.log,
    }),
  }))
  return {
    yml,
    running,
    async reload() {
      await bundleAll()
      for (const { lambda } of running) lambda.reload()
    },
    async stop() {
      await Promise.all(running.map(({ lambda }) => lambda.stop()))
    },
  }
}

/** The `eventBridge` rules of functions, as the bus takes them. */
export function toSubscribers(running: readonly RunningFunction[]): Subscriber<ObjectCreatedEvent>[] {
  return running.flatMap(({ fn, lambda }) =>
    fn.events.flatMap((event, index) => {
      const { pattern } = (event.eventBridge ?? {}) as { pattern?: EventPattern }
      return pattern
        ? [{ name: `${fn.name}-${index}`, pattern, deliver: (one: ObjectCreatedEvent) => lambda.invoke(one) }]
        : []
    }),
  )
}

/** Starts the `schedule` events of functions. */
export function startSchedules(
  running: readonly RunningFunction[],
  toEvent: () => object,
  onError: (error: unknown) => void,
): Schedule[] {
  return running.flatMap(({ fn, lambda }) =>
    fn.events.flatMap((event) => {
      const rule = readSchedule(event.schedule)
      if (!rule) return []
      const run = () => lambda.invoke(rule.input ?? toEvent())
      return [startSchedule({ everySeconds: parseRate(rule.rate), run, onError })]
    }),
  )
}

/** `schedule: rate(1 minute)`, or the long form with `rate` and `input`. */
function readSchedule(schedule: unknown): { rate: string; input?: unknown } | null {
  if (typeof schedule === 'string') return { rate: schedule }
  if (typeof schedule !== 'object' || schedule === null) return null
  const { rate, input } = schedule as { rate: string | string[]; input?: unknown }
  return { rate: Array.isArray(rate) ? rate[0] : rate, input }
}
