/** Instants and spans, all from the clock that the use case was handed. */
import { invocationSeconds } from '@gen3d/shared/engine-time'

export const DAY_SECONDS = 86_400

/** Between the last moment at which a job can end and the moment at which it is given up. */
const DEADLINE_MARGIN_SECONDS = 300

export function addSeconds(instant: Date | string, seconds: number): string {
  return new Date(new Date(instant).getTime() + seconds * 1000).toISOString()
}

export function secondsBetween(from: Date | string, to: Date | string): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 1000
}

/** Rounded up: a row never goes before its time. */
export function toEpochSeconds(instant: string): number {
  return Math.ceil(new Date(instant).getTime() / 1000)
}

export function startOfMinute(now: Date): Date {
  return new Date(Math.floor(now.getTime() / 60_000) * 60_000)
}

/** Epoch seconds, for the table's TTL. */
export function expiryInDays(now: Date, days: number): number {
  return Math.floor(now.getTime() / 1000) + days * DAY_SECONDS
}

/** After these seconds from its submit nothing can come of a job any more. */
export function deadlineSeconds(settings: {
  requestTtlSeconds: number
  engineTimeoutSeconds: number
  inFlightPerInstance: number
}): number {
  const { requestTtlSeconds, engineTimeoutSeconds, inFlightPerInstance } = settings
  return (
    requestTtlSeconds + invocationSeconds(inFlightPerInstance, engineTimeoutSeconds) + DEADLINE_MARGIN_SECONDS
  )
}

export function startOfNextDay(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1))
}

export function startOfNextMonth(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1))
}
