/**
 * What every engine must do, whatever engine it is and whatever stands between it and its caller: one suite, driven by
 * how the process is started (`Target`) and by what hands it jobs (`Host`: the process alone, or the local endpoint).
 *
 * `faulty` starts the same process around an engine that obeys the name of the first mask: `fault:slow` takes 3 s with
 * a word of progress every 100 ms, `fault:crash` takes its worker down, `fault:oom` exhausts the worker's memory,
 * `fault:die` takes the whole process down, `fault:hang` never ends; every other name is served as usual.
 * FAULTY_LOAD=slow loads for 2 s, FAULTY_LOAD=fail fails to load with the words "no such weights".
 */
import { readMaskPng } from '@gen3d/image/mask-png'
import { EMBEDDING_METADATA } from '@gen3d/shared/embedding'
import { FILE_FORMATS, type FileFormat } from '@gen3d/shared/formats'
import { type Failure, type InferenceRequest, Manifest, Progress } from '@gen3d/shared/inference'
import { JOB_FILES } from '@gen3d/shared/keys'
import { MAX_NAME_LENGTH, MAX_OBJECTS } from '@gen3d/shared/limits'
import { ENV } from '@gen3d/shared/names'
import { findFault } from '@gen3d/shared/validate'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type Bucket,
  balls,
  emptyMask,
  HEIGHT,
  hash,
  listJob,
  metadataOf,
  openBucket,
  putJob,
  readJson,
  strayMask,
  WIDTH,
} from './bucket.contract.ts'
import {
  becomeReady,
  type Health,
  type Host,
  type RunningEngine,
  STARTED_SECONDS,
  type Start,
  TERM_SECONDS,
  until,
} from './engine.contract.ts'
import { HUGE, hugeJob, POISONED, photoThatHidesMore } from './photos.contract.ts'

export interface Target extends Start {
  /** Stands in every manifest. */
  readonly engineName: string
  /** What it makes, as the contract declares it. */
  readonly formats: readonly FileFormat[]
  /** Whether it finds objects by words. */
  readonly textPrompts: boolean
  readonly faulty: Start
}

interface StartOptions {
  readonly idleSeconds?: number
  readonly finished?: (end: () => Promise<void>) => void
}

/** Well above what a good job takes on a busy machine. */
const HANG_SECONDS = '10'
const noSignals = process.platform === 'win32'
/** Of a case that starts processes of its own. */
const STARTING = 2 * STARTED_SECONDS * 1000
/** The huge photo is 2000 times as large as the others. */
const HUGE_SECONDS = 240

/** Declares the suite. Signals cannot be sent on Windows: those cases are declared elsewhere only. */
export function describeEngine(name: string, target: Target, host: Host): void {
  describe(name, () => {
    let bucket: Bucket
    let engine: RunningEngine
    let broken: RunningEngine

    /** For one test alone; tests that run at the same time hand in their own `onTestFinished`. */
    const start = async (
      from: Start,
      env: Record<string, string> = {},
      { idleSeconds, finished = onTestFinished }: StartOptions = {},
    ) => {
      const started = await host.start({ ...from, env: { ...from.env, ...env } }, bucket, { idleSeconds })
      finished(() => started.end())
      return started
    }
    const manifestOf = (request: InferenceRequest) => readJson<Manifest>(bucket, request, JOB_FILES.manifest)
    const failureOf = (request: InferenceRequest) => readJson<Failure>(bucket, request, JOB_FILES.failure)
    const progressOf = (request: InferenceRequest) => readJson<Progress>(bucket, request, JOB_FILES.progress)
    const putGood = () => putJob(bucket, 'reconstruct')
    const breaks = async (fault: string, code: Failure['code']) => {
      const request = await putJob(bucket, 'reconstruct', balls(fault))
      const running = broken.invoke(request)
      await until(() => progressOf(request))
      expect(await broken.health()).toBe('ready')
      expect((await running).status).toBe(500)
      expect((await failureOf(request))?.code).toBe(code)
      expect(await manifestOf(request)).toBeNull()
      expect((await broken.invoke(await putGood())).status).toBe(200)
    }

    beforeAll(
      async () => {
        bucket = await openBucket()
        engine = await host.start(target, bucket)
        await becomeReady(engine)
        const env = { ...target.faulty.env, [ENV.engineTimeoutSeconds]: HANG_SECONDS }
        broken = await host.start({ ...target.faulty, env }, bucket)
        await becomeReady(broken)
      },
      2 * STARTED_SECONDS * 1000,
    )
    afterAll(async () => {
      await engine?.end()
      await broken?.end()
      await bucket?.stop()
    })

    describe('health', { timeout: STARTING }, () => {
      test(`is not ready while the engine loads, and a job of then ${host.keepsJobs ? 'waits' : 'is refused'}`, async () => {
        const loading = await start(target.faulty, { FAULTY_LOAD: 'slow' })
        await until(async () => ((await loading.health()) === 'starting' ? true : null))
        const early = loading.invoke(await putJob(bucket, 'embed'))
        expect(await loading.health()).toBe('starting')
        await becomeReady(loading)
        expect((await early).status).toBe(host.keepsJobs ? 200 : 503)
      })

      test('is never ready when loading fails: the process ends, and a line of it says why', async () => {
        const failing = await start(target.faulty, { FAULTY_LOAD: 'fail' })
        const seen = new Set<Health>()
        const reason = await until(async () => {
          seen.add(await failing.health())
          return failing.failedStart()
        })
        expect(seen).not.toContain('ready')
        expect(reason).toMatch(
          /^the process ended with 1$|^the container exited before|^\/ping answered 500$/,
        )
        const said = failing.output().split('\n')
        expect(said.filter((line) => line.includes('no such weights'))).toHaveLength(1)
      })

      test.runIf(host.keepsJobs)('an idle engine goes, and comes back for the next job', async () => {
        const idle = await start(target, {}, { idleSeconds: 1 })
        await becomeReady(idle)
        await until(async () => ((await idle.health()) === 'gone' ? true : null))
        expect((await idle.invoke(await putJob(bucket, 'embed'))).status).toBe(200)
      })
    })

    describe('a good job', () => {
      test('embeds: one file with the hash in the manifest, progress written', async () => {
        const request = await putJob(bucket, 'embed')
        const answer = await engine.invoke(request)
        expect(answer).toMatchObject({ status: 200, body: { job_id: request.job_id, won: true } })
        const manifest = await manifestOf(request)
        expect(findFault(Manifest, manifest)).toBeNull()
        if (manifest?.kind !== 'embed') throw new Error('not an embed')
        expect(manifest.engine.name).toBe(target.engineName)
        expect(manifest.image).toEqual({ width: WIDTH, height: HEIGHT })
        const { file, size_bytes, sha256 } = manifest.embedding
        const bytes = await bucket.store.get(`${request.job_prefix}${manifest.attempt}/${file}`)
        expect(bytes?.length).toBe(size_bytes)
        expect(hash(bytes)).toBe(sha256)
        expect(metadataOf(bytes)[EMBEDDING_METADATA.engine]).toBe(target.engineName)
        expect(metadataOf(bytes)[EMBEDDING_METADATA.imageWidth]).toBe(String(WIDTH))
        expect(findFault(Progress, await progressOf(request))).toBeNull()
      })

      test('reconstructs: every format that the contract says it makes, each with its hash', async () => {
        const request = await putJob(bucket, 'reconstruct', { formats: target.formats })
        expect((await engine.invoke(request)).status).toBe(200)
        const manifest = await manifestOf(request)
        expect(findFault(Manifest, manifest)).toBeNull()
        if (manifest?.kind !== 'reconstruct') throw new Error('not a reconstruct')
        const [object] = manifest.objects
        expect(object.name).toBe('ball')
        expect(object.files.map(({ format }) => format)).toEqual(target.formats)
        for (const { file, size_bytes, sha256 } of object.files) {
          const bytes = await bucket.store.get(`${request.job_prefix}${manifest.attempt}/${file}`)
          expect(bytes?.length).toBe(size_bytes)
          expect(hash(bytes)).toBe(sha256)
        }
        expect(await failureOf(request)).toBeNull()
      })

      test.runIf(target.textPrompts)(
        'finds by words: masks of the photo’s size, each with its hash',
        async () => {
          const request = await putJob(bucket, 'select', { text: 'duck' })
          expect((await engine.invoke(request)).status).toBe(200)
          const manifest = await manifestOf(request)
          expect(findFault(Manifest, manifest)).toBeNull()
          if (manifest?.kind !== 'select') throw new Error('not a select')
          expect(manifest.image).toEqual({ width: WIDTH, height: HEIGHT })
          for (const { mask } of manifest.candidates) {
            const bytes = await bucket.store.get(`${request.job_prefix}${manifest.attempt}/${mask.file}`)
            expect(hash(bytes)).toBe(mask.sha256)
            expect(bytes && readMaskPng(bytes)).toMatchObject({ width: WIDTH, height: HEIGHT })
          }
          expect(await failureOf(request)).toBeNull()
        },
      )

      test.skipIf(target.textPrompts)(
        'words are refused by an engine that finds nothing by them',
        async () => {
          const request = await putJob(bucket, 'select')
          expect((await engine.invoke(request)).status).toBe(500)
          expect((await failureOf(request))?.code).toBe('engine_failed')
          expect(await manifestOf(request)).toBeNull()
        },
      )
    })

    describe('a bad job', () => {
      test('a request that breaks the contract is refused with the field, and nothing is written', async () => {
        const request = await putJob(bucket, 'embed')
        const { photo: _, ...rest } = request
        const answer = await engine.invoke(rest)
        expect(answer.status).toBe(400)
        expect(JSON.stringify(answer.body)).toContain('photo')
        expect(await listJob(bucket, request)).toEqual([])
      })

      test('a request for a key of another session is refused', async () => {
        const request = await putJob(bucket, 'embed')
        const other = await putJob(bucket, 'embed')
        expect((await engine.invoke({ ...request, photo: other.photo })).status).toBe(400)
        expect(await listJob(bucket, request)).toEqual([])
      })

      test('what is no JSON or too long is refused', async () => {
        expect((await engine.invoke('{')).status).toBe(400)
        expect((await engine.invoke('null')).status).toBe(400)
        expect((await engine.invoke(`"${'x'.repeat(2_000_000)}"`)).status).toBe(413)
      })

      test.skipIf(host.keepsJobs)('what is asked elsewhere is not there', async () => {
        expect(await engine.get?.('/')).toBe(404)
      })

      test('a select without words is refused by the field', async () => {
        const { text: _, ...wordless } = await putJob(bucket, 'select')
        const answer = await engine.invoke(wordless)
        expect(answer.status).toBe(400)
        expect(JSON.stringify(answer.body)).toContain('text')
        expect((await engine.invoke({ ...wordless, text: '' })).status).toBe(400)
      })

      test('a photo that is gone or was replaced fails by name', async () => {
        const gone = await putJob(bucket, 'embed')
        await bucket.store.delete([gone.photo.key])
        expect((await engine.invoke(gone)).status).toBe(422)
        expect((await failureOf(gone))?.code).toBe('photo_replaced')
        const replaced = await putJob(bucket, 'embed')
        await bucket.store.put(replaced.photo.key, 'another', { contentType: 'image/jpeg' })
        expect((await engine.invoke(replaced)).status).toBe(422)
        expect((await failureOf(replaced))?.code).toBe('photo_replaced')
      })

      test('a photo that is no picture fails by name', async () => {
        const request = await putJob(bucket, 'embed', { photo: new Uint8Array(5000).fill(7) })
        expect((await engine.invoke(request)).status).toBe(422)
        expect((await failureOf(request))?.code).toBe('image_unreadable')
        expect(await manifestOf(request)).toBeNull()
      })

      test('an empty mask fails by name; a mask of another size fails', async () => {
        const empty = await putJob(bucket, 'reconstruct', { masks: [{ name: 'none', png: emptyMask() }] })
        expect((await engine.invoke(empty)).status).toBe(422)
        expect((await failureOf(empty))?.code).toBe('empty_mask')
        expect(await listJob(bucket, empty)).toEqual([JOB_FILES.failure, JOB_FILES.progress])
        const stray = await putJob(bucket, 'reconstruct', { masks: [{ name: 'stray', png: strayMask() }] })
        expect((await engine.invoke(stray)).status).toBeGreaterThanOrEqual(400)
        expect(await failureOf(stray)).not.toBeNull()
      })

      test('a format that the engine does not make fails, and is never left out in silence', async () => {
        const foreign = FILE_FORMATS.find((format) => !target.formats.includes(format))
        if (!foreign) throw new Error('the engine makes every format: this case has lost its point')
        const request = await putJob(bucket, 'reconstruct', { formats: [target.formats[0], foreign] })
        expect((await engine.invoke(request)).status).toBe(500)
        expect((await failureOf(request))?.code).toBe('engine_failed')
        expect(await manifestOf(request)).toBeNull()
      })
    })

    describe('cancel', () => {
      const cancel = (request: InferenceRequest) =>
        bucket.store.put(`${request.job_prefix}${JOB_FILES.cancel}`, 'cancel', { contentType: 'text/plain' })

      test('before the start: nothing is made', async () => {
        const request = await putGood()
        await cancel(request)
        expect((await engine.invoke(request)).status).toBe(409)
        expect(await listJob(bucket, request)).toEqual([JOB_FILES.cancel])
      })

      test('while it works: it stops between steps and leaves no file of the attempt', async () => {
        const request = await putJob(bucket, 'reconstruct', balls('fault:slow'))
        const running = broken.invoke(request)
        await until(() => progressOf(request))
        await cancel(request)
        expect((await running).status).toBe(409)
        expect(await listJob(bucket, request)).toEqual([JOB_FILES.cancel, JOB_FILES.progress])
        expect((await broken.invoke(await putGood())).status).toBe(200)
      })
    })

    describe('more than one', () => {
      test('a job that runs twice keeps its first manifest, whole attempts are never mixed', async () => {
        const request = await putGood()
        const answers = await Promise.all([engine.invoke(request), engine.invoke(request)])
        answers.push(await engine.invoke(request))
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
        const won = answers.filter(({ body }) => (body as { won: boolean }).won)
        expect(won).toHaveLength(1)
        const { attempt } = won[0].body as { attempt: string }
        expect((await manifestOf(request))?.attempt).toBe(attempt)
        const folders = (await listJob(bucket, request)).filter((key) => key.includes('/'))
        expect(new Set(folders.map((key) => key.split('/')[0]))).toEqual(new Set([attempt]))
      })

      test('jobs at the same time all end well, and health is answered meanwhile', async () => {
        const requests = await Promise.all(
          (['reconstruct', 'embed', 'reconstruct', 'embed'] as const).map((kind) => putJob(bucket, kind)),
        )
        const running = Promise.all(requests.map((request) => engine.invoke(request)))
        expect(await engine.health()).toBe('ready')
        expect((await running).map(({ status }) => status)).toEqual([200, 200, 200, 200])
        for (const request of requests) expect((await manifestOf(request))?.job_id).toBe(request.job_id)
      })

      test('an embed does not wait for a reconstruct', async () => {
        const slow = await putJob(bucket, 'reconstruct', balls('fault:slow'))
        let ended = false
        const running = broken.invoke(slow).finally(() => {
          ended = true
        })
        await until(() => progressOf(slow))
        const quick = await putJob(bucket, 'embed')
        expect((await broken.invoke(quick)).status).toBe(200)
        expect(ended).toBe(false)
        await running
      })
    })

    describe('huge', () => {
      test(
        'a photo of nearly the most pixels and bytes is embedded and made an object of',
        async () => {
          const embed = await putJob(bucket, 'embed', hugeJob())
          expect((await engine.invoke(embed)).status).toBe(200)
          expect(await manifestOf(embed)).toMatchObject({ kind: 'embed', image: HUGE })
          const reconstruct = await putJob(bucket, 'reconstruct', hugeJob())
          expect((await engine.invoke(reconstruct)).status).toBe(200)
          expect(await manifestOf(reconstruct)).toMatchObject({ kind: 'reconstruct', camera: HUGE })
          expect(await engine.health()).toBe('ready')
        },
        HUGE_SECONDS * 1000,
      )

      test('as many objects as may be, with names as long as may be, and a file of them all', async () => {
        const names = Array.from({ length: MAX_OBJECTS }, (_, i) => `${i}`.repeat(MAX_NAME_LENGTH))
        const request = await putJob(bucket, 'reconstruct', balls(...names))
        expect((await engine.invoke(request)).status).toBe(200)
        const manifest = await manifestOf(request)
        if (manifest?.kind !== 'reconstruct') throw new Error('not a reconstruct')
        expect(manifest.objects.map(({ name }) => name)).toEqual(names)
        expect(manifest.scene?.files.map(({ format }) => format)).toEqual(request.options?.formats)
      })
    })

    describe('a caller whose time is up', () => {
      test('a job that runs goes on to its end, one that waits is never begun, the next one works', async () => {
        const running = await putJob(bucket, 'reconstruct', balls('fault:slow'))
        const waiting = await putGood()
        const first = broken.invoke(running, { timeoutSeconds: 2 })
        await until(() => progressOf(running))
        expect((await broken.invoke(waiting, { timeoutSeconds: 1 })).status).toBe('late')
        expect((await first).status).toBe('late')
        await until(() => manifestOf(running))
        expect((await broken.invoke(await putGood())).status).toBe(200)
        expect(await listJob(bucket, waiting)).toEqual([])
      })
    })

    describe('an engine that breaks', () => {
      test('fault:crash: the job fails as engine_failed, health is answered, the next job works', () =>
        breaks('fault:crash', 'engine_failed'))
    })

    describe('poison', { timeout: STARTING }, () => {
      for (const [fault, code] of [
        ['fault:crash', 'engine_failed'],
        ['fault:oom', 'out_of_memory'],
      ]) {
        test(`${fault} at every try: each ends as ${code}, and the jobs between them end well`, async () => {
          const poison = await putJob(bucket, 'reconstruct', balls(fault))
          const others = await Promise.all([putGood(), putGood()])
          const queue = [poison, others[0], poison, others[1], poison]
          const answers = await Promise.all(queue.map((request) => broken.invoke(request)))
          expect(answers.map(({ status }) => status)).toEqual([500, 200, 500, 200, 500])
          expect((await failureOf(poison))?.code).toBe(code)
          expect(await listJob(bucket, poison)).toEqual([JOB_FILES.failure, JOB_FILES.progress])
          expect(await broken.health()).toBe('ready')
        })
      }

      test('fault:die at every try: the job is answered as lost, and a new process does the next one', async () => {
        const poison = await putJob(bucket, 'reconstruct', balls('fault:die'))
        for (const _ of [1, 2]) {
          expect((await broken.invoke(poison)).status).toBe('died')
          expect(await manifestOf(poison)).toBeNull()
          await broken.revive()
        }
        expect((await broken.invoke(await putGood())).status).toBe(200)
      })

      test.each(Object.entries(POISONED))(
        'a photo that %s fails by name, the next job works',
        async (_, draw) => {
          const poison = await putJob(bucket, 'embed', { photo: draw() })
          expect((await engine.invoke(poison)).status).toBe(422)
          expect((await failureOf(poison))?.code).toBe('image_unreadable')
          expect((await engine.invoke(await putJob(bucket, 'embed'))).status).toBe(200)
        },
      )

      test('a photo that hides more than its pixels is read no further than they go', async () => {
        const request = await putJob(bucket, 'embed', { photo: photoThatHidesMore() })
        expect((await engine.invoke(request)).status).toBe(200)
        expect(await manifestOf(request)).toMatchObject({ image: { width: 8, height: 8 } })
      })
    })

    // Half a minute of waiting, shared by all of them.
    describe('time-out and SIGTERM', { timeout: STARTING, concurrent: true }, () => {
      test('fault:hang: the job fails as timed_out, health is answered, the next job works', () =>
        breaks('fault:hang', 'timed_out'))

      const verdict = host.keepsJobs ? 'keeps what waits for the next start' : 'refuses what waits'
      test.skipIf(noSignals)(
        `SIGTERM: finishes what runs, ${verdict}, ends by itself`,
        async ({ onTestFinished: finished }) => {
          const stopping = await start(target.faulty, {}, { finished })
          await becomeReady(stopping)
          const request = await putJob(bucket, 'reconstruct', balls('fault:slow'))
          const second = await putGood()
          const running = stopping.invoke(request)
          await until(() => progressOf(request))
          const waiting = stopping.invoke(second)
          // The second job is in the queue once a later question has been answered.
          expect(await stopping.health()).toBe('ready')
          await stopping.stop()
          expect((await running).status).toBe(200)
          expect(await manifestOf(request)).not.toBeNull()
          expect(await listJob(bucket, second)).toEqual([])
          if (host.keepsJobs) await stopping.revive()
          expect((await waiting).status).toBe(host.keepsJobs ? 200 : 503)
        },
      )

      test.skipIf(noSignals)(
        'SIGTERM: abandons a job that does not end, with a typed failure, within 30 s',
        async ({ onTestFinished: finished }) => {
          const env = { [ENV.engineTimeoutSeconds]: '300' }
          const stopping = await start(target.faulty, env, { finished })
          await becomeReady(stopping)
          const request = await putJob(bucket, 'reconstruct', balls('fault:hang'))
          const running = stopping.invoke(request)
          await until(() => progressOf(request))
          const told = Date.now()
          await stopping.stop()
          expect((Date.now() - told) / 1000).toBeLessThan(TERM_SECONDS)
          expect((await running).status).toBe(500)
          expect((await failureOf(request))?.code).toBe('engine_failed')
        },
      )
    })
  })
}
