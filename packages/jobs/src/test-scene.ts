/** For tests: a person, a photo, an engine that makes something small, and the walk from upload to a queued job. */
import { createHash } from 'node:crypto'
import { createMemoryWorld, type MemoryWorld } from '@gen3d/aws/memory/world'
import { encodePng } from '@gen3d/image/encode-png'
import { writeMaskPng } from '@gen3d/image/mask-png'
import type { JobAccepted } from '@gen3d/shared/api'
import type { Engine } from '@gen3d/shared/engine'
import type { InferenceRequest, SelectManifest } from '@gen3d/shared/inference'
import { attemptKey, type JobPlace, jobKey, parseJobKey } from '@gen3d/shared/keys'
import { completeJob } from './complete-job.ts'
import { createUpload } from './create-upload.ts'
import { executeJob } from './execute-job.ts'
import { failJob, failJobByKey } from './fail-job.ts'
import { initialize } from './initialize.ts'
import type { ObjectStore } from './ports.ts'
import { reconstruct } from './reconstruct.ts'
import { select } from './select.ts'
import type { Caller, Settings } from './world.ts'

export const WIDTH = 24
export const HEIGHT = 16

export const ANNA: Caller = {
  sub: '11111111-1111-4111-8111-111111111111',
  username: 'anna',
  email: 'anna@example.com',
}
export const BEN: Caller = {
  sub: '22222222-2222-4222-8222-222222222222',
  username: 'ben',
  email: 'ben@example.com',
}

/** A gray photo of 24 x 16 pixels. */
export function photoBytes(gray = 128): Uint8Array {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(gray)
  return encodePng({ width: WIDTH, height: HEIGHT, data })
}

/** A mask of the photo's size with a block of set pixels, base64. */
export function maskBase64(set = 12, width = WIDTH, height = HEIGHT): string {
  const data = new Uint8Array(width * height).fill(1, 0, set)
  return Buffer.from(writeMaskPng({ width, height, data })).toString('base64')
}

/** Makes one file a format, each named by seed; small, deterministic and honest about nothing else. */
const TINY_ENGINE: Engine = {
  name: 'preview',
  version: '0',
  async embed(_photo, context) {
    await context.progress('encode', 0.5)
    return {
      embedding: new Uint8Array([1, 2, 3]),
      image: { width: WIDTH, height: HEIGHT },
      decoder: { name: 'preview', version: '0' },
    }
  },
  async reconstruct({ masks, options }, context) {
    await context.progress('shape', 0.5)
    return {
      objects: masks.map(({ name }) => ({
        name,
        bounds: { min: [0, 0, 0], max: [1, 1, 1] },
        files: options.formats.map((format) => ({
          format,
          bytes: new TextEncoder().encode(`${format} ${options.seed}`),
        })),
      })),
      scene: null,
      camera: {
        width: WIDTH,
        height: HEIGHT,
        fx: 20,
        fy: 20,
        cx: WIDTH / 2,
        cy: HEIGHT / 2,
        objectToCamera: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, -2, 1],
      },
      scaleBasis: 'assumed',
      warnings: [],
    }
  },
}

export function createScene(settings: Partial<Settings> = {}) {
  const world = createMemoryWorld(settings)
  return { world, ...walks(world) }
}

function walks(world: MemoryWorld) {
  async function openSession(caller = ANNA, photo: Uint8Array | null = photoBytes()): Promise<string> {
    const size = photo?.length ?? 1
    const request = { file_name: 'chair.png', content_type: 'image/png', size_bytes: size } as const
    const { session_id, upload } = await createUpload(world, caller, request)
    if (photo) await world.objects.put(upload.fields.key, photo, { contentType: 'image/png' })
    return session_id
  }
  async function submitEmbed(caller = ANNA, key: string | null = null): Promise<JobAccepted> {
    return initialize(world, caller, { session_id: await openSession(caller) }, key)
  }
  async function submitReconstruct(caller = ANNA, key: string | null = null): Promise<JobAccepted> {
    const body = { session_id: await openSession(caller), masks: [{ png_base64: maskBase64() }] }
    return reconstruct(world, caller, body, key)
  }
  async function submitSelect(text: string, caller = ANNA): Promise<JobAccepted> {
    return select(world, caller, { session_id: await openSession(caller), text }, null)
  }
  /** What the endpoint does with the oldest invocation that it has not worked on yet. */
  async function runEngine(engine: Engine = TINY_ENGINE) {
    const call = world.endpoint.calls.shift()
    if (!call) throw new Error('nothing was invoked')
    return runRequest(call.requestKey, engine)
  }
  async function runRequest(requestKey: string, engine: Engine = TINY_ENGINE) {
    const bytes = await world.objects.get(requestKey)
    const request: unknown = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()))
    return executeJob(request, { ...world, engine })
  }
  /** The bucket's event of a key that was created. */
  async function deliver(key: string): Promise<void> {
    const place = parseJobKey(key)
    if (place?.file === 'manifest') await completeJob(world, place)
    else if (place?.file === 'failure') await failJob(world, place.jobId, world.clock.now())
    else await failJobByKey(world, key)
  }
  return { deliver, openSession, submitEmbed, submitReconstruct, submitSelect, runEngine, runRequest }
}

type Box = readonly [number, number, number, number]

/** What the GPU container leaves of a select, the likeliest first; no engine in TypeScript reads words. */
export async function leaveCandidates(
  objects: ObjectStore,
  request: InferenceRequest,
  image: { width: number; height: number },
  boxes: readonly Box[],
): Promise<void> {
  const place = { sub: request.user_id, sessionId: request.session_id, jobId: request.job_id }
  const attempt = '01KK9999999999999999999999'
  const candidates = await Promise.all(
    boxes.map(async ([x0, y0, x1, y1], i) => {
      const inside = (x: number, y: number) => Number(x >= x0 && x <= x1 && y >= y0 && y <= y1)
      const data = Uint8Array.from({ length: image.width * image.height }, (_, pixel) =>
        inside(pixel % image.width, Math.floor(pixel / image.width)),
      )
      const png = writeMaskPng({ ...image, data })
      const file = `candidate-${i + 1}.png`
      await objects.put(attemptKey(place, attempt, file), png, { contentType: 'image/png' })
      const mask = { file, size_bytes: png.length, sha256: createHash('sha256').update(png).digest('hex') }
      return { mask, score: 0.9 - i / 10, box: [x0, y0, x1, y1] }
    }),
  )
  const manifest: SelectManifest = {
    ...{ version: request.version, job_id: request.job_id, session_id: request.session_id },
    ...{ user_id: request.user_id, kind: 'select', attempt, image, candidates },
    engine: { name: 'sam3d', version: '0' },
    started_at: '2026-03-14T09:00:01.000Z',
    finished_at: '2026-03-14T09:00:02.000Z',
    timings: {},
  }
  const body = JSON.stringify(manifest)
  await objects.put(jobKey(place, 'manifest'), body, { contentType: 'application/json', ifAbsent: true })
}

export function placeOf(job: JobAccepted, caller = ANNA): JobPlace {
  return { sub: caller.sub, sessionId: job.session_id, jobId: job.job_id }
}

/** The key of a file in a job's folder. */
export function keyOf(job: JobAccepted, file: Parameters<typeof jobKey>[1], caller = ANNA): string {
  return jobKey(placeOf(job, caller), file)
}

/** An engine that fails as this error says. */
export function failingEngine(error: unknown): Engine {
  const fail = async () => {
    throw error
  }
  return { ...TINY_ENGINE, embed: fail, reconstruct: fail }
}
