import { parentPort } from 'node:worker_threads'
import type { Engine, EngineContext } from '@gen3d/shared/engine'
import type { FromThread, ToThread } from './engine-messages.ts'

/**
 * Serves an engine from this worker thread. `load` resolves when the engine has proven that it works; when it rejects,
 * the thread ends with that error and the process never says that it is healthy.
 */
export async function serveEngine(load: () => Promise<Engine>): Promise<void> {
  const port = parentPort
  if (!port) throw new Error('serveEngine runs in a worker thread')
  const say = (message: FromThread) => port.postMessage(message)
  let answer: (goOn: boolean) => void = () => {}
  const context: EngineContext = {
    async progress(stage, fraction) {
      const goOn = new Promise<boolean>((resolve) => {
        answer = resolve
      })
      say({ type: 'progress', stage, fraction })
      if (!(await goOn)) throw new LetGo('The call was let go.')
    },
  }
  const engine = await load()
  port.on('message', async (message: ToThread) => {
    if (message.type === 'go_on' || message.type === 'let_go') {
      answer(message.type === 'go_on')
      return
    }
    try {
      const result =
        message.type === 'embed'
          ? await engine.embed(message.photo, context)
          : await engine.reconstruct(message.input, context)
      say({ type: 'done', result })
    } catch (error) {
      const { code } = error as { code?: unknown }
      const text = error instanceof Error ? error.message : String(error)
      say({ type: 'failed', code: typeof code === 'string' ? code : 'engine_failed', message: text })
    }
  })
  say({ type: 'ready', name: engine.name, version: engine.version })
}

class LetGo extends Error {
  override readonly name = 'LetGo'
}
