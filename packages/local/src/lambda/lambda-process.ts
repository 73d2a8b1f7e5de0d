import { type ChildProcess, spawn } from 'node:child_process'
import { devNull } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { machineEnvironment } from '../machine-environment.ts'

/** What runs: one handler with its environment and limits. */
export interface LambdaOptions {
  readonly name: string
  /** Absolute path of a TypeScript source, or of a bundled .js, .cjs or .mjs. */
  readonly handlerFile: string
  readonly handlerName: string
  readonly env?: Readonly<Record<string, string>>
  readonly region?: string
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }
  readonly timeoutSeconds?: number
  readonly memoryMb?: number
  /** Events that run at the same time, each in a process of its own; more wait. */
  readonly maxProcesses?: number
  /** Takes each log line of the handler. */
  readonly log?: (line: string) => void
}

/** A failed invocation with Lambda's error type (`Runtime.ExitError`, `Sandbox.Timedout`, or the handler's own name). */
export class LambdaError extends Error {
  readonly errorType: string
  readonly trace: readonly string[]
  constructor(errorType: string, message: string, trace: readonly string[] = []) {
    super(message)
    this.name = 'LambdaError'
    this.errorType = errorType
    this.trace = trace
  }
}

interface ErrorReport {
  errorType: string
  errorMessage: string
  trace: string[]
}
type ChildMessage =
  | { type: 'ready' }
  | { type: 'init-error'; error: ErrorReport }
  | { type: 'result'; id: string; payload: string }
  | { type: 'error'; id: string; error: ErrorReport }

/** One process that handles one event at a time. */
export interface LambdaProcess {
  readonly alive: () => boolean
  readonly invoke: (id: string, event: unknown) => Promise<unknown>
  readonly stop: () => Promise<void>
}

const childFile = fileURLToPath(new URL('./lambda-child.mjs', import.meta.url))
// Lambda's own limit for the code outside the handler is 10 s; a TypeScript source needs to be compiled too.
const initTimeoutMs = 30_000

function toEnvironment(options: LambdaOptions): Record<string, string> {
  const region = options.region ?? 'us-east-1'
  return {
    ...machineEnvironment(),
    TZ: 'UTC',
    // A developer's own profile must not decide what the handler does.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: options.credentials?.accessKeyId ?? 'local',
    AWS_SECRET_ACCESS_KEY: options.credentials?.secretAccessKey ?? 'local',
    AWS_LAMBDA_FUNCTION_NAME: options.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(options.memoryMb ?? 1024),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${options.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${process.pid}`,
    _HANDLER: options.handlerName,
    ...options.env,
    GEN3D_LAMBDA_HANDLER_FILE: options.handlerFile,
    GEN3D_LAMBDA_HANDLER_NAME: options.handlerName,
  }
}

function toNodeArguments(options: LambdaOptions): string[] {
  const heap = `--max-old-space-size=${options.memoryMb ?? 1024}`
  // The SDK's notice that it will want a newer Node; the deployed runtime is newer.
  const quiet = '--disable-warning=NodeVersionSupportWarning'
  const isTypeScript = /\.[cm]?ts$/.test(options.handlerFile)
  return isTypeScript
    ? [heap, quiet, '--enable-source-maps', '--import', import.meta.resolve('tsx'), childFile]
    : [heap, quiet, '--enable-source-maps', childFile]
}

function toError({ errorType, errorMessage, trace }: ErrorReport): LambdaError {
  return new LambdaError(errorType, errorMessage, trace)
}

/** Starts one handler process; events sent before it is ready wait for it, a failed start fails them. */
export function startLambdaProcess(options: LambdaOptions): LambdaProcess {
  const timeoutSeconds = options.timeoutSeconds ?? 6
  const log = options.log ?? ((line) => console.log(line))
  const child: ChildProcess = spawn(process.execPath, toNodeArguments(options), {
    env: toEnvironment(options),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    windowsHide: true,
  })
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => log(`[${options.name}] ${line}`))
  }

  let alive = true
  let initError: LambdaError | null = null
  let running: {
    id: string
    resolve: (value: unknown) => void
    reject: (error: Error) => void
  } | null = null
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      initError = new LambdaError(
        'Sandbox.Timedout',
        `${options.name} did not load within ${initTimeoutMs / 1000} s`,
      )
      child.kill('SIGKILL')
    }, initTimeoutMs)
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'ready') {
        clearTimeout(timer)
        resolve()
      } else if (message.type === 'init-error') {
        initError = toError(message.error)
      } else if (running?.id === message.id) {
        const { resolve: done, reject: failed } = running
        running = null
        if (message.type === 'result') done(JSON.parse(message.payload))
        else failed(toError(message.error))
      }
    })
    child.on('error', (cause) => {
      initError = new LambdaError(
        'Runtime.ExitError',
        `${options.name} could not be started: ${cause.message}`,
      )
    })
    // 'close' comes after the last log line, and after a failed spawn too.
    child.on('close', (code, signal) => {
      alive = false
      clearTimeout(timer)
      const status = code === null ? `signal: ${signal}` : `exit status ${code}`
      const id = running?.id ?? 'unknown'
      const error =
        initError ??
        new LambdaError('Runtime.ExitError', `RequestId: ${id} Error: Runtime exited with error: ${status}`)
      reject(error)
      running?.reject(error)
      running = null
    })
  })
  ready.catch(() => {})

  return {
    alive: () => alive,
    async invoke(id, event) {
      await ready
      const deadlineMs = Date.now() + timeoutSeconds * 1000
      return await new Promise((resolve, reject) => {
        if (!alive) {
          reject(new LambdaError('Runtime.ExitError', `RequestId: ${id} Error: Runtime exited`))
          return
        }
        const timer = setTimeout(() => {
          const at = new Date().toISOString()
          const seconds = timeoutSeconds.toFixed(2)
          running = null
          alive = false
          child.kill('SIGKILL')
          reject(new LambdaError('Sandbox.Timedout', `${at} ${id} Task timed out after ${seconds} seconds`))
        }, timeoutSeconds * 1000)
        const settle =
          <T>(then: (value: T) => void) =>
          (value: T) => {
            clearTimeout(timer)
            then(value)
          }
        running = { id, resolve: settle(resolve), reject: settle(reject) }
        child.send({ type: 'invoke', id, event, deadlineMs })
      })
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}
