import type { Log } from '@gen3d/jobs/ports'
import { ENV } from '@gen3d/shared/names'
import { type Container, serveContainer, type Work } from './container.ts'
import { createEngineThread } from './engine-thread.ts'
import { createFairQueue } from './fair-queue.ts'
import { createJobRunner, textOf } from './job-runner.ts'
import { createJsonLog } from './json-log.ts'

const DEFAULT_PORT = 8080
const DEFAULT_HOST = '127.0.0.1'
/** Far above what the preview engine needs for 8 objects of a 40 megapixel photo, below any endpoint's own limit. */
const DEFAULT_TIMEOUT_SECONDS = 300
/** A health check may still hear the 500 before the process ends. */
const FAILED_SECONDS = 1

/** Runs this process as an engine's container until SIGTERM; `entry` is the module of the engine's threads. */
export async function runEngineProcess(entry: URL): Promise<void> {
  const log = createJsonLog('engine')
  try {
    const container = await serveContainer(createWork(entry, readTimeout(), log), {
      host: process.env[ENV.engineHost] || DEFAULT_HOST,
      port: readNumber(ENV.enginePort, DEFAULT_PORT),
      log,
    })
    log.info('listening', { port: container.port })
    endWith(container, log)
  } catch (error) {
    endFailed(error as Error, log)
  }
}

/** Two lanes, each with an engine of its own: one reconstruct at a time, embeds (and what is neither) beside it. */
function createWork(entry: URL, timeoutSeconds: number, log: Log): Work {
  const runJob = createJobRunner(log)
  const [reconstructs, others] = [0, 1].map(() => ({
    queue: createFairQueue(),
    thread: createEngineThread({ entry, timeoutSeconds }),
  }))
  const lanes = [reconstructs, others]
  return {
    async load() {
      // One engine proves that it can be loaded. The other comes behind it: both at once would make the first job,
      // which is an embed, wait twice as long. Should it fail, its first job says so.
      await others.thread.ready()
      reconstructs.thread.ready().catch(() => {})
    },
    run(request, signal) {
      const { queue, thread } = textOf(request, 'kind') === 'reconstruct' ? reconstructs : others
      const task = async () => runJob(request, await thread.ready())
      return queue.run(textOf(request, 'user_id'), task, signal)
    },
    async drain() {
      await Promise.all(lanes.map(({ queue }) => queue.close()))
    },
    async abandon() {
      await Promise.all(lanes.map(({ thread }) => thread.stop()))
    },
  }
}

function endWith(container: Container, log: Log): void {
  void container.failed.then((error) => endFailed(error, log))
  let stopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, async () => {
      if (stopping) return
      stopping = true
      log.info('stopping', { signal })
      await container.stop()
      process.exit(0)
    })
  }
}

function endFailed(error: Error, log: Log): void {
  log.error('the engine cannot be used', { error: error.message })
  setTimeout(() => process.exit(1), FAILED_SECONDS * 1000)
}

function readTimeout(): number {
  return readNumber(ENV.engineTimeoutSeconds, DEFAULT_TIMEOUT_SECONDS)
}

function readNumber(name: string, byDefault: number): number {
  const text = process.env[name]
  if (!text) return byDefault
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is no number: "${text}".`)
  return value
}
