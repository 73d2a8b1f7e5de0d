/** Idempotency-Key: the same key and body give the same job, another body is refused. */
import { createHash } from 'node:crypto'
import { Gen3dError } from '@gen3d/shared/errors'
import { JOB_ROW_DAYS } from '@gen3d/shared/limits'
import { HEADERS } from '@gen3d/shared/names'
import { expiryInDays } from './time.ts'
import type { World } from './world.ts'

const MAX_KEY_LENGTH = 128
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

export interface Idempotency {
  readonly key: string
  /** What was asked: any JSON. */
  readonly body: unknown
}

/**
 * The ULID of the job that a key stands for. It follows from user and key alone, so that a call which died anywhere
 * finds its own job again. Throws `idempotency_mismatch` when the key came with another body before.
 */
export async function claimKey(
  { facts, clock }: Pick<World, 'facts' | 'clock'>,
  sub: string,
  { key, body }: Idempotency,
): Promise<string> {
  if (key.length === 0 || key.length > MAX_KEY_LENGTH) {
    const message = `${HEADERS.idempotencyKey} must have 1 to ${MAX_KEY_LENGTH} characters.`
    throw new Gen3dError('invalid_request', message, { field: HEADERS.idempotencyKey })
  }
  const id = createHash('sha256')
    .update(JSON.stringify([sub, key]))
    .digest()
  const bodyHash = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  const standing = await facts.putOnce(
    `idempotency#${id.toString('hex')}`,
    { body_hash: bodyHash },
    expiryInDays(clock.now(), JOB_ROW_DAYS),
  )
  if (standing.body_hash !== bodyHash) {
    throw new Gen3dError('idempotency_mismatch', undefined, { field: HEADERS.idempotencyKey })
  }
  return toUlid(id)
}

/** 26 characters of 5 bits each; the first has 3, as in a ULID. */
function toUlid(hash: Uint8Array): string {
  return [...hash.subarray(0, 26)].map((byte, i) => CROCKFORD[byte & (i === 0 ? 7 : 31)]).join('')
}
