/** Holds, kills and lets go the engine's process of a running stack, as a machine would fail. Needs `ps`. */
import { execFileSync } from 'node:child_process'
import { eventually } from './session.ts'

function findEngine(stackFolder: string): number | null {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  // Its guard names the same program as an argument, and must live.
  const line = lines.find(
    (each) => each.includes(stackFolder) && each.includes('engine') && !each.includes('container-guard'),
  )
  return line ? Number.parseInt(line, 10) : null
}

/** The engine of a stack. What is held has to be let go, or the stack could not end in order. */
export function engineOf(stackFolder: string) {
  const signal = async (name: NodeJS.Signals) => {
    const pid = await eventually('the engine’s start', async () => findEngine(stackFolder), 60)
    process.kill(pid, name)
  }
  return {
    hold: () => signal('SIGSTOP'),
    letGo: () => signal('SIGCONT'),
    kill: () => signal('SIGKILL'),
  }
}
