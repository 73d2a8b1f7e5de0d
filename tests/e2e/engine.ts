/** Holds, kills and lets go the engines of a running stack, all of its machines', as machines would fail. */
import { afterEach } from 'vitest'
import { signalEngines } from './engine-process.ts'

/** The engines of a stack, for a suite. What is held is let go after each test, or the stack could not end in order. */
export function useEngine(stackFolder: string) {
  let held = false
  const signal = (name: NodeJS.Signals) => signalEngines(stackFolder, name)
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
