import type { DeleteAccepted } from '@gen3d/shared/api'
import { MAX_SESSIONS_PER_PAGE } from '@gen3d/shared/limits'
import { removeSession } from './delete-session.ts'
import { expiryInDays } from './time.ts'
import type { Caller, World } from './world.ts'

/** ID tokens live an hour longer than their account. */
const TOMBSTONE_DAYS = 2

function accountFact(sub: string): string {
  return `deleted-account#${sub}`
}

/** Deletes every session, object and row of the caller, then the account. A call that died midway can be repeated. */
export async function deleteAccount(
  world: Pick<
    World,
    'jobs' | 'sessions' | 'limits' | 'facts' | 'objects' | 'accounts' | 'clock' | 'log' | 'settings'
  >,
  caller: Caller,
): Promise<DeleteAccepted> {
  const now = world.clock.now()
  const fact = { deleted_at: now.toISOString() }
  await world.facts.put(accountFact(caller.sub), fact, expiryInDays(now, TOMBSTONE_DAYS))
  for (;;) {
    const { sessions } = await world.sessions.list(caller.sub, { limit: MAX_SESSIONS_PER_PAGE })
    if (sessions.length === 0) break
    for (const session of sessions) await removeSession(world, session)
  }
  await world.accounts.deleteUser(caller.username)
  world.log.info('account deleted', { user_id: caller.sub })
  return { deleted: true }
}

export async function isAccountDeleted({ facts }: Pick<World, 'facts'>, sub: string): Promise<boolean> {
  return (await facts.get(accountFact(sub))) !== null
}
