import { SESSION_ROW_DAYS } from '@gen3d/shared/limits'

/** Crockford's base 32, as ULIDs are written. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_DIGITS = 10
const DAY_MS = 24 * 3600 * 1000

/** When a session and all of its files are deleted by themselves; its ULID tells when it was made. */
export function keptUntil(sessionId: string): Date {
  const made = [...sessionId.slice(0, TIME_DIGITS)].reduce((ms, digit) => ms * 32 + DIGITS.indexOf(digit), 0)
  return new Date(made + SESSION_ROW_DAYS * DAY_MS)
}
