import { setTimeout as sleep } from 'node:timers/promises'
import { type Container, type ContainerOptions, startContainer } from './container.ts'

export interface InstanceOptions {
  readonly container: ContainerOptions
  /** What an instance costs before its container even starts: the machine, the image. */
  readonly coldStartSeconds: number
  readonly startTimeoutSeconds: number
  readonly healthIntervalSeconds: number
}

/** One instance of an endpoint: a container with its health. */
export interface Instance {
  readonly state: () => 'starting' | 'ready' | 'ended'
  /** Only while ready. */
  readonly container: () => Container
  readonly pid: () => number | undefined
  readonly startedAt: number
  /** Seconds from its start to the first good ping. */
  readonly coldStart: () => number | null
  /** Resolves when the instance is gone; with a reason when it failed by itself. */
  readonly ended: Promise<string | null>
  readonly stop: (graceSeconds: number) => Promise<void>
}

const startPollMs = 100
const pingTimeoutMs = 2000
// A ping that is answered, but not with 200, three times in a row is a broken container. One that only stays silent may
// be busy with a long computation on its one thread, so it gets a minute.
const mostBadPings = 3
const longestSilenceMs = 60_000

/** Starts an instance; `onChange` is called when it becomes ready. */
export function startInstance(options: InstanceOptions, onChange: () => void): Instance {
  const startedAt = Date.now()
  const ending = new AbortController()
  let container: Container | undefined
  let state: ReturnType<Instance['state']> = 'starting'
  let coldStart: number | null = null
  let stopGraceSeconds = 0

  async function ping(): Promise<number | 'silent'> {
    try {
      return (await container?.call('GET', '/ping', pingTimeoutMs))?.status ?? 'silent'
    } catch {
      return 'silent'
    }
  }

  async function becomeReady(): Promise<string | null> {
    await sleep(options.coldStartSeconds * 1000, undefined, { signal: ending.signal })
    container = await startContainer(options.container)
    const deadline = Date.now() + options.startTimeoutSeconds * 1000
    while (Date.now() < deadline) {
      if (!container.isRunning()) return 'the container exited before it was ready'
      const status = await ping()
      if (status === 200) return null
      if (status !== 'silent' && status !== 503) return `/ping answered ${status}`
      await sleep(startPollMs, undefined, { signal: ending.signal })
    }
    return `/ping did not answer 200 within ${options.startTimeoutSeconds} s`
  }

  async function watch(running: Container): Promise<string> {
    let badPings = 0
    let lastAnswerAt = Date.now()
    while (running.isRunning()) {
      const pause = sleep(options.healthIntervalSeconds * 1000, undefined, { signal: ending.signal })
      // The loser of the race must not end the process when it is aborted later.
      pause.catch(() => {})
      await Promise.race([pause, running.exited])
      if (!running.isRunning()) break
      const status = await ping()
      if (status !== 'silent') lastAnswerAt = Date.now()
      badPings = status === 200 || status === 'silent' ? 0 : badPings + 1
      if (badPings >= mostBadPings) return `/ping answered ${status} ${badPings} times`
      if (Date.now() - lastAnswerAt > longestSilenceMs)
        return `/ping was silent for ${longestSilenceMs / 1000} s`
    }
    return 'the container exited'
  }

  async function live(): Promise<string | null> {
    let reason: string | null
    try {
      reason = await becomeReady()
      if (reason === null && container) {
        state = 'ready'
        coldStart = (Date.now() - startedAt) / 1000
        onChange()
        reason = await watch(container)
      }
    } catch (error) {
      if (!ending.signal.aborted) reason = error instanceof Error ? error.message : String(error)
      else reason = null
    }
    state = 'ended'
    await container?.stop(ending.signal.aborted ? stopGraceSeconds : 0)
    return ending.signal.aborted ? null : reason
  }

  const ended = live()
  return {
    state: () => state,
    container() {
      if (!container) throw new Error('The instance is not ready.')
      return container
    },
    pid: () => container?.pid,
    startedAt,
    coldStart: () => coldStart,
    ended,
    async stop(graceSeconds) {
      stopGraceSeconds = graceSeconds
      ending.abort()
      await ended
    },
  }
}
