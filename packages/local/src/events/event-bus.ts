import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { replaceFile } from '../s3/replace-file.ts'
import { openEventLog } from './event-log.ts'
import { compilePattern, type EventPattern } from './event-pattern.ts'

/** A rule and its target: events that match the pattern are delivered at least once, in any order. */
export interface Subscriber<Event> {
  /** Stands in the log, so it must stay the same over restarts. */
  readonly name: string
  readonly pattern: EventPattern
  /** A rejection is a failed attempt. */
  readonly deliver: (event: Event) => Promise<unknown>
}

/** How the bus is set up. */
export interface EventBusOptions<Event> {
  readonly folder: string
  readonly subscribers: readonly Subscriber<Event>[]
  /** Attempts before an event becomes a dead letter (default 5). */
  readonly attempts?: number
  /** Milliseconds to wait after the given failed attempt, 1 the first (default 0.2, 0.8, 3.2, 12.8 s). */
  readonly backoffMs?: (attempt: number) => number
  /** Deliveries at a time (default 8). */
  readonly concurrency?: number
  /** What at-least-once allows, made certain, for tests. */
  readonly unruly?: {
    /** Each event three times: twice at once, and once more after both. */
    readonly duplicate?: true
    /** Events that come within 50 ms of each other go out last first, one by one. */
    readonly reorder?: true
  }
  readonly onError?: (error: unknown) => void
}

/** A durable event bus. */
export interface EventBus<Event> {
  /**
   * Puts the event on disk, runs `change` (what the event tells of), then delivers. A kill in between delivers the
   * event after the restart whether or not the change happened; a change that throws withdraws it.
   */
  publish(event: Event, change: () => Promise<void>): Promise<void>
  /** Begins to deliver, first what was left over. Call it when the subscribers' own servers are up. */
  start(): void
  /** Resolves when nothing is left to deliver; dead letters count as delivered. */
  settled(): Promise<void>
  /** Events that failed every attempt, oldest first. */
  deadLetters(): DeadLetter<Event>[]
  /** Ends deliveries after at most 2 s; what is not finished is delivered again after the next start. */
  stop(): Promise<void>
}

/** An event that was given up. */
interface DeadLetter<Event> {
  readonly event: Event
  readonly subscriber: string
  readonly attempts: number
  /** What the last attempt failed with. */
  readonly error: string
  /** ISO 8601. */
  readonly time: string
}

interface Delivery<Event> {
  readonly event: Event
  readonly subscriber: Subscriber<Event>
  attempts: number
}

const REORDER_WINDOW_MS = 50
const STOP_GRACE_MS = 2000

/** Opens the bus in its folder; nothing is delivered before `start`. */
export async function openEventBus<Event extends { readonly id: string }>(
  options: EventBusOptions<Event>,
): Promise<EventBus<Event>> {
  const { attempts = 5, concurrency = 8, unruly = {}, subscribers } = options
  const backoffMs = options.backoffMs ?? ((attempt: number) => 200 * 4 ** (attempt - 1))
  const onError = options.onError ?? ((error: unknown) => console.error('events:', error))
  const matchers = subscribers.map((subscriber) => ({
    subscriber,
    matches: compilePattern(subscriber.pattern),
  }))
  const deadFolder = join(options.folder, 'dead-letters')
  mkdirSync(deadFolder, { recursive: true })
  const log = await openEventLog<Event>(options.folder)
  const stopping = new AbortController()
  const queue: Delivery<Event>[] = []
  const idle: (() => void)[] = []
  const running = new Set<Promise<void>>()
  let unfinished = 0
  let started = false
  let window: NodeJS.Timeout | undefined

  const enqueue = (event: Event, subscriber: Subscriber<Event>, failed: number) => {
    unfinished += 1
    queue.push({ event, subscriber, attempts: failed })
  }
  const pump = () => {
    if (!started || stopping.signal.aborted) return
    if (unruly.reorder) {
      clearTimeout(window)
      window = setTimeout(() => drainBackwards().catch(onError), REORDER_WINDOW_MS)
      return
    }
    while (running.size < concurrency && queue.length > 0) run(queue.shift() as Delivery<Event>)
  }
  const run = (delivery: Delivery<Event>): Promise<void> => {
    const work = deliver(delivery)
      .catch(onError)
      .finally(() => {
        running.delete(work)
        if (!unruly.reorder) pump()
      })
    running.add(work)
    return work
  }
  let draining: Promise<void> = Promise.resolve()
  const drainBackwards = () => {
    const batch = queue.splice(0).reverse()
    draining = draining.then(async () => {
      for (const delivery of batch) if (!stopping.signal.aborted) await run(delivery)
    })
    return draining
  }

  const once = async ({ subscriber, event }: Delivery<Event>) => {
    if (!unruly.duplicate) return void (await subscriber.deliver(event))
    await Promise.all([subscriber.deliver(event), subscriber.deliver(event)])
    await subscriber.deliver(event)
  }
  const deliver = async (delivery: Delivery<Event>) => {
    const { event, subscriber } = delivery
    try {
      await once(delivery)
    } catch (error) {
      onError(error)
      delivery.attempts += 1
      if (delivery.attempts < attempts) {
        await log.failed(event, subscriber.name, delivery.attempts)
        retryLater(delivery)
        return
      }
      await bury(delivery, error)
    }
    await log.settled(event, subscriber.name)
    finish()
  }
  // A delivery that waits takes no place from the others.
  const retryLater = (delivery: Delivery<Event>) => {
    delay(backoffMs(delivery.attempts), undefined, { signal: stopping.signal })
      .then(() => {
        queue.push(delivery)
        pump()
      })
      .catch((error) => {
        if (!stopping.signal.aborted) onError(error)
      })
  }
  const bury = async ({ event, subscriber, attempts: tried }: Delivery<Event>, error: unknown) => {
    const time = new Date().toISOString()
    const letter: DeadLetter<Event> = {
      event,
      subscriber: subscriber.name,
      attempts: tried,
      error: String(error),
      time,
    }
    const name = `${time.replace(/[:.]/g, '-')}-${event.id}.json`
    await replaceFile(join(deadFolder, name), JSON.stringify(letter))
  }
  const finish = () => {
    unfinished -= 1
    if (unfinished === 0) for (const resolve of idle.splice(0)) resolve()
  }

  for (const { event, subscriber: name, attempts: failed } of log.leftOver) {
    const subscriber = subscribers.find((candidate) => candidate.name === name)
    if (subscriber) enqueue(event, subscriber, failed)
    // Its subscriber is gone for good: nobody waits for it.
    else await log.settled(event, name)
  }

  return {
    async publish(event, change) {
      const targets = matchers.filter(({ matches }) => matches(event)).map(({ subscriber }) => subscriber)
      if (targets.length === 0) return change()
      const names = targets.map(({ name }) => name)
      await log.append(event, names)
      try {
        await change()
      } catch (error) {
        await log.withdraw(event, names)
        throw error
      }
      for (const subscriber of targets) enqueue(event, subscriber, 0)
      pump()
    },
    start() {
      started = true
      pump()
    },
    settled: () => (unfinished === 0 ? Promise.resolve() : new Promise((resolve) => void idle.push(resolve))),
    deadLetters: () =>
      readdirSync(deadFolder)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => JSON.parse(readFileSync(join(deadFolder, name), 'utf8')) as DeadLetter<Event>),
    async stop() {
      stopping.abort()
      clearTimeout(window)
      await Promise.race([Promise.all(running), delay(STOP_GRACE_MS, undefined, { ref: false })])
      await log.close()
    },
  }
}
