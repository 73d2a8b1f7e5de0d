import { engineFacts } from '@gen3d/shared/engines'
import { FORMATS } from '@gen3d/shared/formats'
import { attemptKey, jobPrefix, photoKey } from '@gen3d/shared/keys'
import { describe, expect, it } from 'vitest'
import { cancelJob } from './cancel-job.ts'
import { readCapabilities } from './read-capabilities.ts'
import { readStatus } from './read-status.ts'
import { reconstruct } from './reconstruct.ts'
import { retryJob } from './retry-job.ts'
import { select } from './select.ts'
import { readSession } from './sessions.ts'
import { sweep } from './sweep.ts'
import {
  ANNA,
  BEN,
  createScene,
  failingEngine,
  HEIGHT,
  keyOf,
  leaveCandidates,
  maskBase64,
  photoBytes,
  placeOf,
  WIDTH,
} from './test-scene.ts'

const code = (value: string) => expect.objectContaining({ code: value })

describe('a job from submit to result', () => {
  it('ends COMPLETED with signed addresses of its own files', async () => {
    const { world, submitReconstruct, runEngine, deliver } = createScene()
    const job = await submitReconstruct()
    expect(await readStatus(world, ANNA, job.job_id)).toMatchObject({
      state: 'QUEUED',
      result: null,
      mail: 'none',
    })
    expect(await runEngine()).toMatchObject({ status: 200, body: { won: true } })
    await deliver(keyOf(job, 'manifest'))
    const status = await readStatus(world, ANNA, job.job_id)
    expect(status).toMatchObject({ state: 'COMPLETED', progress: 1, error: null, mail: 'sent' })
    const result = status.result
    if (!result || !('objects' in result)) throw new Error('no objects')
    const urls = result.objects.flatMap(({ files }) => files.map(({ url }) => new URL(url)))
    expect(urls.map(({ pathname }) => pathname.split('/').at(-1))).toEqual(
      engineFacts('preview').defaultFormats.map((format) => `object-1.${FORMATS[format].extension}`),
    )
    for (const { pathname } of urls) expect(pathname.startsWith(`/${jobPrefix(placeOf(job))}`)).toBe(true)
    expect(urls[1].searchParams.get('name')).toBe('object-1.glb')
    expect(result.camera.object_to_camera.length).toBe(16)
  })

  it('tells how many jobs wait before it, where jobs wait for each other', async () => {
    const { world, submitEmbed } = createScene()
    const first = await submitEmbed(BEN)
    world.clock.advance(1)
    const second = await submitEmbed()
    const position = async (caller: typeof ANNA, id: string) =>
      (await readStatus(world, caller, id)).queue_position
    expect(await position(BEN, first.job_id)).toBe(0)
    expect(await position(ANNA, second.job_id)).toBe(1)
    await cancelJob(world, BEN, first.job_id)
    expect(await position(ANNA, second.job_id)).toBe(0)
    world.endpoint.queues = false
    expect(await position(ANNA, second.job_id)).toBeNull()
  })

  it('is COMPLETED for who looks before the event of its manifest comes; the event then sends the one mail', async () => {
    const { world, submitReconstruct, runEngine, deliver } = createScene()
    const job = await submitReconstruct()
    await runEngine()
    const seen = await readStatus(world, ANNA, job.job_id)
    expect(seen).toMatchObject({ state: 'COMPLETED', progress: 1, mail: 'pending' })
    expect(seen.result).not.toBeNull()
    expect((await world.sessions.get(ANNA.sub, job.session_id))?.jobs[job.job_id]).toMatchObject({
      state: 'COMPLETED',
      poster: { file: 'object-1.png' },
    })
    expect(await world.limits.listSlots(`in-flight#${ANNA.sub}`)).toEqual([])
    expect(world.mailer.sent.length).toBe(0)
    await deliver(keyOf(job, 'manifest'))
    await deliver(keyOf(job, 'manifest'))
    expect(world.mailer.sent.length).toBe(1)
    expect(await readStatus(world, ANNA, job.job_id)).toMatchObject({ state: 'COMPLETED', mail: 'sent' })
  })

  it('gets its mail from the sweep when it was seen and the event of its manifest is lost', async () => {
    const { world, submitReconstruct, runEngine } = createScene()
    const job = await submitReconstruct()
    await runEngine()
    await readStatus(world, ANNA, job.job_id)
    world.clock.advance(61)
    await sweep(world)
    expect(world.mailer.sent.length).toBe(1)
  })

  it('gives the embedding with its decoder', async () => {
    const { world, submitEmbed, runEngine, deliver } = createScene()
    const job = await submitEmbed()
    await runEngine()
    await deliver(keyOf(job, 'manifest'))
    const { result } = await readStatus(world, ANNA, job.job_id)
    expect(result).toMatchObject({
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      engine: { name: 'preview' },
      image: { width: WIDTH, height: HEIGHT },
      decoder: { name: 'preview', version: '0' },
    })
  })

  it('gives what was found by words with signed masks, and sends no mail, however long it took', async () => {
    const { world, submitSelect, deliver } = createScene({ engine: 'sam3d' })
    const image = { width: WIDTH, height: HEIGHT }
    const find = async (boxes: Parameters<typeof leaveCandidates>[3]) => {
      const job = await submitSelect('duck')
      const [{ request }] = world.endpoint.calls.splice(0)
      world.clock.advance(3600)
      await leaveCandidates(world.objects, request, image, boxes)
      await deliver(keyOf(job, 'manifest'))
      return { job, status: await readStatus(world, ANNA, job.job_id) }
    }
    const { job, status } = await find([
      [2, 3, 9, 8],
      [12, 0, 23, 15],
    ])
    expect(status).toMatchObject({ kind: 'select', state: 'COMPLETED', mail: 'none' })
    const { result } = status
    if (!result || !('candidates' in result)) throw new Error('no candidates')
    expect(result.candidates).toMatchObject([
      { score: 0.9, box: [2, 3, 9, 8] },
      { score: 0.8, box: [12, 0, 23, 15] },
    ])
    for (const [i, { mask_url }] of result.candidates.entries()) {
      const { pathname } = new URL(mask_url)
      expect(pathname.startsWith(`/${jobPrefix(placeOf(job))}`)).toBe(true)
      expect(pathname.endsWith(`/candidate-${i + 1}.png`)).toBe(true)
    }
    const nothing = await find([])
    expect(nothing.status).toMatchObject({ state: 'COMPLETED', result: { candidates: [] } })
    expect(world.mailer.sent).toEqual([])
    expect(await world.limits.listSlots(`in-flight#${ANNA.sub}`)).toEqual([])
  })

  it('sends no mail about a search that failed; it is searched for the same words again', async () => {
    const { world, submitSelect, runEngine, deliver } = createScene({ engine: 'sam3d' })
    const job = await submitSelect('duck')
    // An engine that does not read words refuses, and says so by its failure.
    expect((await runEngine()).status).toBe(500)
    await deliver(keyOf(job, 'failure'))
    expect(await readStatus(world, ANNA, job.job_id)).toMatchObject({ state: 'FAILED', mail: 'none' })
    const session = await readSession(world, ANNA, job.session_id)
    expect(session).toMatchObject({ state: 'FAILED', jobs: [{ kind: 'select' }] })
    await retryJob(world, ANNA, job.job_id, null)
    expect(world.endpoint.calls).toMatchObject([{ request: { kind: 'select', text: 'duck' } }])
    expect(world.mailer.sent).toEqual([])
  })

  it('leaves the state of its session to what was made, where it is a search', async () => {
    const { world, submitReconstruct, runEngine, deliver } = createScene({ engine: 'sam3d' })
    const made = await submitReconstruct()
    await runEngine()
    await deliver(keyOf(made, 'manifest'))
    world.clock.advance(1)
    await select(world, ANNA, { session_id: made.session_id, text: 'duck' }, null)
    const session = await readSession(world, ANNA, made.session_id)
    expect(session).toMatchObject({ state: 'COMPLETED', jobs: [{ kind: 'select', state: 'QUEUED' }, {}] })
  })

  it('shows a working job as RUNNING, with stage, progress and what remains', async () => {
    const { world, submitEmbed } = createScene()
    await sweep(world)
    const job = await submitEmbed()
    const word = {
      attempt: world.newUlid(),
      stage: 'encode',
      progress: 0.4,
      started_at: world.clock.now().toISOString(),
      updated_at: world.clock.now().toISOString(),
    }
    await world.objects.put(keyOf(job, 'progress'), JSON.stringify(word), { contentType: 'application/json' })
    world.clock.advance(3)
    expect(await readStatus(world, ANNA, job.job_id)).toMatchObject({
      state: 'RUNNING',
      stage: 'encode',
      progress: 0.4,
      started_at: word.started_at,
      estimated_wait_seconds: { low: 0, high: 12, basis: 'assumed' },
    })
  })

  it('costs its machine’s time at work, once it has ended, where a price is set', async () => {
    for (const [instanceUsdPerHour, cost] of [
      [1.8, 0.005],
      [null, null],
    ] as const) {
      const { world, submitEmbed } = createScene({ instanceUsdPerHour })
      const job = await submitEmbed()
      world.clock.advance(300)
      const now = world.clock.now().toISOString()
      const word = {
        attempt: world.newUlid(),
        stage: 'encode',
        progress: 0.4,
        started_at: now,
        updated_at: now,
      }
      await world.objects.put(keyOf(job, 'progress'), JSON.stringify(word), {
        contentType: 'application/json',
      })
      expect((await readStatus(world, ANNA, job.job_id)).cost_usd).toBe(null)
      world.clock.advance(10)
      await cancelJob(world, ANNA, job.job_id)
      expect((await readStatus(world, ANNA, job.job_id)).cost_usd).toBe(cost)
    }
  })

  it('is rebuilt from its files when its row is gone', async () => {
    const { world, submitReconstruct, runEngine, deliver } = createScene()
    const done = await submitReconstruct()
    await runEngine()
    await deliver(keyOf(done, 'manifest'))
    const failed = await submitReconstruct()
    await runEngine(failingEngine(new Error('broken')))
    await deliver(keyOf(failed, 'failure'))
    const cancelled = await submitReconstruct()
    await cancelJob(world, ANNA, cancelled.job_id)
    const lost = await submitReconstruct()
    const before = await readStatus(world, ANNA, done.job_id)
    for (const { job_id } of [done, failed, cancelled, lost]) await world.jobs.delete(job_id)
    const after = await readStatus(world, ANNA, done.job_id)
    expect(after).toEqual({ ...before, mail: 'none' })
    expect(await readStatus(world, ANNA, failed.job_id)).toMatchObject({
      state: 'FAILED',
      error: code('engine_failed'),
    })
    expect(await readStatus(world, ANNA, cancelled.job_id)).toMatchObject({ state: 'CANCELLED', error: null })
    expect(await readStatus(world, ANNA, lost.job_id)).toMatchObject({ state: 'EXPIRED' })
    await expect(readStatus(world, BEN, done.job_id)).rejects.toEqual(code('not_found'))
  })

  it('is not found for a stranger, under an unknown and under a malformed id', async () => {
    const { world, submitEmbed } = createScene()
    const job = await submitEmbed()
    const unknown = `${job.session_id}-${world.newUlid()}`
    for (const call of [
      readStatus(world, BEN, job.job_id),
      cancelJob(world, BEN, job.job_id),
      retryJob(world, BEN, job.job_id, null),
      readStatus(world, ANNA, unknown),
      readStatus(world, ANNA, '../../x'),
      cancelJob(world, ANNA, ''),
    ]) {
      await expect(call).rejects.toEqual(code('not_found'))
    }
    expect((await world.jobs.get(job.job_id))?.state).toBe('QUEUED')
  })
})

describe('cancel', () => {
  it('stops the engine before its next step and can be repeated', async () => {
    const { world, submitReconstruct, runEngine } = createScene()
    const job = await submitReconstruct()
    expect(await cancelJob(world, ANNA, job.job_id)).toMatchObject({ state: 'CANCELLED', error: null })
    expect(await cancelJob(world, ANNA, job.job_id)).toMatchObject({ state: 'CANCELLED' })
    expect(await runEngine()).toMatchObject({ status: 409 })
    expect(await world.objects.head(keyOf(job, 'manifest'))).toBeNull()
    expect(await world.limits.listSlots(`in-flight#${ANNA.sub}`)).toEqual([])
    expect(world.mailer.sent).toEqual([])
  })

  it('is refused once the job has ended', async () => {
    const { world, submitReconstruct, runEngine, deliver } = createScene()
    const job = await submitReconstruct()
    await runEngine()
    await deliver(keyOf(job, 'manifest'))
    await expect(cancelJob(world, ANNA, job.job_id)).rejects.toEqual(code('conflict'))
    expect(await world.objects.head(keyOf(job, 'cancel'))).toBeNull()
  })
})

describe('retry', () => {
  it('makes a new job with the same photo, masks and options', async () => {
    const { world, submitReconstruct, runEngine, deliver } = createScene()
    const first = await submitReconstruct()
    await runEngine(failingEngine(new Error('broken')))
    await deliver(keyOf(first, 'failure'))
    const second = await retryJob(world, ANNA, first.job_id, null)
    const [a, b] = [await world.jobs.get(first.job_id), await world.jobs.get(second.job_id)]
    expect(b?.request.masks).toEqual(a?.request.masks)
    expect(b?.request.options).toEqual(a?.request.options)
    await runEngine()
    await deliver(keyOf(second, 'manifest'))
    expect(await readStatus(world, ANNA, second.job_id)).toMatchObject({
      state: 'COMPLETED',
      retry_of: first.job_id,
    })
  })

  it('works after the row is gone', async () => {
    const { world, submitReconstruct } = createScene()
    const first = await submitReconstruct()
    await cancelJob(world, ANNA, first.job_id)
    await world.jobs.delete(first.job_id)
    await expect(retryJob(world, ANNA, first.job_id, 'k')).resolves.toMatchObject({ kind: 'reconstruct' })
  })

  it('is refused for a job that is open or done', async () => {
    const { world, submitEmbed, runEngine, deliver } = createScene()
    const job = await submitEmbed()
    await expect(retryJob(world, ANNA, job.job_id, null)).rejects.toEqual(code('conflict'))
    await runEngine()
    await deliver(keyOf(job, 'manifest'))
    await expect(retryJob(world, ANNA, job.job_id, null)).rejects.toEqual(code('conflict'))
  })
})

describe('the engine’s side', () => {
  it('reads the very photo that was checked', async () => {
    const { world, submitEmbed, runEngine } = createScene()
    const job = await submitEmbed()
    const key = photoKey(placeOf(job), 'png')
    await world.objects.put(key, photoBytes(7), { contentType: 'image/png' })
    expect(await runEngine()).toMatchObject({ status: 422, body: { error: { code: 'photo_replaced' } } })
  })

  it.each([
    ['photo_unreadable', 'image_unreadable', 422],
    ['mask_empty', 'empty_mask', 422],
    ['object_too_small', 'object_too_small', 422],
    ['weights_missing', 'weights_missing', 500],
    ['out_of_memory', 'out_of_memory', 500],
    ['whatever', 'engine_failed', 500],
    [undefined, 'engine_failed', 500],
  ])('turns the engine’s %s into %s', async (thrown, told, status) => {
    const { world, submitEmbed, runEngine, deliver } = createScene()
    const job = await submitEmbed()
    const error = Object.assign(new Error('x'), { code: thrown })
    expect(await runEngine(failingEngine(error))).toMatchObject({ status, body: { error: { code: told } } })
    await deliver(keyOf(job, 'failure'))
    expect(await readStatus(world, ANNA, job.job_id)).toMatchObject({
      state: 'FAILED',
      error: { code: told },
    })
  })

  it('lets the first manifest win and removes what the second attempt made', async () => {
    const { world, submitReconstruct, runEngine, runRequest } = createScene()
    const job = await submitReconstruct()
    await runEngine()
    const won = await world.objects.get(keyOf(job, 'manifest'))
    const second = await runRequest(keyOf(job, 'request'))
    expect(second).toMatchObject({ status: 200, body: { won: false } })
    expect(await world.objects.get(keyOf(job, 'manifest'))).toEqual(won)
    const { attempt } = second.body as { attempt: string }
    expect(await world.objects.head(attemptKey(placeOf(job), attempt, 'object-1.glb'))).toBeNull()
  })

  it('refuses a request that reaches outside its session', async () => {
    const { world, submitEmbed, runRequest } = createScene()
    const mine = await submitEmbed(BEN)
    const other = await submitEmbed(ANNA)
    const request = JSON.parse(
      new TextDecoder().decode((await world.objects.get(keyOf(mine, 'request', BEN)))!),
    )
    const photo = { ...request.photo, key: photoKey(placeOf(other), 'png') }
    for (const forged of [
      { ...request, photo },
      { ...request, job_prefix: 'users/' },
      { ...request, version: 2 },
    ]) {
      const key = 'users/forged.json'
      await world.objects.put(key, JSON.stringify(forged), { contentType: 'application/json' })
      expect(await runRequest(key)).toMatchObject({ status: 400 })
    }
  })
})

describe('capabilities and estimates', () => {
  it('say what is left, and nothing of times that are not known', async () => {
    const { world, submitEmbed } = createScene({ maxJobsPerDay: 5, maxJobsInFlight: 3 })
    await submitEmbed()
    expect(await readCapabilities(world, ANNA)).toMatchObject({
      engine: 'preview',
      formats: expect.arrayContaining(['ply', 'glb']),
      limits: { jobs_today_left: 4, in_flight_left: 2 },
      estimated_wait_seconds: null,
      estimated_cost_usd: null,
    })
  })

  it('come from the deployment’s own jobs once there are three', async () => {
    const { world, submitEmbed, submitReconstruct, runEngine, deliver } = createScene({
      instanceUsdPerHour: 1.5,
    })
    for (const submit of [submitEmbed, submitEmbed, submitEmbed, submitReconstruct]) {
      const job = await submit()
      world.clock.advance(4)
      await runEngine()
      await deliver(keyOf(job, 'manifest'))
    }
    await sweep(world)
    expect(await readCapabilities(world, ANNA)).toMatchObject({
      estimated_wait_seconds: {
        embed: { low: 4, high: 4, basis: 'measured' },
        reconstruct: { low: 2, high: 60, basis: 'assumed' },
      },
      estimated_cost_usd: { low: 0.0025, high: 0.2767 },
    })
  })

  it('tell a sleeping endpoint from one that is up', async () => {
    const { world, submitEmbed } = createScene({ engine: 'sam3d' })
    world.endpoint.snapshot = { status: 'asleep', instances: 0 }
    await sweep(world)
    const job = await submitEmbed()
    expect((await readStatus(world, ANNA, job.job_id)).waking).toEqual({ mean_seconds: null })
    await world.facts.put(
      'timings#embed',
      {
        samples: [
          { wait: 300, run: 4 },
          { wait: 2, run: 4 },
          { wait: 401, run: 4 },
        ],
      },
      1e10,
    )
    expect((await readStatus(world, ANNA, job.job_id)).waking).toEqual({ mean_seconds: 351 })
    const asleep = await readCapabilities(world, ANNA)
    expect(asleep.estimated_wait_seconds?.embed).toEqual({ low: 300, high: 930, basis: 'assumed' })
    world.endpoint.snapshot = { status: 'unknown', instances: null }
    await sweep(world)
    expect((await readCapabilities(world, ANNA)).estimated_wait_seconds).toBeNull()
  })
})

describe('the wrong order', () => {
  it('takes a reconstruct while the embed still runs', async () => {
    const { world, submitEmbed } = createScene()
    const { session_id } = await submitEmbed()
    const masks = [{ png_base64: maskBase64() }]
    await expect(reconstruct(world, ANNA, { session_id, masks }, null)).resolves.toMatchObject({
      state: 'QUEUED',
    })
  })
})
