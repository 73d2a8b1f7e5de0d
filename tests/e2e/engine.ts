/** Holds, kills and lets go the engine's process of a running stack, as a machine would fail. Needs `ps`. */
import { execFileSync } from 'node:child_process'
import { afterEach } from 'vitest'
import { eventually } from './session.ts'

function findEngine(stackFolder: string): number | null {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  // Its guard names the same program as an argument, and must live.
  const line = lines.find(
    (each) => each.includes(stackFolder) && each.includes('engine') && !each.includes('container-guard'),
  )
  return line ? Number.parseInt(line, 10) : null
}

/** The engine of a stack, for a suite. What is held is let go after each test, or the stack could not end in order. */
export function useEngine(stackFolder: string) {
  let held = false
  const signal = async (name: NodeJS.Signals) => {
    const pid = await eventually('the engine’s start', async () => findEngine(stackFolder), 60)
    process.kill(pid, name)
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
