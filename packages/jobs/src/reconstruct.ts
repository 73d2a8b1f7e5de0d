import type { JobAccepted, ReconstructRequest } from '@gen3d/shared/api'
import { maxObjects } from '@gen3d/shared/engine-time'
import { engineFacts } from '@gen3d/shared/engines'
import { Gen3dError } from '@gen3d/shared/errors'
import type { InferenceRequest } from '@gen3d/shared/inference'
import { fillOptions } from '@gen3d/shared/reconstruct-defaults'
import { checkMasks } from './check-masks.ts'
import { checkPhoto } from './check-photo.ts'
import { getSession } from './places.ts'
import { type SubmitNeeds, submit } from './submit.ts'
import type { Caller, Settings } from './world.ts'

/** Makes a 3D object of each mask. The photo must be uploaded; an embed need not have run. */
export async function reconstruct(
  world: SubmitNeeds,
  caller: Caller,
  body: ReconstructRequest,
  idempotencyKey: string | null,
): Promise<JobAccepted> {
  const options = toOptions(world.settings, body.options ?? {})
  checkCount(world.settings, body.masks.length)
  const session = await getSession(world, { sub: caller.sub, sessionId: body.session_id })
  const photo = await checkPhoto(world, session)
  const masks = checkMasks(session, photo, body.masks)
  for (const { key, png } of masks) {
    await world.objects.put(key, png, { contentType: 'image/png', ifAbsent: true })
  }
  return submit(world, caller, session, {
    kind: 'reconstruct',
    photoEtag: photo.etag,
    masks: masks.map(({ name, key }) => ({ name, key })),
    options,
    retryOf: null,
    idempotency: idempotencyKey === null ? null : { key: idempotencyKey, body: ['reconstruct', body] },
  })
}

function checkCount({ engine, engineTimeoutSeconds }: Settings, count: number): void {
  const most = maxObjects(engine, engineTimeoutSeconds)
  if (count <= most) return
  const message = `This deployment makes at most ${most} objects in one job, not ${count}. Make the others in a second one.`
  throw new Gen3dError('invalid_request', message, { field: 'masks' })
}

function toOptions(
  settings: Settings,
  asked: NonNullable<ReconstructRequest['options']>,
): NonNullable<InferenceRequest['options']> {
  const { formats, defaultFormats } = engineFacts(settings.engine)
  const foreign = asked.formats?.find((format) => !formats.includes(format))
  if (foreign) {
    const message = `The engine ${settings.engine} does not make ${foreign}. It makes ${formats.join(', ')}.`
    throw new Gen3dError('unsupported_format', message, { field: 'options.formats' })
  }
  return fillOptions(asked, defaultFormats)
}
