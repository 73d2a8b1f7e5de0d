/** Holds, kills and lets go the engine's process of a running stack, as a machine would fail. */
import { afterEach } from 'vitest'
import { findEngine } from './engine-process.ts'

/** The engine of a stack, for a suite. What is held is let go after each test, or the stack could not end in order. */
export function useEngine(stackFolder: string) {
  let held = false
  const signal = async (name: NodeJS.Signals) => {
    process.kill(await findEngine(stackFolder), name)
  }
  const letGo = async () => {
    if (held) await signal('SIGCONT')
    held = false
  }
  afterEach(letGo)
  return {
    async hold() {
      held = true
      await signal('SIGSTOP')
    },
    letGo,
    async kill() {
      held = false
      await signal('SIGKILL')
    },
  }
}
