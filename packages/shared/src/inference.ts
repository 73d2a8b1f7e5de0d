/**
 * What the API sends to an engine and what an engine leaves behind: request.json, progress.json, failure.json and
 * manifest.json of a job. Python reads the generated JSON Schemas of the same names.
 */
import type { Static } from 'typebox'
import * as Type from 'typebox'
import { JOB_ERROR_CODES } from './errors.ts'
import { FILE_FORMATS, QUALITIES } from './formats.ts'
import { ATTEMPT_FILE_PATTERN, DECODER_NAME_PATTERN } from './keys.ts'
import { MAX_CANDIDATES, MAX_TEXT_LENGTH } from './limits.ts'
import {
  Attempt,
  Bounds,
  Bytes,
  CameraSchema,
  fileFacts,
  ImageSize,
  Instant,
  JobId,
  Kind,
  mapOf,
  oneOf,
  orNull,
  PixelBox,
  ScaleBasis,
  Score,
  SessionId,
  Sha256,
} from './schemas.ts'

export const INFERENCE_VERSION = 1
/** `Content-Type` of the invocation. */
export const INFERENCE_CONTENT_TYPE = 'application/json'

const common = {
  version: Type.Literal(INFERENCE_VERSION),
  job_id: JobId,
  session_id: SessionId,
  user_id: Type.String({ description: 'the user pool’s sub' }),
}

const FileName = Type.String({
  pattern: `^${ATTEMPT_FILE_PATTERN}$`,
  description: 'inside the attempt’s folder',
})

export const InferenceRequest = Type.Object({
  ...common,
  kind: Kind,
  bucket: Type.String(),
  photo: Type.Object({
    key: Type.String(),
    etag: Type.String({ description: 'the engine reads this very object' }),
  }),
  /** Of a select, and only there: what to find, trimmed. */
  text: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_TEXT_LENGTH })),
  /** Of a reconstruct: one mask an object. Empty for the others. */
  masks: Type.Array(Type.Object({ name: Type.String(), key: Type.String() })),
  /** Of a reconstruct, every default filled in; null for the others. */
  options: orNull(
    Type.Object({
      formats: Type.Array(oneOf(FILE_FORMATS)),
      quality: oneOf(QUALITIES),
      seed: Type.Integer(),
      texture_size: Type.Integer(),
      target_triangles: Type.Integer(),
    }),
  ),
  /** The job's folder, with a slash at its end: attempts, progress, cancel mark and manifest stand in it. */
  job_prefix: Type.String(),
})
export type InferenceRequest = Static<typeof InferenceRequest>

export const Progress = Type.Object({
  attempt: Attempt,
  stage: Type.String(),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  started_at: Instant,
  updated_at: Instant,
})
export type Progress = Static<typeof Progress>

export const Failure = Type.Object({
  attempt: Attempt,
  code: oneOf(JOB_ERROR_CODES),
  failed_at: Instant,
})
export type Failure = Static<typeof Failure>

const StoredFile = Type.Object({ file: FileName, size_bytes: Bytes, sha256: Sha256 })

const ManifestFile = Type.Object({
  ...fileFacts,
  file: FileName,
  sha256: Sha256,
})

const manifestCommon = {
  ...common,
  attempt: Attempt,
  engine: Type.Object({ name: Type.String(), version: Type.String() }),
  started_at: Instant,
  finished_at: Instant,
  timings: mapOf(Type.Number(), 'seconds by step'),
  measured: Type.Optional(
    mapOf(Type.Number(), 'what the engine measured: peak_gpu_bytes, camera_residual_pixels'),
  ),
  models: Type.Optional(mapOf(Type.String(), 'versions of weights and code by name')),
}

export const EmbedManifest = Type.Object({
  ...manifestCommon,
  kind: Type.Literal('embed'),
  embedding: StoredFile,
  image: ImageSize,
  /** With a hash where its file stands under models/decoders/; without where it is part of the page. */
  decoder: Type.Object({
    name: Type.String({ pattern: DECODER_NAME_PATTERN }),
    version: Type.String({ pattern: DECODER_NAME_PATTERN }),
    sha256: Type.Optional(Sha256),
    size_bytes: Type.Optional(Bytes),
  }),
})
export type EmbedManifest = Static<typeof EmbedManifest>

/** What was found by words. That nothing was found is an answer, too: then there are no candidates. */
export const SelectManifest = Type.Object({
  ...manifestCommon,
  kind: Type.Literal('select'),
  image: ImageSize,
  /** The likeliest first. A mask is an 8-bit PNG, 0/255, of the image's size. */
  candidates: Type.Array(Type.Object({ mask: StoredFile, score: Score, box: PixelBox }), {
    maxItems: MAX_CANDIDATES,
  }),
})
export type SelectManifest = Static<typeof SelectManifest>

export const ReconstructManifest = Type.Object({
  ...manifestCommon,
  kind: Type.Literal('reconstruct'),
  objects: Type.Array(
    Type.Object({
      name: Type.String(),
      bounds: Bounds,
      files: Type.Array(ManifestFile),
    }),
    { minItems: 1 },
  ),
  scene: orNull(Type.Object({ files: Type.Array(ManifestFile) })),
  camera: CameraSchema,
  scale_basis: ScaleBasis,
  warnings: Type.Array(Type.String()),
})
export type ReconstructManifest = Static<typeof ReconstructManifest>

export const Manifest = Type.Union([EmbedManifest, SelectManifest, ReconstructManifest])
export type Manifest = Static<typeof Manifest>
