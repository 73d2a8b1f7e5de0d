import { getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { EmbedResult, Engine, EngineContext, ReconstructResult } from '@gen3d/shared/engine'
import type { FromThread, ToThread } from './engine-messages.ts'

/** Why a call of the engine ended without a result: a code of the engine's own, or of @gen3d/shared/errors JOB_ERRORS. */
class EngineFault extends Error {
  override readonly name = 'EngineFault'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export interface EngineThread {
  /** The loaded engine; starts its thread where none is alive. Rejects when it cannot be loaded. */
  ready(): Promise<Engine>
  /** Ends the thread; a running call fails. */
  stop(): Promise<void>
}

interface Call {
  readonly context: EngineContext
  readonly resolve: (result: EmbedResult | ReconstructResult) => void
  readonly reject: (error: unknown) => void
  readonly timer: NodeJS.Timeout
  /** Set when the caller's context refused to go on: this error is passed on, not the engine's answer to it. */
  refused?: { readonly error: unknown }
}

const LOAD_SECONDS = 60
/** As much as this process may have. A thread without a limit of its own takes the process with it (from Node 24 on). */
const HEAP_MB = Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20)

/**
 * An engine in a thread of its own, so that this process answers while it computes. It takes one call at a time. A
 * thread that dies fails its call, as does a call that takes longer than `timeoutSeconds`; the next `ready` starts anew.
 */
export function createEngineThread(options: {
  readonly entry: URL
  readonly timeoutSeconds: number
}): EngineThread {
  let alive: { readonly worker: Worker; readonly engine: Promise<Engine> } | null = null

  function start(): { readonly worker: Worker; readonly engine: Promise<Engine> } {
    const worker = new Worker(options.entry, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
    let call: Call | null = null
    let death: EngineFault | null = null

    function end(finish: (call: Call) => void): void {
      const ended = call
      call = null
      if (!ended) return
      clearTimeout(ended.timer)
      finish(ended)
    }

    function die(fault: EngineFault): void {
      death ??= fault
      if (alive?.worker === worker) alive = null
      end(({ reject }) => reject(death))
      void worker.terminate()
    }

    async function answerProgress(stage: string, fraction: number): Promise<void> {
      const asking = call
      if (!asking) return
      const message: ToThread = await asking.context.progress(stage, fraction).then(
        () => ({ type: 'go_on' }),
        (error: unknown) => {
          asking.refused = { error }
          return { type: 'let_go' }
        },
      )
      if (call === asking) worker.postMessage(message)
    }

    function submit<T>(context: EngineContext, message: ToThread): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (death) throw death
        if (call) throw new Error('the engine takes one call at a time')
        const late = () => die(new EngineFault('timed_out', `no result within ${options.timeoutSeconds} s`))
        call = {
          context,
          // The thread answers a call with the result of that call's kind.
          resolve: resolve as Call['resolve'],
          reject,
          timer: setTimeout(late, options.timeoutSeconds * 1000),
        }
        worker.postMessage(message)
      })
    }

    const engine = new Promise<Engine>((resolve, reject) => {
      const late = () => reject(new Error(`the engine was not loaded within ${LOAD_SECONDS} s`))
      const timer = setTimeout(late, LOAD_SECONDS * 1000)
      worker.on('message', (message: FromThread) => {
        switch (message.type) {
          case 'ready':
            clearTimeout(timer)
            resolve({
              name: message.name,
              version: message.version,
              embed: (photo, context) => submit<EmbedResult>(context, { type: 'embed', photo }),
              reconstruct: (input, context) =>
                submit<ReconstructResult>(context, { type: 'reconstruct', input }),
            })
            return
          case 'progress':
            void answerProgress(message.stage, message.fraction)
            return
          case 'done':
            end(({ resolve }) => resolve(message.result))
            return
          case 'failed':
            end(({ reject, refused }) =>
              reject(refused ? refused.error : new EngineFault(message.code, message.message)),
            )
        }
      })
      const gone = (fault: EngineFault) => {
        clearTimeout(timer)
        die(fault)
        reject(fault)
      }
      worker.on('error', (error: Error & { code?: string }) => {
        const code = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out_of_memory' : 'engine_failed'
        gone(new EngineFault(code, `the engine’s thread died: ${error.message ?? error}`))
      })
      worker.on('exit', (code) =>
        gone(new EngineFault('engine_failed', `the engine’s thread ended (${code})`)),
      )
    })
    return { worker, engine }
  }

  return {
    ready() {
      alive ??= start()
      return alive.engine
    },
    async stop() {
      await alive?.worker.terminate()
    },
  }
}
