import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createS3Client, S3ObjectStore } from '@gen3d/aws/object-store'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import type { ObjectStore } from '@gen3d/jobs/ports'
import { startS3 } from '@gen3d/local/s3/s3-server'
import type { FileFormat } from '@gen3d/shared/formats'
import { toJobId } from '@gen3d/shared/ids'
import { INFERENCE_VERSION, type InferenceRequest } from '@gen3d/shared/inference'
import type { JobKind } from '@gen3d/shared/job-states'
import { jobPrefix, maskKey, photoKey } from '@gen3d/shared/keys'
import { fillOptions } from '@gen3d/shared/reconstruct-defaults'
import { ulid } from 'ulid'

export const BUCKET = 'conformance'
export const REGION = 'us-east-1'
export const CREDENTIAL = { accessKeyId: 'CONFORMANCE', secretAccessKey: 'conformance-secret' }

export const WIDTH = 160
export const HEIGHT = 120

export interface Bucket {
  readonly store: ObjectStore
  /** What the engine's process needs to reach the bucket. */
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** A local S3 with one bucket; this process and the engine's reach it by the SDK's own environment variables. */
export async function openBucket(): Promise<Bucket> {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-conformance-'))
  const s3 = await startS3({
    folder,
    port: 0,
    region: REGION,
    buckets: [BUCKET],
    keyOf: (id) => (id === CREDENTIAL.accessKeyId ? CREDENTIAL : undefined),
  })
  const env = {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIAL.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIAL.secretAccessKey,
  }
  Object.assign(process.env, env)
  return {
    store: new S3ObjectStore(BUCKET, createS3Client()),
    env,
    async stop() {
      await s3.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface JobOptions {
  /** Default: a photo of an orange ball. */
  readonly photo?: Uint8Array
  /** One object each; default: the ball. */
  readonly masks?: readonly { readonly name: string; readonly png: Uint8Array }[]
  /** Default: one splat and one mesh. */
  readonly formats?: readonly FileFormat[]
  /** What a select looks for. */
  readonly text?: string
}

/** Puts a photo and masks where the API would, and returns the request that the API would send. */
export async function putJob(
  { store }: Bucket,
  kind: JobKind,
  {
    photo = drawBall(),
    masks = [{ name: 'ball', png: ballMask() }],
    formats = ['ply', 'glb'],
    text = 'duck',
  }: JobOptions = {},
): Promise<InferenceRequest> {
  const place = { sub: randomUUID(), sessionId: ulid() }
  const jobId = toJobId(place.sessionId, ulid())
  const key = photoKey(place, 'jpg')
  await store.put(key, photo, { contentType: 'image/jpeg' })
  const stored: InferenceRequest['masks'] = []
  for (const { name, png } of kind === 'reconstruct' ? masks : []) {
    const at = maskKey(place, createHash('sha256').update(png).digest('hex'))
    await store.put(at, png, { contentType: 'image/png' })
    stored.push({ name, key: at })
  }
  return {
    version: INFERENCE_VERSION,
    job_id: jobId,
    session_id: place.sessionId,
    user_id: place.sub,
    kind,
    bucket: BUCKET,
    photo: { key, etag: (await store.head(key))?.etag ?? '' },
    ...(kind === 'select' ? { text } : {}),
    masks: stored,
    options: kind === 'reconstruct' ? fillOptions({ quality: 'draft' }, [...formats]) : null,
    job_prefix: jobPrefix({ ...place, jobId }),
  }
}

/** Every key under the job's folder, without the folder. */
export async function listJob({ store }: Bucket, request: InferenceRequest): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(request.job_prefix)) keys.push(key.slice(request.job_prefix.length))
  return keys.sort()
}

/** A JSON file of the job's folder, or null. */
export async function readJson<T>(
  { store }: Bucket,
  request: InferenceRequest,
  file: string,
): Promise<T | null> {
  const bytes = await store.get(`${request.job_prefix}${file}`)
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as T)
}

function isBall(x: number, y: number): boolean {
  return Math.hypot(x + 0.5 - WIDTH / 2, y + 0.5 - HEIGHT / 2) < HEIGHT / 3
}

function drawBall(): Uint8Array {
  const data = new Uint8ClampedArray(4 * WIDTH * HEIGHT)
  for (let at = 0; at < WIDTH * HEIGHT; at++) {
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)]
    const light = 1 - Math.hypot(x - WIDTH / 2.4, y - HEIGHT / 2.6) / WIDTH
    data.set(isBall(x, y) ? [230 * light, 120 * light, 30 * light, 255] : [90, 110, 140, 255], 4 * at)
  }
  return encodeJpeg({ width: WIDTH, height: HEIGHT, data }, 90)
}

function ballMask(): Uint8Array {
  const data = new Uint8Array(WIDTH * HEIGHT).map((_, at) =>
    isBall(at % WIDTH, Math.floor(at / WIDTH)) ? 1 : 0,
  )
  return writeMaskPng({ width: WIDTH, height: HEIGHT, data })
}

export function emptyMask(width = WIDTH, height = HEIGHT): Uint8Array {
  return writeMaskPng({ width, height, data: new Uint8Array(width * height) })
}

/** A mask of another size than the photo's, all set. */
export function strayMask(): Uint8Array {
  return writeMaskPng({ width: 20, height: 20, data: new Uint8Array(400).fill(1) })
}

/** The ball under each of these names; a faulty engine obeys the first one (see suite.contract.ts). */
export function balls(...names: string[]): JobOptions {
  const png = ballMask()
  return { masks: names.map((name) => ({ name, png })) }
}

/** SHA-256, hex. */
export function hash(bytes: Uint8Array | null): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex')
}

/** Metadata of a safetensors file: u64 little-endian length, then JSON with `__metadata__`. */
export function metadataOf(bytes: Uint8Array | null): Record<string, string> {
  if (!bytes) return {}
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
  return head.__metadata__
}
