/**
 * The engine's process behind the local asynchronous endpoint, spoken to as the product does: the request as an object
 * of the bucket, InvokeEndpointAsync, and the end of an invocation as one object, an output or a failure.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SageMakerEndpoint } from '@gen3d/aws/sagemaker-endpoint'
import { SageMakerObserver } from '@gen3d/aws/sagemaker-observer'
import { type LocalSageMaker, startSageMaker } from '@gen3d/local/sagemaker/sagemaker'
import { INFERENCE_CONTENT_TYPE, type InferenceRequest } from '@gen3d/shared/inference'
import { ulid } from 'ulid'
import { BUCKET, type Bucket, CREDENTIAL, REGION } from './bucket.contract.ts'
import {
  type Answer,
  becomeReady,
  type Health,
  type Host,
  pause,
  type RunningEngine,
  STARTED_SECONDS,
  TERM_SECONDS,
} from './engine.contract.ts'

const NAME = 'conformance-endpoint'
const FAILURES = 'failures/'
const DEFAULT_TIMEOUT_SECONDS = 900
const TTL_SECONDS = 600
/** Any request starts the first instance; this one costs nothing. */
const WAKE = 'null'
const HEALTH = { asleep: 'gone', changing: 'starting', ready: 'ready' } as const

export const behindEndpoint: Host = {
  keepsJobs: true,
  async start(start, bucket, { idleSeconds = 600 } = {}): Promise<RunningEngine> {
    const folder = mkdtempSync(join(tmpdir(), 'gen3d-conformance-queue-'))
    let output = ''
    let ended = false
    let deadPid: number | undefined
    const open = () =>
      openEndpoint({ start, bucket, folder, idleSeconds }, (line) => {
        output += `${line}\n`
      })
    let server: LocalSageMaker | null = await open()
    const instance = () => server?.state()[0].instances[0]

    let sending: Promise<unknown> = Promise.resolve()
    async function send(
      id: string,
      request: object | string,
      timeoutSeconds: number,
    ): Promise<string | null> {
      const requestKey = `requests/${id}.json`
      const text = typeof request === 'string' ? request : JSON.stringify(request)
      await bucket.store.put(requestKey, text, { contentType: INFERENCE_CONTENT_TYPE })
      const call = {
        jobId: id,
        request: request as InferenceRequest,
        requestKey,
        outputPrefix: 'answers/',
        outputName: id,
        requestTtlSeconds: TTL_SECONDS,
        invocationTimeoutSeconds: timeoutSeconds,
      }
      return (await ask(server, () => new SageMakerEndpoint(BUCKET, NAME).invoke(call))).failureKey
    }

    const engine: RunningEngine = {
      async health() {
        // A question is answered after what was sent before it.
        await sending
        const { status } = await ask(server, () => new SageMakerObserver(NAME).describe())
        if (!(status in HEALTH)) throw new Error(`the endpoint is ${status}`)
        const health: Health = HEALTH[status as keyof typeof HEALTH]
        // One that has died is still called ready until its exit is seen.
        return health === 'ready' && instance()?.pid === deadPid ? 'starting' : health
      },
      async invoke(request, options) {
        const id = ulid()
        const pid = instance()?.pid
        const failureKey = `${FAILURES}${id}-error.out`
        const sent = send(id, request, options?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS)
        sending = Promise.allSettled([sending, sent])
        if ((await sent) !== failureKey) throw new Error(`the failure will not be at ${failureKey}`)
        const answer = await readAnswer(bucket, `answers/${id}.out`, failureKey, () => ended)
        if (answer.status === 'died') deadPid = pid
        return answer
      },
      failedStart() {
        const failure = server?.state()[0].failure ?? null
        // One that was ready has not failed to start.
        return failure === 'the container exited' ? null : failure
      },
      async stop() {
        const stopping = server
        if (!stopping) throw new Error('the endpoint is stopped already')
        const before = output.length
        await stopping.stop()
        server = null
        const said = output.slice(before)
        if (/The container (was ended by|ended with)/.test(said))
          throw new Error(`it did not end well:\n${said}`)
      },
      async revive() {
        server ??= await open()
        void engine.invoke(WAKE).catch(() => {})
        await becomeReady(engine)
      },
      async end() {
        ended = true
        const pids = server?.state()[0].instances.map(({ pid }) => pid) ?? []
        // Windows knows no groups of processes, and no SIGTERM that could be waited for.
        for (const pid of process.platform === 'win32' ? [] : pids) if (pid) killGroup(pid)
        await server?.stop()
        rmSync(folder, { recursive: true, force: true })
      },
      output: () => output,
    }
    void engine.invoke(WAKE).catch(() => {})
    return engine
  },
}

interface Opening {
  readonly start: Parameters<Host['start']>[0]
  readonly bucket: Bucket
  readonly folder: string
  readonly idleSeconds: number
}

function openEndpoint(
  { start, bucket, folder, idleSeconds }: Opening,
  log: (line: string) => void,
): Promise<LocalSageMaker> {
  const [command, ...args] = start.command
  return startSageMaker({
    folder,
    port: 0,
    region: REGION,
    keyOf: (id) => (id === CREDENTIAL.accessKeyId ? CREDENTIAL : undefined),
    s3: { endpoint: bucket.env.AWS_ENDPOINT_URL_S3, ...CREDENTIAL },
    stopGraceSeconds: TERM_SECONDS,
    log,
    endpoints: [
      {
        name: NAME,
        command,
        args,
        env: { ...bucket.env, ...start.env },
        s3OutputPath: `s3://${BUCKET}/`,
        s3FailurePath: `s3://${BUCKET}/${FAILURES}`,
        // One, as the process alone is one: what a second one would do is the emulator's own tests' matter.
        maxInstances: 1,
        coldStartSeconds: 0,
        scaleToZeroSeconds: idleSeconds,
        startTimeoutSeconds: STARTED_SECONDS,
      },
    ],
  })
}

/** The product's adapters find an endpoint by the environment, which they read before they wait for anything. */
function ask<T>(server: LocalSageMaker | null, call: () => Promise<T>): Promise<T> {
  if (!server) throw new Error('the endpoint is stopped')
  process.env.AWS_ENDPOINT_URL_SAGEMAKER = server.endpoint
  process.env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME = server.endpoint
  return call()
}

/** Waits for the one object that an invocation ends with. */
async function readAnswer(
  { store }: Bucket,
  outputKey: string,
  failureKey: string,
  isOver: () => boolean,
): Promise<Answer> {
  while (!isOver()) {
    const [output, failure] = await Promise.all([store.get(outputKey), store.get(failureKey)])
    if (output && failure) throw new Error('the endpoint wrote an output and a failure')
    const text = new TextDecoder().decode(output ?? failure ?? undefined)
    // Any 2xx makes an output; which one, the endpoint does not say.
    if (output) return { status: 200, body: JSON.parse(text) }
    if (failure) return readFailure(text)
    await pause()
  }
  throw new Error('the endpoint was ended before it answered')
}

/** The words that the local endpoint puts into a failure object (packages/local/src/sagemaker/run-invocation.ts). */
function readFailure(text: string): Answer {
  const [, side, code, message] =
    /^Received (client|server) error \((\d+)\) from primary with message "(.*)"\.$/s.exec(text) ?? []
  if (code) {
    const status = Number(code)
    if ((side === 'client') !== status < 500) throw new Error(`${status} is no ${side} error`)
    return { status, body: JSON.parse(message) }
  }
  if (/did not respond within the invocation timeout of \d+ seconds/.test(text))
    return { status: 'late', body: null }
  if (/exited before it answered/.test(text)) return { status: 'died', body: null }
  throw new Error(`the endpoint failed an invocation for another reason: ${text}`)
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
