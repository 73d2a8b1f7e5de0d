/** A whole world in memory, with a clock that stands still until it is moved. For tests and demonstrations. */
import type { Clock, Log } from '@gen3d/jobs/ports'
import type { Settings, World } from '@gen3d/jobs/world'
import { MemoryFactStore } from './fact-store.ts'
import { MemoryJobStore } from './job-store.ts'
import { MemoryLimitStore } from './limit-store.ts'
import { MemoryObjectStore } from './object-store.ts'
import { MemoryAccounts, MemoryEndpoint, MemoryMailer } from './outside.ts'
import { MemorySessionStore } from './session-store.ts'

export class StillClock implements Clock {
  #now = Date.UTC(2026, 2, 14, 9, 0, 0)
  now(): Date {
    return new Date(this.#now)
  }
  advance(seconds: number): void {
    this.#now += seconds * 1000
  }
}

export class MemoryLog implements Log {
  readonly lines: { level: string; message: string; fields?: Record<string, unknown> }[] = []
  info(message: string, fields?: Record<string, unknown>) {
    this.lines.push({ level: 'info', message, fields })
  }
  warn(message: string, fields?: Record<string, unknown>) {
    this.lines.push({ level: 'warn', message, fields })
  }
  error(message: string, fields?: Record<string, unknown>) {
    this.lines.push({ level: 'error', message, fields })
  }
}

const SETTINGS: Settings = {
  bucket: 'photos',
  engine: 'preview',
  maxJobsPerDay: 20,
  maxJobsInFlight: 4,
  maxGpuSecondsPerMonth: 36_000,
  requestTtlSeconds: 3600,
  engineTimeoutSeconds: 600,
  inFlightPerInstance: 4,
  instanceUsdPerHour: null,
  mailEnabled: true,
  mailOperator: null,
  siteUrl: 'https://gen3d.example/',
}

export interface MemoryWorld extends World {
  readonly jobs: MemoryJobStore
  readonly sessions: MemorySessionStore
  readonly limits: MemoryLimitStore
  readonly facts: MemoryFactStore
  readonly objects: MemoryObjectStore
  readonly endpoint: MemoryEndpoint
  readonly mailer: MemoryMailer
  readonly accounts: MemoryAccounts
  readonly clock: StillClock
  readonly log: MemoryLog
}

export function createMemoryWorld(settings: Partial<Settings> = {}): MemoryWorld {
  const clock = new StillClock()
  const endpoint = new MemoryEndpoint()
  let ulids = 0
  return {
    jobs: new MemoryJobStore(clock),
    sessions: new MemorySessionStore(clock),
    limits: new MemoryLimitStore(clock),
    facts: new MemoryFactStore(clock),
    objects: new MemoryObjectStore(clock),
    endpoint,
    observer: endpoint,
    mailer: new MemoryMailer(),
    accounts: new MemoryAccounts(),
    clock,
    log: new MemoryLog(),
    newUlid: () => `01KK${String(ulids++).padStart(22, '0')}`,
    settings: { ...SETTINGS, ...settings },
  }
}
