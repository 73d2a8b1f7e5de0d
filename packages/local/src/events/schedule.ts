const SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const

/** The seconds of an EventBridge rate expression, `rate(1 minute)` or `rate(5 minutes)`; throws for anything else. */
export function parseRate(expression: string): number {
  const match = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression)
  const count = Number(match?.[1])
  // EventBridge refuses `rate(1 minutes)` and `rate(5 minute)` as well.
  if (!match || count < 1 || (count === 1) !== (match[3] === '')) {
    throw new Error(`${JSON.stringify(expression)} is no rate expression such as rate(5 minutes).`)
  }
  return count * SECONDS[match[2] as keyof typeof SECONDS]
}

/** What runs by the clock. */
export interface ScheduleOptions {
  readonly everySeconds: number
  /** A rejection goes to `onError`; the next run comes all the same. */
  readonly run: () => Promise<unknown>
  readonly onError?: (error: unknown) => void
}

/** A running schedule. */
export interface Schedule {
  /** Resolves when the run in progress, if any, has ended. */
  stop(): Promise<void>
}

/** Runs a task again and again, first after one interval; a run that takes longer lets the ones it covers fall out. */
export function startSchedule({ everySeconds, run, onError }: ScheduleOptions): Schedule {
  if (!(everySeconds > 0)) throw new Error(`A schedule cannot run every ${everySeconds} seconds.`)
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= Promise.resolve()
      .then(run)
      .then(() => {}, onError ?? ((error) => console.error('schedule:', error)))
      .finally(() => {
        running = undefined
      })
  }, everySeconds * 1000)
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
