import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, writeJson } from '../durable-json.ts'

/** An accepted InvokeEndpointAsync call. Locations are `s3://BUCKET/KEY`; times in epoch ms. */
export interface Invocation {
  readonly inferenceId: string
  /** Where the input lies, or the input itself in base64. */
  readonly input: { readonly location: string } | { readonly base64: string }
  readonly contentType: string
  readonly accept?: string
  readonly customAttributes?: string
  readonly outputLocation: string
  readonly failureLocation: string
  readonly acceptedAt: number
  readonly ttlSeconds: number
  readonly timeoutSeconds: number
}

/** An invocation with its place in the queue; the place is also the name of its file. */
export interface QueuedInvocation extends Invocation {
  readonly place: string
}

export interface InvocationQueue {
  /** Durable when it returns. */
  readonly add: (invocation: Invocation) => void
  /** Takes the oldest; it stays on disk until `finish`. */
  readonly take: () => QueuedInvocation | undefined
  /** Takes out everything whose time in the queue is over. */
  readonly dropExpired: (nowMs: number) => readonly QueuedInvocation[]
  readonly finish: (invocation: QueuedInvocation) => void
  readonly waiting: () => number
}

// 12 digits sort as text what counts as number, for longer than anybody will run this.
const placeDigits = 12

/** Opens a queue in a folder, one file for each invocation; what ran when the process was killed waits again. */
export function openInvocationQueue(folder: string): InvocationQueue {
  mkdirSync(folder, { recursive: true })
  const toPath = (place: string) => join(folder, `${place}.json`)
  const waiting = readdirSync(folder)
    .filter((name) => /^\d+\.json$/.test(name))
    .sort()
    .map((name) => readJson(join(folder, name)) as QueuedInvocation)
  let last = Number(waiting.at(-1)?.place ?? 0)

  const finish = ({ place }: QueuedInvocation) => rmSync(toPath(place), { force: true })
  return {
    add(invocation) {
      last += 1
      const queued = { ...invocation, place: String(last).padStart(placeDigits, '0') }
      writeJson(toPath(queued.place), queued)
      waiting.push(queued)
    },
    take: () => waiting.shift(),
    dropExpired(nowMs) {
      const expired = waiting.filter((one) => one.acceptedAt + one.ttlSeconds * 1000 <= nowMs)
      for (const one of expired) {
        waiting.splice(waiting.indexOf(one), 1)
        finish(one)
      }
      return expired
    },
    finish,
    waiting: () => waiting.length,
  }
}
