import type { JobAccepted, SelectRequest } from '@gen3d/shared/api'
import { engineFacts } from '@gen3d/shared/engines'
import { Gen3dError } from '@gen3d/shared/errors'
import { checkPhoto } from './check-photo.ts'
import { getSession } from './places.ts'
import { type SubmitNeeds, submit } from './submit.ts'
import type { Caller } from './world.ts'

/**
 * Has the engine find objects in the uploaded photo by words; an embed need not have run. Throws `no_text_prompts` where
 * the engine cannot, `invalid_request` for words without a character that can be seen.
 */
export async function select(
  world: SubmitNeeds,
  caller: Caller,
  body: SelectRequest,
  idempotencyKey: string | null,
): Promise<JobAccepted> {
  if (!engineFacts(world.settings.engine).textPrompts) throw new Gen3dError('no_text_prompts')
  const text = toText(body.text)
  const session = await getSession(world, { sub: caller.sub, sessionId: body.session_id })
  const photo = await checkPhoto(world, session)
  return submit(world, caller, session, {
    kind: 'select',
    photoEtag: photo.etag,
    text,
    masks: [],
    options: null,
    retryOf: null,
    idempotency: idempotencyKey === null ? null : { key: idempotencyKey, body: ['select', body] },
  })
}

/** One line: line breaks and control characters mean nothing to an engine. */
function toText(given: string): string {
  const text = given.replace(/[\s\p{Cc}]+/gu, ' ').trim()
  if (text !== '') return text
  throw new Gen3dError('invalid_request', 'text is empty. Say what to find, such as “yellow duck”.', {
    field: 'text',
  })
}
