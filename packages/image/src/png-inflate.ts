import { Unzlib } from 'fflate'
import { damaged, ImageError } from './errors.ts'

/**
 * Deflate makes at most 1032 bytes of one: with steps of this size no more than 17 MB are inflated beyond what the
 * picture needs, whatever a hostile file holds.
 */
const STEP_BYTES = 16 * 1024

/**
 * Inflates one zlib stream that comes in parts, hands the bytes on as they come, and stops when `take` says that it
 * has enough (returns true); throws ImageError `damaged` when the stream is broken or ends before that.
 */
export function inflate(parts: readonly Uint8Array[], take: (bytes: Uint8Array) => boolean): void {
  let done = false
  const stream = new Unzlib((bytes) => {
    if (!done) done = take(bytes)
  })
  try {
    for (const part of parts) {
      for (let at = 0; at < part.length && !done; at += STEP_BYTES) {
        stream.push(part.subarray(at, at + STEP_BYTES))
      }
    }
    if (!done) stream.push(new Uint8Array(0), true)
  } catch (cause) {
    if (cause instanceof ImageError) throw cause
    if (!done) throw damaged('its pixels cannot be read', cause)
  }
  if (!done) throw damaged('some of its pixels are missing')
}
