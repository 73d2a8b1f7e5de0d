import { randomUUID } from 'node:crypto'
import { type LambdaOptions, type LambdaProcess, startLambdaProcess } from './lambda-process.ts'

export interface LocalLambda {
  readonly name: string
  /** Runs one event and returns what the handler returned, as JSON would carry it; throws `LambdaError`. */
  readonly invoke: (event: unknown) => Promise<unknown>
  /** Starts a process ahead of the first event, as Lambda may do, too. */
  readonly warm: () => void
  /** Lets the running events end and gives every later event a fresh process with the code of that moment. */
  readonly reload: () => void
  readonly stop: () => Promise<void>
}

/**
 * Starts a Lambda function: its processes start when events come (as in Lambda, one event at a time each), at most
 * `maxProcesses` (default 4); further events wait in order. The environment is exactly `env` and Lambda's own names.
 */
export function startLambda(options: LambdaOptions): LocalLambda {
  const maxProcesses = options.maxProcesses ?? 4
  const idle: LambdaProcess[] = []
  const busy = new Set<LambdaProcess>()
  const waiting: (() => void)[] = []
  let generation = 0
  let stopped = false

  async function acquire(): Promise<LambdaProcess> {
    while (!stopped && busy.size >= maxProcesses) await new Promise<void>((resolve) => waiting.push(resolve))
    if (stopped) throw new Error(`${options.name} is stopped`)
    let free = idle.pop()
    while (free && !free.alive()) free = idle.pop()
    const taken = free ?? startLambdaProcess(options)
    busy.add(taken)
    return taken
  }

  function release(used: LambdaProcess, startedIn: number): void {
    busy.delete(used)
    if (used.alive() && startedIn === generation && !stopped) idle.push(used)
    else void used.stop()
    waiting.shift()?.()
  }

  return {
    name: options.name,
    async invoke(event) {
      const runner = await acquire()
      const startedIn = generation
      try {
        return await runner.invoke(randomUUID(), event)
      } finally {
        release(runner, startedIn)
      }
    },
    warm() {
      if (!stopped && idle.length + busy.size === 0) idle.push(startLambdaProcess(options))
    },
    reload() {
      generation += 1
      for (const retired of idle.splice(0)) void retired.stop()
    },
    async stop() {
      stopped = true
      for (const resume of waiting.splice(0)) resume()
      await Promise.all([...idle.splice(0), ...busy].map((one) => one.stop()))
    },
  }
}
