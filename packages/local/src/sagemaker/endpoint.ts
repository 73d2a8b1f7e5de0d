import type { ContainerOptions } from './container.ts'
import { type Instance, startInstance } from './instance.ts'
import { type Invocation, openInvocationQueue, type QueuedInvocation } from './invocation-queue.ts'
import type { ObjectAccess } from './objects.ts'
import { runInvocation } from './run-invocation.ts'

/** An asynchronous endpoint: its container, where results go, and how it scales. Times in seconds. */
export interface EndpointOptions extends Omit<ContainerOptions, 'log'> {
  readonly name: string
  /** `s3://BUCKET/PREFIX` */
  readonly s3OutputPath: string
  readonly s3FailurePath: string
  /** Default 4. */
  readonly maxConcurrentInvocationsPerInstance?: number
  /** Default 3. The least is always 0. */
  readonly maxInstances?: number
  /** Default 1. */
  readonly coldStartSeconds?: number
  /** Without work for so long, every instance goes (default 60). */
  readonly scaleToZeroSeconds?: number
  /** More than the target in the backlog for so long starts one more instance (default 2). */
  readonly scaleOutSeconds?: number
  /** How long `/ping` may take to answer 200 (default 600). */
  readonly startTimeoutSeconds?: number
  /** Default 5. */
  readonly healthIntervalSeconds?: number
}

export interface EndpointState {
  readonly name: string
  readonly waiting: number
  readonly running: number
  readonly instances: readonly {
    readonly state: string
    readonly pid: number | undefined
    readonly running: number
  }[]
  readonly desired_instances: number
  /** The last ten, in seconds. */
  readonly cold_starts: readonly number[]
  /** Why the last instance failed; null as soon as one is ready. */
  readonly failure: string | null
}

export interface Endpoint {
  readonly options: EndpointOptions
  readonly createdAt: number
  readonly invoke: (invocation: Invocation) => void
  readonly state: () => EndpointState
  readonly stop: (graceSeconds: number) => Promise<void>
}

// The scaling policy's own share of the concurrency: 0.7 x 4 = 2.8 invocations per instance, and never below 1.
const targetShare = 0.7
const tickMs = 250
const longestBackoffMs = 30_000
const coldStartsKept = 10

/** Opens an endpoint with its queue in `folder`; its first instance starts with the first invocation. */
export function openEndpoint(
  options: EndpointOptions,
  folder: string,
  objects: ObjectAccess,
  log: (line: string) => void,
  nowMs: () => number,
): Endpoint {
  const perInstance = options.maxConcurrentInvocationsPerInstance ?? 4
  const target = Math.max(1, perInstance * targetShare)
  const queue = openInvocationQueue(folder)
  const running = new Map<Instance, number>()
  const coldStarts: number[] = []
  const runs = new Set<Promise<void>>()
  let desired = 0
  let failure: string | null = null
  let failedStarts = 0
  let nextStartAt = 0
  let busySince: number | null = null
  let idleSince = Date.now()
  let stopping = false

  const runningInAll = () => [...running.values()].reduce((sum, count) => sum + count, 0)
  const backlog = () => queue.waiting() + runningInAll()
  const containerLog = (line: string) => log(`[${options.name}] ${line}`)

  function addInstance(): void {
    const instance = startInstance(
      {
        container: { ...options, log: containerLog },
        coldStartSeconds: options.coldStartSeconds ?? 1,
        startTimeoutSeconds: options.startTimeoutSeconds ?? 600,
        healthIntervalSeconds: options.healthIntervalSeconds ?? 5,
      },
      () => {
        failure = null
        failedStarts = 0
        coldStarts.push(instance.coldStart() ?? 0)
        coldStarts.splice(0, coldStarts.length - coldStartsKept)
        tick()
      },
    )
    running.set(instance, 0)
    void instance.ended.then((reason) => {
      running.delete(instance)
      if (reason !== null) {
        failure = reason
        log(`[${options.name}] an instance failed: ${reason}; another one takes its place`)
        if (instance.coldStart() === null) failedStarts += 1
        nextStartAt =
          Date.now() + Math.min(longestBackoffMs, failedStarts === 0 ? 0 : 500 * 2 ** failedStarts)
      }
      tick()
    })
  }

  function assign(): void {
    for (;;) {
      const free = [...running]
        .filter(([instance, count]) => instance.state() === 'ready' && count < perInstance)
        .sort(([, a], [, b]) => a - b)[0]?.[0]
      const next = free && queue.take()
      if (!free || !next) return
      const work = run(free, next).finally(() => runs.delete(work))
      runs.add(work)
    }
  }

  async function run(instance: Instance, invocation: QueuedInvocation): Promise<void> {
    running.set(instance, (running.get(instance) ?? 0) + 1)
    try {
      const end = await runInvocation(invocation, instance.container(), objects, () => stopping)
      // An interrupted one stays on disk and runs again after the next start.
      if (end !== 'interrupted') queue.finish(invocation)
    } catch (error) {
      const fate = stopping ? 'it runs again after the next start' : 'it is lost'
      log(`[${options.name}] no result of ${invocation.inferenceId}, ${fate}: ${(error as Error).message}`)
      if (!stopping) queue.finish(invocation)
    }
    if (running.has(instance)) running.set(instance, (running.get(instance) ?? 1) - 1)
    tick()
  }

  function scale(): void {
    const now = Date.now()
    const load = backlog()
    if (load > 0) idleSince = now
    if (load > 0 && desired === 0) desired = 1
    const isCrowded = queue.waiting() > 0 && load > target * desired && desired < (options.maxInstances ?? 3)
    const allReady = [...running.keys()].every((instance) => instance.state() === 'ready')
    busySince = isCrowded && allReady ? (busySince ?? now) : null
    if (busySince !== null && now - busySince >= (options.scaleOutSeconds ?? 2) * 1000) {
      desired += 1
      busySince = null
    }
    if (desired > 0 && now - idleSince >= (options.scaleToZeroSeconds ?? 60) * 1000) {
      desired = 0
      // Nothing runs on them: there is no grace to give.
      for (const instance of running.keys()) void instance.stop(0)
    }
    const alive = [...running.keys()].filter((instance) => instance.state() !== 'ended').length
    if (now >= nextStartAt) for (let missing = desired - alive; missing > 0; missing -= 1) addInstance()
  }

  function tick(): void {
    if (stopping) return
    for (const dropped of queue.dropExpired(nowMs())) {
      log(`[${options.name}] ${dropped.inferenceId} waited longer than its RequestTTL and is dropped`)
    }
    assign()
    scale()
  }

  const timer = setInterval(tick, tickMs)
  tick()
  return {
    options,
    createdAt: Date.now(),
    invoke(invocation) {
      queue.add(invocation)
      tick()
    },
    state: () => ({
      name: options.name,
      waiting: queue.waiting(),
      running: runningInAll(),
      instances: [...running].map(([instance, count]) => ({
        state: instance.state(),
        pid: instance.pid(),
        running: count,
      })),
      desired_instances: desired,
      cold_starts: [...coldStarts],
      failure,
    }),
    async stop(graceSeconds) {
      stopping = true
      clearInterval(timer)
      await Promise.all([...running.keys()].map((instance) => instance.stop(graceSeconds)))
      // An answer that came within the grace is still on its way to S3.
      await Promise.all(runs)
    },
  }
}
