/**
 * What every engine's process must do, whatever engine it holds: one suite, driven by how the process is started.
 *
 * `faulty` starts the same process around an engine that obeys the name of the first mask: `fault:slow` takes 3 s with
 * a word of progress every 100 ms, `fault:crash` takes its worker down, `fault:hang` never ends; every other name is
 * served as usual. FAULTY_LOAD=slow loads for 2 s, FAULTY_LOAD=fail fails to load with the words "no such weights".
 */
import { EMBEDDING_METADATA } from '@gen3d/shared/embedding'
import { type Failure, type InferenceRequest, Manifest, Progress } from '@gen3d/shared/inference'
import { JOB_FILES } from '@gen3d/shared/keys'
import { ENV } from '@gen3d/shared/names'
import { findFault } from '@gen3d/shared/validate'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type Bucket,
  emptyMask,
  faulty,
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
  type EngineProcess,
  STARTED_SECONDS,
  type Start,
  startProcess,
  startReady,
  until,
} from './process.contract.ts'

export interface Target extends Start {
  /** Stands in every manifest. */
  readonly engineName: string
  readonly faulty: Start
}

/** Well above what a good job takes on a busy machine. */
const HANG_SECONDS = '10'
/** What SageMaker leaves between SIGTERM and SIGKILL. */
const TERM_SECONDS = 30

/** Declares the suite. Signals cannot be sent on Windows: those cases are declared elsewhere only. */
export function describeEngineProcess(name: string, target: Target): void {
  describe(name, () => {
    let bucket: Bucket
    let engine: EngineProcess
    let broken: EngineProcess

    const start = async (from: Start, env: Record<string, string> = {}, begin = startReady) => {
      const started = await begin({ ...from, env: { ...from.env, ...bucket.env, ...env } })
      onTestFinished(() => started.kill('SIGKILL'))
      return started
    }
    const manifestOf = (request: InferenceRequest) => readJson<Manifest>(bucket, request, JOB_FILES.manifest)
    const failureOf = (request: InferenceRequest) => readJson<Failure>(bucket, request, JOB_FILES.failure)
    const progressOf = (request: InferenceRequest) => readJson<Progress>(bucket, request, JOB_FILES.progress)

    beforeAll(
      async () => {
        bucket = await openBucket()
        const env = { ...bucket.env, [ENV.engineTimeoutSeconds]: HANG_SECONDS }
        engine = await startReady({ ...target, env: { ...target.env, ...bucket.env } })
        broken = await startReady({ ...target.faulty, env: { ...target.faulty.env, ...env } })
      },
      2 * STARTED_SECONDS * 1000,
    )
    afterAll(async () => {
      engine?.kill('SIGKILL')
      broken?.kill('SIGKILL')
      await bucket?.stop()
    })

    describe('health', () => {
      test('is 503 while the engine loads, jobs are refused, and 200 once it is loaded', async () => {
        const loading = await start(target.faulty, { FAULTY_LOAD: 'slow' }, startProcess)
        expect(await until(() => loading.ping())).toBe(503)
        expect((await loading.invoke(await putJob(bucket, 'embed'))).status).toBe(503)
        await until(async () => ((await loading.ping()) === 200 ? true : null))
      })

      test('is never 200 when loading fails: the process ends with 1 and one line that says why', async () => {
        const failing = await start(target.faulty, { FAULTY_LOAD: 'fail' }, startProcess)
        const seen = new Set<number | null>()
        let ended = false
        void failing.exit.then(() => {
          ended = true
        })
        await until(async () => {
          seen.add(await failing.ping())
          return ended ? true : null
        })
        expect(seen).not.toContain(200)
        expect(await failing.exit).toBe(1)
        const lines = failing.output().split('\n')
        expect(lines.filter((line) => line.includes('no such weights'))).toHaveLength(1)
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

      test('reconstructs: every format that was asked for, each with its hash', async () => {
        const request = await putJob(bucket, 'reconstruct')
        expect((await engine.invoke(request)).status).toBe(200)
        const manifest = await manifestOf(request)
        expect(findFault(Manifest, manifest)).toBeNull()
        if (manifest?.kind !== 'reconstruct') throw new Error('not a reconstruct')
        const [object] = manifest.objects
        expect(object.name).toBe('ball')
        expect(object.files.map(({ format }) => format)).toEqual(request.options?.formats)
        for (const { file, size_bytes, sha256 } of object.files) {
          const bytes = await bucket.store.get(`${request.job_prefix}${manifest.attempt}/${file}`)
          expect(bytes?.length).toBe(size_bytes)
          expect(hash(bytes)).toBe(sha256)
        }
        expect(await failureOf(request)).toBeNull()
      })
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

      test('what is no JSON, too long, or elsewhere is refused', async () => {
        expect((await engine.invoke('{')).status).toBe(400)
        expect((await engine.invoke('null')).status).toBe(400)
        expect((await engine.invoke(`"${'x'.repeat(2_000_000)}"`)).status).toBe(413)
        expect(await engine.fetch('/')).toBe(404)
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
    })

    describe('cancel', () => {
      const cancel = (request: InferenceRequest) =>
        bucket.store.put(`${request.job_prefix}${JOB_FILES.cancel}`, 'cancel', { contentType: 'text/plain' })

      test('before the start: nothing is made', async () => {
        const request = await putJob(bucket, 'reconstruct')
        await cancel(request)
        expect((await engine.invoke(request)).status).toBe(409)
        expect(await listJob(bucket, request)).toEqual([JOB_FILES.cancel])
      })

      test('while it works: it stops between steps and leaves no file of the attempt', async () => {
        const request = await putJob(bucket, 'reconstruct', faulty('fault:slow'))
        const running = broken.invoke(request)
        await until(() => progressOf(request))
        await cancel(request)
        expect((await running).status).toBe(409)
        expect(await listJob(bucket, request)).toEqual([JOB_FILES.cancel, JOB_FILES.progress])
        expect((await broken.invoke(await putJob(bucket, 'reconstruct'))).status).toBe(200)
      })
    })

    describe('more than one', () => {
      test('a job that runs twice keeps its first manifest, whole attempts are never mixed', async () => {
        const request = await putJob(bucket, 'reconstruct')
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
        expect(await engine.ping()).toBe(200)
        expect((await running).map(({ status }) => status)).toEqual([200, 200, 200, 200])
        for (const request of requests) expect((await manifestOf(request))?.job_id).toBe(request.job_id)
      })

      test('an embed does not wait for a reconstruct', async () => {
        const slow = await putJob(bucket, 'reconstruct', faulty('fault:slow'))
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

    describe('an engine that breaks', () => {
      for (const [fault, code] of [
        ['fault:crash', 'engine_failed'],
        ['fault:hang', 'timed_out'],
      ]) {
        test(`${fault}: the job fails as ${code}, health is answered, the next job works`, async () => {
          const request = await putJob(bucket, 'reconstruct', faulty(fault))
          const running = broken.invoke(request)
          await until(() => progressOf(request))
          expect(await broken.ping()).toBe(200)
          expect((await running).status).toBe(500)
          expect((await failureOf(request))?.code).toBe(code)
          expect(await manifestOf(request)).toBeNull()
          expect((await broken.invoke(await putJob(bucket, 'reconstruct'))).status).toBe(200)
        })
      }
    })

    describe.runIf(process.platform !== 'win32')('SIGTERM', () => {
      test('finishes what runs, refuses what waits, ends with 0', async () => {
        const stopping = await start(target.faulty)
        const request = await putJob(bucket, 'reconstruct', faulty('fault:slow'))
        const second = await putJob(bucket, 'reconstruct')
        const running = stopping.invoke(request)
        await until(() => progressOf(request))
        const waiting = stopping.invoke(second)
        // The second job is in the queue once a later ping has been answered.
        expect(await stopping.ping()).toBe(200)
        stopping.kill('SIGTERM')
        expect((await waiting).status).toBe(503)
        expect((await running).status).toBe(200)
        expect(await manifestOf(request)).not.toBeNull()
        expect(await stopping.exit).toBe(0)
      })

      test(
        'abandons a job that does not end, with a typed failure, within 30 s',
        async () => {
          const stopping = await start(target.faulty, { [ENV.engineTimeoutSeconds]: '300' })
          const request = await putJob(bucket, 'reconstruct', faulty('fault:hang'))
          const running = stopping.invoke(request)
          await until(() => progressOf(request))
          const told = Date.now()
          stopping.kill('SIGTERM')
          expect((await running).status).toBe(500)
          expect((await failureOf(request))?.code).toBe('engine_failed')
          expect(await stopping.exit).toBe(0)
          expect((Date.now() - told) / 1000).toBeLessThan(TERM_SECONDS)
        },
        (STARTED_SECONDS + 2 * TERM_SECONDS) * 1000,
      )
    })
  })
}
