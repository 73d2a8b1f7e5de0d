/** In-memory twin of the DynamoDB LimitStore. */
import type { Clock, LimitStore } from '@gen3d/jobs/ports'

export class MemoryLimitStore implements LimitStore {
  readonly #counters = new Map<string, { sum: number; expiresAt: number }>()
  readonly #sets = new Map<string, Set<string>>()
  readonly #clock: Clock
  constructor(clock: Clock) {
    this.#clock = clock
  }

  async add(counter: string, amount: number, max: number, expiresAt: number) {
    const sum = this.#sum(counter) + amount
    if (sum > max) return null
    this.#counters.set(counter, { sum, expiresAt })
    return sum
  }

  async read(counter: string) {
    return this.#sum(counter)
  }

  #sum(counter: string): number {
    const row = this.#counters.get(counter)
    return row && row.expiresAt * 1000 > this.#clock.now().getTime() ? row.sum : 0
  }

  async takeSlot(set: string, member: string, max: number) {
    const members = this.#sets.get(set) ?? new Set()
    if (members.has(member)) return true
    if (members.size >= max) return false
    this.#sets.set(set, members.add(member))
    return true
  }

  async freeSlot(set: string, member: string) {
    this.#sets.get(set)?.delete(member)
  }

  async listSlots(set: string) {
    return [...(this.#sets.get(set) ?? [])]
  }
}
