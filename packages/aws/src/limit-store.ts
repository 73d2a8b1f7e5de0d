import type { LimitStore } from '@gen3d/jobs/ports'
import type { Table } from './table.ts'

function counterId(counter: string): string {
  return `counter#${counter}`
}

function slotsId(set: string): string {
  return `slots#${set}`
}

export class DynamoLimitStore implements LimitStore {
  readonly #table: Table
  constructor(table: Table) {
    this.#table = table
  }

  async add(counter: string, amount: number, max: number, expiresAt: number) {
    if (amount > max) return null
    const row = await this.#table.express(counterId(counter), 'ADD #sum :amount SET expires_at = :expires', {
      condition: 'attribute_not_exists(#sum) OR #sum <= :room',
      names: { '#sum': 'sum' },
      values: { ':amount': amount, ':room': max - amount, ':expires': expiresAt },
    })
    return row && (row.sum as number)
  }

  async read(counter: string) {
    return ((await this.#table.get(counterId(counter)))?.sum as number | undefined) ?? 0
  }

  async takeSlot(set: string, member: string, max: number, expiresAt: number) {
    if (max < 1) return false
    const row = await this.#table.express(slotsId(set), 'ADD members :added SET expires_at = :expires', {
      condition: 'attribute_not_exists(members) OR contains(members, :member) OR size(members) < :max',
      values: { ':added': new Set([member]), ':member': member, ':max': max, ':expires': expiresAt },
    })
    return row !== null
  }

  async freeSlot(set: string, member: string) {
    await this.#table.express(slotsId(set), 'DELETE members :removed', {
      condition: 'contains(members, :member)',
      values: { ':removed': new Set([member]), ':member': member },
    })
  }

  async listSlots(set: string) {
    const row = await this.#table.get(slotsId(set))
    return [...((row?.members as Set<string> | undefined) ?? [])]
  }
}
