/** For tests: a person, a photo, an engine that makes something small, and the walk from upload to a queued job. */
import { createMemoryWorld, type MemoryWorld } from '@gen3d/aws/memory/world'
import { encodePng } from '@gen3d/image/encode-png'
import { writeMaskPng } from '@gen3d/image/mask-png'
import type { JobAccepted } from '@gen3d/shared/api'
import type { Engine } from '@gen3d/shared/engine'
import { type JobPlace, jobKey, parseJobKey } from '@gen3d/shared/keys'
import { completeJob } from './complete-job.ts'
import { createUpload } from './create-upload.ts'
import { executeJob } from './execute-job.ts'
import { failJob, failJobByKey } from './fail-job.ts'
import { initialize } from './initialize.ts'
import { reconstruct } from './reconstruct.ts'
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
  return { deliver, openSession, submitEmbed, submitReconstruct, runEngine, runRequest }
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
