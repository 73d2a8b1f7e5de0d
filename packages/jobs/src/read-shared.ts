import { createHash } from 'node:crypto'
import type { SharedScene } from '@gen3d/shared/api'
import { Gen3dError } from '@gen3d/shared/errors'
import { isShareToken } from '@gen3d/shared/ids'
import { attemptKey } from '@gen3d/shared/keys'
import { DOWNLOAD_URL_SECONDS } from '@gen3d/shared/limits'
import { findMade } from './find-made.ts'
import { posterOf } from './job-files.ts'
import { shareFact } from './share.ts'
import { signScene } from './sign-result.ts'
import { addSeconds, secondsBetween, startOfMinute, toEpochSeconds } from './time.ts'
import type { World } from './world.ts'

/** A minute. A person who looks at shared objects needs a few; whoever tries tokens gets nowhere near 2^256. */
export const READS_PER_ADDRESS = 60
/** A minute: a link that is passed around, from all addresses together. */
export const READS_PER_TOKEN = 120

type Needs = Pick<World, 'sessions' | 'objects' | 'facts' | 'limits' | 'clock'>

/**
 * What a share link shows to whoever has its token. `address`: the caller's IP address. Throws `limit_reached`, or
 * `not_found` alike for a token that is unknown, expired or revoked and for a session that is deleted.
 */
export async function readShared(world: Needs, token: string, address: string): Promise<SharedScene> {
  const now = world.clock.now()
  const minute = startOfMinute(now)
  // No address of a reader stands in the table.
  const from = createHash('sha256').update(`${minute.toISOString()}|${toNetwork(address)}`)
  await admitReader(world, `shared-from#${from.digest('hex')}`, READS_PER_ADDRESS)
  const name = shareFact(token)
  const fact = isShareToken(token) ? await world.facts.get(name) : null
  if (!fact) throw nothing()
  await admitReader(world, `shared-${name}#${minute.toISOString()}`, READS_PER_TOKEN)
  const session = await world.sessions.get(fact.sub as string, fact.session_id as string)
  const share = session?.deletedAt ? null : session?.share
  if (!session || !share || share.nonce !== fact.nonce || share.expiresAt <= now.toISOString())
    throw nothing()
  const made = await findMade(world, session)
  if (!made) throw nothing()
  const { place, manifest } = made
  // No address outlives the link.
  const left = Math.ceil(secondsBetween(now, share.expiresAt))
  const expiresSeconds = Math.min(DOWNLOAD_URL_SECONDS, left)
  const poster = posterOf(manifest)
  return {
    name: session.name,
    expires_at: share.expiresAt,
    poster_url:
      poster &&
      (await world.objects.presignGet(attemptKey(place, poster.attempt, poster.file), { expiresSeconds })),
    ...(await signScene(world, place, manifest, expiresSeconds)),
  }
}

function nothing(): Gen3dError {
  const message = 'This link shows nothing: it has ended, was withdrawn or is not whole. Ask who sent it.'
  return new Gen3dError('not_found', message)
}

async function admitReader({ limits, clock }: Needs, counter: string, max: number): Promise<void> {
  const next = addSeconds(startOfMinute(clock.now()), 60)
  // The counter is of no use after its minute.
  if ((await limits.add(counter, 1, max, toEpochSeconds(next) + 60)) !== null) return
  const retryAfterSeconds = Math.ceil(secondsBetween(clock.now(), next))
  throw new Gen3dError('limit_reached', 'This was read too often in a minute. Try again in the next.', {
    retryAfterSeconds,
  })
}

/** A household's IPv6 addresses are its /64; IPv4 as it is. */
function toNetwork(address: string): string {
  if (!address.includes(':')) return address
  const [head, tail] = address.split('::').map((part) => part.split(':').filter(Boolean))
  const zeros = tail ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0') : []
  return [...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')
}
