import type {
  DecoderAnswer,
  DecoderCall,
  DecoderCalls,
  DecoderRequest,
  DecoderStage,
} from './decoder-protocol.ts'

export interface RemoteDecoder {
  call<Name extends DecoderCall>(
    name: Name,
    input: DecoderCalls[Name]['input'],
  ): Promise<DecoderCalls[Name]['output']>
  close(): void
}

/** Waits for the next photo. */
let spare: Worker | null = null

function startWorker(): Worker {
  return new Worker(new URL('./decoder-worker.ts', import.meta.url), { type: 'module' })
}

/**
 * To be called where a photo may come soon: a Worker is fetched, started and practised, so that the photo finds it ready.
 * Nothing is lost where that fails: the photo then gets another one.
 */
export function prepareDecoder(): void {
  if (spare) return
  const worker = startWorker()
  worker.onerror = (event) => {
    event.preventDefault()
    if (spare === worker) spare = null
  }
  worker.postMessage({ id: 0, call: 'practise', input: {} } satisfies DecoderRequest)
  spare = worker
}

/** Starts the decoding Worker, or takes the one that waits. A fault of the engine rejects with its message. */
export function startDecoder(onStage: (stage: DecoderStage) => void): RemoteDecoder {
  const worker = spare ?? startWorker()
  spare = null
  const open = new Map<number, { resolve: (output: never) => void; reject: (error: Error) => void }>()
  let last = 0
  worker.onmessage = ({ data }: MessageEvent<DecoderAnswer>) => {
    if ('stage' in data) return onStage(data.stage)
    const waiter = open.get(data.id)
    open.delete(data.id)
    if ('fault' in data) waiter?.reject(new Error(data.fault))
    else waiter?.resolve(data.output as never)
  }
  worker.onerror = (event) => {
    event.preventDefault()
    for (const waiter of open.values())
      waiter.reject(new Error(event.message || 'The selecting part did not start.'))
    open.clear()
  }
  return {
    call(call, input) {
      const id = ++last
      return new Promise((resolve, reject) => {
        open.set(id, { resolve, reject })
        worker.postMessage({ id, call, input })
      })
    },
    close() {
      worker.terminate()
      open.clear()
    },
  }
}
