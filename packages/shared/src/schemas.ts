/** Pieces that the API's and the engines' schemas share. Schemas are JSON Schema (draft 2020-12) made with TypeBox. */
import type { Static, TSchema } from 'typebox'
import * as Type from 'typebox'
import { FILE_FORMATS, FILE_KINDS, QUALITIES } from './formats.ts'
import { FILE_FRAME_NAMES, FILE_UNIT_NAMES } from './frames.ts'
import { JOB_ID_PATTERN, ULID_PATTERN } from './ids.ts'
import { JOB_KINDS, JOB_STATES } from './job-states.ts'
import { MAX_TRIANGLES, MIN_TRIANGLES, TEXTURE_SIZES } from './limits.ts'

export const oneOf = <const T extends string>(values: readonly T[], description?: string) =>
  Type.Unsafe<T>(Type.Enum(values as readonly [T], description ? { description } : {}))
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** Any names, one kind of value. Not Type.Record: it brings TypeBox's whole type algebra into every bundle (40 kB). */
export const mapOf = <T extends TSchema>(values: T, description?: string) =>
  Type.Unsafe<Record<string, Static<T>>>({
    type: 'object',
    additionalProperties: values,
    ...(description ? { description } : {}),
  })
/** Answers may gain fields; requests may not carry unknown ones. */
export const closed = { additionalProperties: false } as const

export const SessionId = Type.String({
  pattern: `^${ULID_PATTERN}$`,
  description: 'ULID',
})
export const JobId = Type.String({
  pattern: `^${JOB_ID_PATTERN}$`,
  description: 'SESSION-JOB, two ULIDs',
})
export const Attempt = Type.String({
  pattern: `^${ULID_PATTERN}$`,
  description: 'ULID',
})
export const Instant = Type.String({
  format: 'date-time',
  description: 'RFC 3339, UTC',
})
export const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
export const Bytes = Type.Integer({ minimum: 0, description: 'bytes' })
export const Pixels = Type.Integer({ minimum: 1, description: 'pixels' })
export const Kind = oneOf(JOB_KINDS)
export const State = oneOf(JOB_STATES)
/** As a person's box prompt: both corners lie inside. */
export const PixelBox = Type.Array(Type.Integer({ minimum: 0 }), {
  minItems: 4,
  maxItems: 4,
  description: 'x0, y0, x1, y1: inclusive pixel indices of the EXIF-turned photo',
})
export const Score = Type.Number({ minimum: 0, maximum: 1, description: 'the engine’s own guess, 0-1' })
export const ImageSize = Type.Object({ width: Pixels, height: Pixels })
const Vector3 = Type.Array(Type.Number(), { minItems: 3, maxItems: 3 })

export const Bounds = Type.Object(
  { min: Vector3, max: Vector3 },
  { description: 'metres, in the manifest’s frame' },
)
export const CameraSchema = Type.Object(
  {
    width: Pixels,
    height: Pixels,
    fx: Type.Number(),
    fy: Type.Number(),
    cx: Type.Number(),
    cy: Type.Number(),
    object_to_camera: Type.Array(Type.Number(), {
      minItems: 16,
      maxItems: 16,
      description: 'column-major, rigid',
    }),
  },
  {
    description: 'u = cx + fx * x / -z, v = cy - fy * y / -z, in pixels of the EXIF-turned photo',
  },
)
export const ScaleBasis = oneOf(['assumed', 'measured'])
/** What every deliverable file says of itself, in manifests and in answers. */
export const fileFacts = {
  format: oneOf(FILE_FORMATS),
  kind: oneOf(FILE_KINDS),
  size_bytes: Bytes,
  frame: oneOf(FILE_FRAME_NAMES, 'the frame of the file’s coordinates'),
  unit: oneOf(FILE_UNIT_NAMES),
}

/** The options of `POST /reconstruct`; whoever leaves one out gets the default named here. */
export const ReconstructOptionsSchema = Type.Object(
  {
    formats: Type.Optional(
      Type.Array(oneOf(FILE_FORMATS), {
        minItems: 1,
        maxItems: FILE_FORMATS.length,
        uniqueItems: true,
      }),
    ),
    quality: Type.Optional(oneOf(QUALITIES)),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })),
    texture_size: Type.Optional(Type.Enum([...TEXTURE_SIZES], { description: 'pixels a side' })),
    target_triangles: Type.Optional(Type.Integer({ minimum: MIN_TRIANGLES, maximum: MAX_TRIANGLES })),
  },
  closed,
)
