import { engineFacts } from '@gen3d/shared/engines'
import { FILE_FORMATS } from '@gen3d/shared/formats'
import { photoKey } from '@gen3d/shared/keys'
import { MAX_TEXT_LENGTH } from '@gen3d/shared/limits'
import { describe, expect, it } from 'vitest'
import { initialize } from './initialize.ts'
import { readCapabilities } from './read-capabilities.ts'
import { reconstruct } from './reconstruct.ts'
import { select } from './select.ts'
import { sweep } from './sweep.ts'
import { ANNA, BEN, createScene, HEIGHT, keyOf, maskBase64, photoBytes, WIDTH } from './test-scene.ts'

const code = (value: string, field?: string) =>
  expect.objectContaining(field ? { code: value, field } : { code: value })

describe('submit', () => {
  it('writes the row first, then the request, then invokes with the job id', async () => {
    const { world, submitEmbed } = createScene()
    const accepted = await submitEmbed()
    expect(accepted).toMatchObject({ kind: 'embed', state: 'QUEUED' })
    expect(world.endpoint.calls).toMatchObject([{ jobId: accepted.job_id, request: { kind: 'embed' } }])
    expect(world.endpoint.calls[0].outputName.length).toBeLessThanOrEqual(32)
    expect(await world.objects.head(keyOf(accepted, 'request'))).not.toBeNull()
    expect(await world.jobs.get(accepted.job_id)).toMatchObject({ state: 'QUEUED', invocations: 1 })
  })

  it('records the photo’s ETag and turned size once', async () => {
    const { world, submitEmbed } = createScene()
    const { session_id } = await submitEmbed()
    const session = await world.sessions.get(ANNA.sub, session_id)
    expect(session?.photo).toMatchObject({ width: WIDTH, height: HEIGHT, etag: expect.stringMatching(/^"/) })
  })

  it('refuses a submit before the upload', async () => {
    const { world, openSession } = createScene()
    const session_id = await openSession(ANNA, null)
    await expect(initialize(world, ANNA, { session_id }, null)).rejects.toEqual(code('not_uploaded'))
  })

  it('refuses what is no photo and names the field', async () => {
    const { world, openSession } = createScene()
    for (const bytes of [
      new TextEncoder().encode('hello, I am text, not a photo'),
      photoBytes().slice(0, 20),
      new Uint8Array(0),
    ]) {
      const session_id = await openSession(ANNA, bytes)
      await expect(initialize(world, ANNA, { session_id }, null)).rejects.toEqual(
        code('invalid_photo', 'session_id'),
      )
    }
    expect(world.endpoint.calls).toEqual([])
  })

  it('refuses a photo that was replaced after initialize', async () => {
    const { world, openSession } = createScene()
    const session_id = await openSession()
    await initialize(world, ANNA, { session_id }, null)
    const key = photoKey({ sub: ANNA.sub, sessionId: session_id }, 'png')
    await world.objects.put(key, photoBytes(9), { contentType: 'image/png' })
    const body = { session_id, masks: [{ png_base64: maskBase64() }] }
    await expect(reconstruct(world, ANNA, body, null)).rejects.toEqual(code('photo_replaced'))
  })

  it('gives a stranger 404', async () => {
    const { world, openSession } = createScene()
    const session_id = await openSession()
    await expect(initialize(world, BEN, { session_id }, null)).rejects.toEqual(code('not_found'))
  })

  it('keeps a job whose invocation failed, and the sweep invokes it', async () => {
    const { world, submitEmbed } = createScene()
    world.endpoint.failure = new Error('endpoint away')
    const accepted = await submitEmbed()
    expect(accepted.state).toBe('QUEUED')
    world.endpoint.failure = null
    world.clock.advance(61)
    await sweep(world)
    expect(world.endpoint.calls).toMatchObject([{ jobId: accepted.job_id }])
  })
})

describe('reconstruct', () => {
  it('needs no embed, stores each mask once and fills in the options', async () => {
    const { world, openSession } = createScene()
    const png_base64 = maskBase64()
    const body = { session_id: await openSession(), masks: [{ png_base64 }, { png_base64, name: 'leg' }] }
    const accepted = await reconstruct(world, ANNA, body, null)
    const { request } = (await world.jobs.get(accepted.job_id)) ?? {}
    expect(request?.masks.map(({ name }) => name)).toEqual(['object-1', 'leg'])
    expect(request?.masks[0].key).toBe(request?.masks[1].key)
    expect(request?.options).toMatchObject({
      formats: engineFacts('preview').defaultFormats,
      quality: 'standard',
    })
  })

  it.each([
    ['no base64', '***', 'not base64'],
    ['a data URL', `data:image/png;base64,${maskBase64()}`, 'not base64'],
    ['no picture', 'AAAA', ''],
    ['another size', maskBase64(5, 8, 8), '8 x 8'],
    ['no pixel set', maskBase64(0), 'empty'],
    ['a cut file', maskBase64().slice(0, 80), ''],
  ])('refuses a mask that is %s', async (_name, png_base64, words) => {
    const { world, openSession } = createScene()
    const body = { session_id: await openSession(), masks: [{ png_base64: maskBase64() }, { png_base64 }] }
    const refusal = await reconstruct(world, ANNA, body, null).catch((error) => error)
    expect(refusal).toEqual(code('invalid_mask', 'masks.1.png_base64'))
    expect(refusal.message).toContain(words)
  })

  it('takes a full mask', async () => {
    const { world, openSession } = createScene()
    const body = { session_id: await openSession(), masks: [{ png_base64: maskBase64(WIDTH * HEIGHT) }] }
    await expect(reconstruct(world, ANNA, body, null)).resolves.toMatchObject({ kind: 'reconstruct' })
  })

  it('waits as long as all that a machine takes may take, and takes no more objects than the engine has time for', async () => {
    const { world, openSession } = createScene({ engineTimeoutSeconds: 25, inFlightPerInstance: 3 })
    const session_id = await openSession()
    const masks = (count: number) => Array.from({ length: count }, () => ({ png_base64: maskBase64() }))
    await expect(reconstruct(world, ANNA, { session_id, masks: masks(3) }, null)).rejects.toEqual(
      code('invalid_request', 'masks'),
    )
    expect(await readCapabilities(world, ANNA)).toMatchObject({ max_objects: 2 })
    await reconstruct(world, ANNA, { session_id, masks: masks(2) }, null)
    expect(world.endpoint.calls).toMatchObject([{ invocationTimeoutSeconds: 75 }])
  })

  it('refuses a format that the engine does not make', async () => {
    const { world, openSession } = createScene()
    const masks = [{ png_base64: maskBase64() }]
    const foreign = FILE_FORMATS.filter((format) => !engineFacts('preview').formats.includes(format))
    expect(foreign).not.toEqual([])
    const body = { session_id: await openSession(), masks, options: { formats: foreign } }
    await expect(reconstruct(world, ANNA, body, null)).rejects.toEqual(
      code('unsupported_format', 'options.formats'),
    )
  })
})

describe('select', () => {
  it('sends the words as one line, without masks, and needs no embed', async () => {
    const { world, submitSelect } = createScene({ engine: 'sam3d' })
    const accepted = await submitSelect('  yellow \n\u0007 duck ')
    expect(accepted).toMatchObject({ kind: 'select', state: 'QUEUED' })
    expect(world.endpoint.calls).toMatchObject([
      { jobId: accepted.job_id, request: { kind: 'select', text: 'yellow duck', masks: [], options: null } },
    ])
    expect(JSON.stringify(world.log.lines)).not.toContain('duck')
  })

  it('is a conflict where the engine finds nothing by words, before anything else is looked at', async () => {
    const { world } = createScene({ engine: 'preview' })
    const body = { session_id: world.newUlid(), text: 'duck' }
    await expect(select(world, ANNA, body, null)).rejects.toEqual(code('no_text_prompts'))
    expect((await readCapabilities(world, ANNA)).text_prompts).toBe(false)
    const able = createScene({ engine: 'sam3d' }).world
    expect((await readCapabilities(able, ANNA)).text_prompts).toBe(true)
  })

  it('refuses words of which nothing is left', async () => {
    const { submitSelect } = createScene({ engine: 'sam3d' })
    await expect(submitSelect(' \u0000\t')).rejects.toEqual(code('invalid_request', 'text'))
    await expect(submitSelect('x'.repeat(MAX_TEXT_LENGTH))).resolves.toBeDefined()
  })

  it('counts as any other job, and is refused before the upload and to a stranger', async () => {
    const { world, openSession, submitSelect } = createScene({ engine: 'sam3d', maxJobsInFlight: 1 })
    const text = 'duck'
    const empty = await openSession(ANNA, null)
    await expect(select(world, ANNA, { session_id: empty, text }, null)).rejects.toEqual(code('not_uploaded'))
    const session_id = await openSession()
    await expect(select(world, BEN, { session_id, text }, null)).rejects.toEqual(code('not_found'))
    await submitSelect(text)
    await expect(submitSelect(text)).rejects.toEqual(code('limit_reached'))
  })

  it('gives one job for the same key and words, and refuses other words under it', async () => {
    const { world, openSession } = createScene({ engine: 'sam3d' })
    const session_id = await openSession()
    const ask = (text: string) => select(world, ANNA, { session_id, text }, 'k')
    expect((await ask('duck')).job_id).toBe((await ask('duck')).job_id)
    await expect(ask('goose')).rejects.toEqual(code('idempotency_mismatch'))
  })
})

describe('Idempotency-Key', () => {
  it('gives one job for the same key and body, two at once too', async () => {
    const { world, openSession } = createScene()
    const body = { session_id: await openSession() }
    const twice = await Promise.all([initialize(world, ANNA, body, 'k'), initialize(world, ANNA, body, 'k')])
    const again = await initialize(world, ANNA, body, 'k')
    expect(new Set([...twice, again].map(({ job_id }) => job_id)).size).toBe(1)
    expect(world.endpoint.calls.length).toBe(1)
  })

  it('refuses another body, session or route under the same key', async () => {
    const { world, openSession } = createScene()
    const session_id = await openSession()
    await initialize(world, ANNA, { session_id }, 'k')
    const other = initialize(world, ANNA, { session_id: await openSession() }, 'k')
    await expect(other).rejects.toEqual(code('idempotency_mismatch'))
    const masks = [{ png_base64: maskBase64() }]
    await expect(reconstruct(world, ANNA, { session_id, masks }, 'k')).rejects.toEqual(
      code('idempotency_mismatch'),
    )
  })

  it('keeps the keys of two people apart', async () => {
    const { submitEmbed } = createScene()
    const [anna, ben] = [await submitEmbed(ANNA, 'k'), await submitEmbed(BEN, 'k')]
    expect(anna.job_id).not.toBe(ben.job_id)
  })

  it('refuses an empty and an over-long key', async () => {
    const { submitEmbed } = createScene()
    await expect(submitEmbed(ANNA, '')).rejects.toEqual(code('invalid_request', 'Idempotency-Key'))
    await expect(submitEmbed(ANNA, 'x'.repeat(129))).rejects.toEqual(
      code('invalid_request', 'Idempotency-Key'),
    )
  })

  it('invokes when the first call died between row and invocation', async () => {
    const { world, openSession } = createScene()
    const body = { session_id: await openSession() }
    world.endpoint.failure = new Error('died here')
    await initialize(world, ANNA, body, 'k')
    world.endpoint.failure = null
    world.clock.advance(61)
    await initialize(world, ANNA, body, 'k')
    expect(world.endpoint.calls.length).toBe(1)
  })
})

describe('limits', () => {
  it('refuses more jobs in flight than allowed, until one has ended', async () => {
    const { world, submitEmbed, runEngine } = createScene({ maxJobsInFlight: 2 })
    const first = await submitEmbed()
    await submitEmbed()
    const refusal = await submitEmbed().catch((error) => error)
    expect(refusal).toEqual(code('limit_reached'))
    expect(refusal.retryAfterSeconds).toBe(60)
    await runEngine()
    const { completeJob } = await import('./complete-job.ts')
    await completeJob(world, { sub: ANNA.sub, sessionId: first.session_id, jobId: first.job_id })
    await expect(submitEmbed()).resolves.toMatchObject({ state: 'QUEUED' })
  })

  it('frees slots of jobs that are gone', async () => {
    const { world, submitEmbed } = createScene({ maxJobsInFlight: 1 })
    const { job_id } = await submitEmbed()
    await world.jobs.delete(job_id)
    await expect(submitEmbed()).resolves.toMatchObject({ state: 'QUEUED' })
  })

  it('refuses more jobs a day than allowed, per person, until tomorrow', async () => {
    const { world, submitEmbed } = createScene({ maxJobsPerDay: 1 })
    await submitEmbed()
    const refusal = await submitEmbed().catch((error) => error)
    expect(refusal).toEqual(code('limit_reached'))
    expect(refusal.retryAfterSeconds).toBe(15 * 3600)
    await expect(submitEmbed(BEN)).resolves.toBeDefined()
    world.clock.advance(15 * 3600)
    await expect(submitEmbed()).resolves.toBeDefined()
  })

  it('refuses everybody when the month’s computing time is used up', async () => {
    const { world, submitEmbed } = createScene({ maxGpuSecondsPerMonth: 10 })
    await world.limits.add('engine-seconds#2026-03', 10, 1e9, 4e9)
    await expect(submitEmbed()).rejects.toEqual(code('limit_reached'))
  })

  it('leaves no row of a refused job', async () => {
    const { world, submitEmbed } = createScene({ maxJobsPerDay: 0 })
    await submitEmbed().catch(() => {})
    expect(world.jobs.rows.size).toBe(0)
    expect(await world.limits.listSlots(`in-flight#${ANNA.sub}`)).toEqual([])
  })
})
