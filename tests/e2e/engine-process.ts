/** Finds the engine's process of a running stack. Needs `ps`. */
import { execFileSync } from 'node:child_process'
import { eventually } from './session.ts'

function look(stackFolder: string): number | null {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  // Its guard names the same program as an argument, and must live.
  const line = lines.find(
    (each) => each.includes(stackFolder) && each.includes('engine') && !each.includes('container-guard'),
  )
  return line ? Number.parseInt(line, 10) : null
}

/** Its id, as soon as it runs. */
export function findEngine(stackFolder: string): Promise<number> {
  return eventually('the engine’s start', async () => look(stackFolder), 60)
}
