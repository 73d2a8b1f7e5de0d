/** A running engine as the cases of suite.contract.ts see it, whatever stands between them and its process. */
import type { Bucket } from './bucket.contract.ts'

/** How an engine's process is started. It takes its port from SAGEMAKER_BIND_TO_PORT. */
export interface Start {
  readonly command: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
}

export interface Answer {
  /** The engine's HTTP status; `late`: none came within the time-out; `died`: the process ended first. */
  readonly status: number | 'late' | 'died'
  /** The engine's JSON; null where none came. */
  readonly body: unknown
}

/** `gone`: no process, or one that does not listen yet. `starting`: it is there and not healthy. */
export type Health = 'gone' | 'starting' | 'ready'

export interface RunningEngine {
  health(): Promise<Health>
  /** Resolves with the end of one invocation; an object is sent as JSON, text as it stands. Seconds, default 900. */
  invoke(request: object | string, options?: { readonly timeoutSeconds?: number }): Promise<Answer>
  /** The status of GET `path`, null while nothing listens; only where its process itself can be asked. */
  get?(path: string): Promise<number | null>
  /** Why its process could not be started; null while none has failed. */
  failedStart(): string | null
  /** SIGTERM; resolves once it is gone, rejects when its process did not end by itself with 0. */
  stop(): Promise<void>
  /** Resolves once it is ready anew, after a `stop` or after its process died. */
  revive(): Promise<void>
  /** Ends it at once, and with it every invocation that has no answer. */
  end(): Promise<void>
  /** What its process wrote so far, both streams. */
  output(): string
}

/** What starts processes and hands them jobs. */
export interface Host {
  /** Whether it keeps jobs while no process is ready, replaces one that died, and sends away one that is idle. */
  readonly keepsJobs: boolean
  /** Starts the engine and returns at once. `idleSeconds`: without a job for so long, it goes (where `keepsJobs`). */
  start(start: Start, bucket: Bucket, options?: { readonly idleSeconds?: number }): Promise<RunningEngine>
}

/** An engine that imports torch takes half a minute on a busy machine. */
export const STARTED_SECONDS = 150
/** What SageMaker leaves between SIGTERM and SIGKILL. */
export const TERM_SECONDS = 30
const LOOK_MS = 50

/** Resolves once the engine is healthy; rejects when its process ends before, or takes too long. */
export async function becomeReady(engine: RunningEngine): Promise<void> {
  const left = () => new Error(`the engine did not become healthy:\n${engine.output()}`)
  await until(async () => {
    if (engine.failedStart() !== null) throw left()
    return (await engine.health()) === 'ready' ? true : null
  }, left)
}

/** Looks again and again until the value is there; rejects after the time that a start may take. */
export async function until<T>(
  look: () => Promise<T | null>,
  late = () => new Error(`this did not happen within ${STARTED_SECONDS} s`),
): Promise<T> {
  const end = Date.now() + STARTED_SECONDS * 1000
  for (;;) {
    const value = await look()
    if (value !== null) return value
    if (Date.now() > end) throw late()
    await pause()
  }
}

/** Until it is worth it to look again. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS))
}
