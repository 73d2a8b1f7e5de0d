/**
 * Share links. A token is HMAC-SHA256(secret of the session, nonce of the link): 256 bits that stand nowhere. The table
 * holds the token's SHA-256 (a fact that leads to the session) and the nonce; the secret stands in the owner's folder of
 * the bucket. So the same link can be shown again, and neither a copy of the table nor a log opens anything. The
 * session's row decides: whoever clears its share has revoked every token.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { DeleteAccepted, Share, ShareRequest } from '@gen3d/shared/api'
import { Gen3dError } from '@gen3d/shared/errors'
import { type SessionPlace, shareSecretKey } from '@gen3d/shared/keys'
import { DEFAULT_SHARE_DAYS } from '@gen3d/shared/limits'
import { findMade } from './find-made.ts'
import { parseJson } from './job-files.ts'
import { getSession, notFound } from './places.ts'
import { addSeconds, DAY_SECONDS, toEpochSeconds } from './time.ts'
import type { Caller, World } from './world.ts'

const SECRET_BYTES = 32

/** The name of the fact that leads from a token to its session. */
export function shareFact(token: string): string {
  return `share#${createHash('sha256').update(token).digest('hex')}`
}

/**
 * Makes the session's share link, or returns the one that is valid, whatever `days` it is asked for. Throws `not_found`,
 * or `conflict` when there is nothing to show yet.
 */
export async function shareSession(
  world: Pick<World, 'sessions' | 'objects' | 'facts' | 'clock' | 'newUlid' | 'log'>,
  caller: Caller,
  sessionId: string,
  { days = DEFAULT_SHARE_DAYS }: ShareRequest,
): Promise<Share> {
  const session = await getSession(world, { sub: caller.sub, sessionId })
  if (!(await findMade(world, session))) {
    throw new Gen3dError('conflict', 'Nothing is finished here yet. Share it when an object is made.')
  }
  const now = world.clock.now()
  const secret = await readSecret(world, session)
  const offer = { nonce: world.newUlid(), expiresAt: addSeconds(now, days * DAY_SECONDS) }
  const share = await world.sessions.openShare(caller.sub, sessionId, offer, now.toISOString())
  if (!share) throw notFound()
  const token = createHmac('sha256', secret).update(share.nonce).digest('base64url')
  // Written again for a standing link: the call that opened it may have died before this.
  const fact = { sub: caller.sub, session_id: sessionId, nonce: share.nonce }
  await world.facts.put(shareFact(token), fact, toEpochSeconds(share.expiresAt))
  if (share.nonce === offer.nonce) world.log.info('session shared', { session_id: sessionId, days })
  return { token, expires_at: share.expiresAt }
}

/** Makes the session's link worthless; no error when it has none. Throws `not_found`. */
export async function unshareSession(
  world: Pick<World, 'sessions' | 'log'>,
  caller: Caller,
  sessionId: string,
): Promise<DeleteAccepted> {
  await getSession(world, { sub: caller.sub, sessionId })
  await world.sessions.closeShare(caller.sub, sessionId)
  world.log.info('session unshared', { session_id: sessionId })
  return { deleted: true }
}

/** Made once: of several calls at a time the first one's secret stays. */
async function readSecret({ objects }: Pick<World, 'objects'>, place: SessionPlace): Promise<string> {
  const key = shareSecretKey(place)
  const fresh = JSON.stringify({ secret: randomBytes(SECRET_BYTES).toString('base64url') })
  await objects.put(key, fresh, { contentType: 'application/json', ifAbsent: true })
  const { secret } = (parseJson(await objects.get(key)) ?? {}) as { secret?: unknown }
  if (typeof secret !== 'string' || secret.length === 0) throw new Error(`${key} holds no secret`)
  return secret
}
