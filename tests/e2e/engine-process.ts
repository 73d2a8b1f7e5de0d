/** Signals to the engine's processes of a running stack. Needs `ps`. */
import { execFileSync } from 'node:child_process'
import { eventually } from './session.ts'

/** One a machine: the local endpoint adds machines when it is crowded, as the deployed one does. */
function findEngines(stackFolder: string): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  // An engine's guard names the same program as an argument, and must live.
  const isEngine = (line: string) =>
    line.includes(stackFolder) && line.includes('engine') && !line.includes('container-guard')
  return lines.filter(isEngine).map((line) => Number.parseInt(line, 10))
}

/** To all of them, as soon as one runs. */
export async function signalEngines(stackFolder: string, name: NodeJS.Signals): Promise<void> {
  const pids = await eventually(
    'the engine’s start',
    async () => {
      const found = findEngines(stackFolder)
      return found.length > 0 && found
    },
    60,
  )
  for (const pid of pids) process.kill(pid, name)
}
