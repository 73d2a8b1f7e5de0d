import type { EngineContext } from '@gen3d/shared/engine'
import type { Progress } from '@gen3d/shared/inference'
import { type JobPlace, jobKey } from '@gen3d/shared/keys'
import type { Clock, ObjectStore } from './ports.ts'
import { secondsBetween } from './time.ts'

/** Each look and each word costs a round trip to S3 of some 20 ms: no more than two a second. */
const INTERVAL_SECONDS = 0.5
/** The engine's own part of the whole; reading stands before it and writing behind. */
const ENGINE_FROM = 0.05
const ENGINE_TO = 0.95

export class JobCancelled extends Error {
  override readonly name = 'JobCancelled'
}

/** What an attempt says of itself while it works, and where it looks whether it should stop. */
export class JobProgress implements EngineContext {
  readonly startedAt: Date
  readonly #world: { objects: ObjectStore; clock: Clock }
  readonly #place: JobPlace
  readonly #attempt: string
  readonly #steps: Record<string, number> = {}
  #stage = 'read'
  #stageSince: Date
  #lastWord: Date | null = null

  constructor(world: { objects: ObjectStore; clock: Clock }, place: JobPlace, attempt: string) {
    this.#world = world
    this.#place = place
    this.#attempt = attempt
    this.startedAt = world.clock.now()
    this.#stageSince = this.startedAt
  }

  async start(): Promise<void> {
    await this.#say(0)
  }

  async progress(stage: string, fraction: number): Promise<void> {
    this.#enter(stage)
    const bounded = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0))
    await this.#say(ENGINE_FROM + (ENGINE_TO - ENGINE_FROM) * bounded)
  }

  /** The engine is done; its files are being stored. */
  async write(): Promise<void> {
    this.#enter('write')
    await this.#say(ENGINE_TO)
  }

  /** Seconds by step so far. */
  timings(): Record<string, number> {
    this.#enter(this.#stage)
    return { ...this.#steps }
  }

  #enter(stage: string): void {
    const now = this.#world.clock.now()
    const spent = secondsBetween(this.#stageSince, now)
    this.#steps[this.#stage] = Math.round(((this.#steps[this.#stage] ?? 0) + spent) * 1000) / 1000
    this.#stage = stage
    this.#stageSince = now
  }

  async #say(progress: number): Promise<void> {
    const { objects, clock } = this.#world
    const now = clock.now()
    if (this.#lastWord && secondsBetween(this.#lastWord, now) < INTERVAL_SECONDS) return
    this.#lastWord = now
    if (await objects.head(jobKey(this.#place, 'cancel'))) throw new JobCancelled('The job was cancelled.')
    const word: Progress = {
      attempt: this.#attempt,
      stage: this.#stage,
      progress,
      started_at: this.startedAt.toISOString(),
      updated_at: now.toISOString(),
    }
    await objects.put(jobKey(this.#place, 'progress'), JSON.stringify(word), {
      contentType: 'application/json',
    })
  }
}
