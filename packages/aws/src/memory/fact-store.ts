/** In-memory twin of the DynamoDB FactStore. */
import type { Clock, Fact, FactStore } from '@gen3d/jobs/ports'

export class MemoryFactStore implements FactStore {
  readonly #facts = new Map<string, { value: Fact; expiresAt: number }>()
  readonly #clock: Clock
  constructor(clock: Clock) {
    this.#clock = clock
  }

  #live(name: string): Fact | null {
    const row = this.#facts.get(name)
    return row && row.expiresAt * 1000 > this.#clock.now().getTime() ? row.value : null
  }

  async put(name: string, value: Fact, expiresAt: number) {
    this.#facts.set(name, { value: structuredClone(value), expiresAt })
  }

  // Nothing may be awaited between look and write: it is one conditional write.
  async putOnce(name: string, value: Fact, expiresAt: number) {
    const standing = this.#live(name)
    if (standing) return standing
    this.#facts.set(name, { value: structuredClone(value), expiresAt })
    return value
  }

  async get(name: string) {
    return this.#live(name)
  }
}
