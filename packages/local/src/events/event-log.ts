import { mkdirSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../s3/replace-file.ts'

/** An event that some subscriber has not taken yet. */
interface PendingDelivery<Event> {
  readonly event: Event
  readonly subscriber: string
  /** Attempts that failed before. */
  readonly attempts: number
}

/** A file of lines that remembers, over a kill -9, which events are still to be delivered. */
export interface EventLog<Event extends { readonly id: string }> {
  /** What the process before left undelivered, oldest first. */
  readonly leftOver: readonly PendingDelivery<Event>[]
  /** Resolves when the event is on disk. */
  append(event: Event, subscribers: readonly string[]): Promise<void>
  /** The write that the event tells of did not happen. */
  withdraw(event: Event, subscribers: readonly string[]): Promise<void>
  failed(event: Event, subscriber: string, attempts: number): Promise<void>
  settled(event: Event, subscriber: string): Promise<void>
  close(): Promise<void>
}

// One JSON object per line; a last line that a kill cut short is ignored, it was never answered for.
type Line<Event> =
  | { readonly event: Event; readonly to: readonly string[] }
  | { readonly withdrawn: string }
  | { readonly failed: string; readonly by: string; readonly attempts: number }
  | { readonly settled: string; readonly by: string }

// Above this, and with nothing to deliver, the file begins anew.
const LONGEST_LOG_BYTES = 2 ** 20

/** Opens the log in a folder and drops the lines that are no longer needed. */
export async function openEventLog<Event extends { readonly id: string }>(
  folder: string,
): Promise<EventLog<Event>> {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'events.jsonl')
  const leftOver = readLeftOver<Event>(path)
  let unsettled = leftOver.length
  await replaceFile(path, leftOver.map(startLines).join(''))
  const file = await open(path, 'a')
  let closed = false
  let sizeBytes = 0
  let waiting: { text: string; done: () => void; failed: (error: unknown) => void }[] = []
  let writing: Promise<void> | undefined

  // Lines that arrive while the disk is busy go together in the next write.
  const write = async (line: Line<Event>) => {
    if (closed) {
      // A delivery that ends after the bus was stopped comes once more after the next start; a new event would be lost.
      if ('event' in line) throw new Error('The event bus is stopped; stop it after what publishes to it.')
      return
    }
    await new Promise<void>((done, failed) => {
      waiting.push({ text: `${JSON.stringify(line)}\n`, done, failed })
      writing ??= flush().finally(() => {
        writing = undefined
      })
    })
  }
  const flush = async () => {
    // Lets the lines of this turn gather.
    await Promise.resolve()
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        const text = batch.map((line) => line.text).join('')
        await file.appendFile(text)
        await file.datasync()
        sizeBytes += text.length
        for (const { done } of batch) done()
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
      if (sizeBytes > LONGEST_LOG_BYTES && unsettled === 0 && waiting.length === 0) {
        await file.truncate(0)
        sizeBytes = 0
      }
    }
  }

  return {
    leftOver,
    append(event, to) {
      unsettled += to.length
      return write({ event, to })
    },
    withdraw(event, to) {
      unsettled -= to.length
      return write({ withdrawn: event.id })
    },
    failed: (event, by, attempts) => write({ failed: event.id, by, attempts }),
    settled(event, by) {
      unsettled -= 1
      return write({ settled: event.id, by })
    },
    async close() {
      closed = true
      await writing
      await file.close()
    },
  }
}

function startLines<Event extends { readonly id: string }>(delivery: PendingDelivery<Event>): string {
  const { event, subscriber, attempts } = delivery
  const lines: Line<Event>[] = [{ event, to: [subscriber] }]
  if (attempts > 0) lines.push({ failed: event.id, by: subscriber, attempts })
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

function readLeftOver<Event extends { readonly id: string }>(path: string): PendingDelivery<Event>[] {
  const pending = new Map<string, PendingDelivery<Event>>()
  const nameOf = (id: string, subscriber: string) => `${id} ${subscriber}`
  for (const text of readLines(path)) {
    let line: Line<Event>
    try {
      line = JSON.parse(text)
    } catch {
      continue
    }
    if ('event' in line) {
      for (const subscriber of line.to) {
        pending.set(nameOf(line.event.id, subscriber), { event: line.event, subscriber, attempts: 0 })
      }
    } else if ('settled' in line) pending.delete(nameOf(line.settled, line.by))
    else if ('failed' in line) {
      const name = nameOf(line.failed, line.by)
      const delivery = pending.get(name)
      if (delivery) pending.set(name, { ...delivery, attempts: line.attempts })
    } else {
      for (const [name, { event }] of pending) if (event.id === line.withdrawn) pending.delete(name)
    }
  }
  return [...pending.values()]
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
