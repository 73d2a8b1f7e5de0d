interface Waiting {
  readonly owner: string
  readonly start: () => Promise<void>
  readonly refuse: (reason: Error) => void
}

/** The queue takes nothing more: its process is stopping. */
export class QueueClosed extends Error {
  override readonly name = 'QueueClosed'
}

export interface FairQueue {
  /** Runs the task when it is its turn. Rejects with the signal's reason when that comes first. */
  run<T>(owner: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Refuses what waits and what comes; resolves when the running task has ended. */
  close(): Promise<void>
}

/**
 * One task at a time. Owners take turns: whoever was served longest ago is next, and within an owner the oldest task,
 * so that ten jobs of one person do not stand before the first job of another.
 */
export function createFairQueue(): FairQueue {
  const waiting: Waiting[] = []
  const lastTurn = new Map<string, number>()
  let turn = 0
  let running: Promise<void> | null = null
  let closed = false

  function next(): void {
    if (running) return
    if (waiting.length === 0) {
      lastTurn.clear()
      return
    }
    const turnOf = ({ owner }: Waiting) => lastTurn.get(owner) ?? -1
    const first = waiting.reduce((best, entry) => (turnOf(entry) < turnOf(best) ? entry : best))
    waiting.splice(waiting.indexOf(first), 1)
    lastTurn.set(first.owner, turn++)
    running = first.start().finally(() => {
      running = null
      next()
    })
  }

  return {
    run<T>(owner: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (closed) throw new QueueClosed('The engine is stopping.')
        signal?.throwIfAborted()
        const leave = () => {
          waiting.splice(waiting.indexOf(entry), 1)
          reject(signal?.reason)
        }
        const entry: Waiting = {
          owner,
          refuse: reject,
          async start() {
            signal?.removeEventListener('abort', leave)
            await task().then(resolve, reject)
          },
        }
        signal?.addEventListener('abort', leave, { once: true })
        waiting.push(entry)
        next()
      })
    },
    async close() {
      closed = true
      for (const { refuse } of waiting.splice(0)) refuse(new QueueClosed('The engine is stopping.'))
      await running
    },
  }
}
