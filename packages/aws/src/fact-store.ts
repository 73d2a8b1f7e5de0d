import type { Fact, FactStore } from '@gen3d/jobs/ports'
import type { Table } from './table.ts'

function toId(name: string): string {
  return `fact#${name}`
}

export class DynamoFactStore implements FactStore {
  readonly #table: Table
  constructor(table: Table) {
    this.#table = table
  }

  async put(name: string, value: Fact, expiresAt: number) {
    await this.#table.put({ job_id: toId(name), value, expires_at: expiresAt })
  }

  async putOnce(name: string, value: Fact, expiresAt: number) {
    for (;;) {
      if (await this.#table.putOnce({ job_id: toId(name), value, expires_at: expiresAt })) return value
      const standing = await this.get(name)
      if (standing) return standing
    }
  }

  async get(name: string) {
    return ((await this.#table.get(toId(name)))?.value as Fact | undefined) ?? null
  }
}
