/**
 * Requests and answers of the API, in the order in which a person meets them. Fields may be added, never renamed.
 * Types carry the schemas' names. OpenAPI is generated from here and from routes.ts.
 */
import type { Static } from 'typebox'
import * as Type from 'typebox'
import { ERROR_CODES, JOB_ERROR_CODES } from './errors.ts'
import { FILE_FORMATS, QUALITIES } from './formats.ts'
import { SHARE_TOKEN_PATTERN } from './ids.ts'
import { JOB_STATES } from './job-states.ts'
import {
  DEFAULT_SHARE_DAYS,
  MAX_NAME_LENGTH,
  MAX_OBJECTS,
  MAX_SHARE_DAYS,
  MAX_TEXT_LENGTH,
  MAX_UPLOAD_BYTES,
} from './limits.ts'
import { PHOTO_CONTENT_TYPES } from './photos.ts'
import {
  Bounds,
  Bytes,
  CameraSchema,
  closed,
  fileFacts,
  ImageSize,
  Instant,
  JobId,
  Kind,
  mapOf,
  oneOf,
  orNull,
  PixelBox,
  ReconstructOptionsSchema,
  ScaleBasis,
  Score,
  SessionId,
  Sha256,
  State,
} from './schemas.ts'

const Url = Type.String({ format: 'uri', description: 'signed, short-lived' })

export const CreateUploadRequest = Type.Object(
  {
    file_name: Type.String({ minLength: 1, maxLength: 255 }),
    content_type: oneOf(PHOTO_CONTENT_TYPES),
    size_bytes: Type.Integer({ minimum: 1, maximum: MAX_UPLOAD_BYTES }),
  },
  closed,
)
export type CreateUploadRequest = Static<typeof CreateUploadRequest>

export const CreateUploadResponse = Type.Object({
  session_id: SessionId,
  upload: Type.Object({
    url: Url,
    fields: mapOf(Type.String()),
  }),
  expires_at: Instant,
})
export type CreateUploadResponse = Static<typeof CreateUploadResponse>

export const InitializeRequest = Type.Object({ session_id: SessionId }, closed)
export type InitializeRequest = Static<typeof InitializeRequest>

export const JobAccepted = Type.Object({
  job_id: JobId,
  session_id: SessionId,
  kind: Kind,
  state: State,
})
export type JobAccepted = Static<typeof JobAccepted>

export const SelectRequest = Type.Object(
  {
    session_id: SessionId,
    text: Type.String({
      minLength: 1,
      maxLength: MAX_TEXT_LENGTH,
      pattern: '\\S',
      description: 'what to find, a noun with what tells it from others: “yellow duck”',
    }),
  },
  closed,
)
export type SelectRequest = Static<typeof SelectRequest>

export const ReconstructRequest = Type.Object(
  {
    session_id: SessionId,
    masks: Type.Array(
      Type.Object(
        {
          png_base64: Type.String({
            minLength: 1,
            description: 'PNG of the EXIF-turned photo’s size; set pixels are the object',
          }),
          name: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH })),
        },
        closed,
      ),
      { minItems: 1, maxItems: MAX_OBJECTS },
    ),
    options: Type.Optional(ReconstructOptionsSchema),
  },
  closed,
)
export type ReconstructRequest = Static<typeof ReconstructRequest>

export const WaitEstimate = Type.Object({
  low: Type.Number({ description: 'seconds' }),
  high: Type.Number({ description: 'seconds' }),
  basis: oneOf(['assumed', 'measured'], 'measured: from this deployment’s own recent jobs'),
})
export type WaitEstimate = Static<typeof WaitEstimate>

export const EmbedResponse = Type.Object({
  embedding_url: Url,
  sha256: Sha256,
  engine: Type.Object({ name: Type.String(), version: Type.String() }),
  image: ImageSize,
  decoder: Type.Object({
    name: Type.String(),
    version: Type.String(),
    url: Type.Optional(Url),
    sha256: Type.Optional(Sha256),
  }),
})
export type EmbedResponse = Static<typeof EmbedResponse>

export const SelectResponse = Type.Object({
  /** The likeliest first; none where nothing like it was found. */
  candidates: Type.Array(
    Type.Object({
      mask_url: Type.String({
        format: 'uri',
        description: 'signed, short-lived: 8-bit PNG, 0/255, of the EXIF-turned photo’s size',
      }),
      score: Score,
      box: PixelBox,
    }),
  ),
})
export type SelectResponse = Static<typeof SelectResponse>

export const ResultFile = Type.Object({ ...fileFacts, url: Url })
export type ResultFile = Static<typeof ResultFile>

export const ReconstructResponse = Type.Object({
  objects: Type.Array(
    Type.Object({
      name: Type.String(),
      bounds: Bounds,
      files: Type.Array(ResultFile),
    }),
  ),
  engine: Type.Object({ name: Type.String(), version: Type.String() }),
  camera: CameraSchema,
  scale_basis: ScaleBasis,
  scene: orNull(Type.Object({ files: Type.Array(ResultFile) })),
  manifest_url: Url,
  warnings: Type.Array(Type.String()),
})
export type ReconstructResponse = Static<typeof ReconstructResponse>

const JobError = Type.Object({
  code: oneOf(JOB_ERROR_CODES),
  message: Type.String(),
  blame: oneOf(['photo', 'system']),
})

export const MAIL_STATES = ['none', 'pending', 'sent', 'rejected'] as const

export const JobStatus = Type.Object({
  job_id: JobId,
  session_id: SessionId,
  kind: Kind,
  state: State,
  stage: orNull(Type.String()),
  progress: orNull(Type.Number({ minimum: 0, maximum: 1 })),
  queue_position: orNull(Type.Integer({ minimum: 0, description: 'jobs before this one' })),
  estimated_wait_seconds: orNull(WaitEstimate),
  waking: orNull(
    Type.Object({
      mean_seconds: orNull(
        Type.Number({ description: 'of recent starts of a machine; null: none is known' }),
      ),
    }),
  ),
  created_at: Instant,
  started_at: orNull(Instant),
  finished_at: orNull(Instant),
  timings: mapOf(Type.Number(), 'seconds by step, as the engine measured'),
  cost_usd: orNull(
    Type.Number({ description: 'of the machine while at work; null: no price is set, or no end yet' }),
  ),
  retry_of: orNull(JobId),
  mail: oneOf(MAIL_STATES, 'the e-mail about this job; rejected: the address takes no mail from here'),
  result: orNull(Type.Union([EmbedResponse, SelectResponse, ReconstructResponse])),
  error: orNull(JobError),
})
export type JobStatus = Static<typeof JobStatus>

const SESSION_STATES = ['NEW', ...JOB_STATES] as const

export const Session = Type.Object({
  session_id: SessionId,
  name: Type.String(),
  created_at: Instant,
  photo_url: orNull(Url),
  poster_url: orNull(Url),
  /** When its share link ends; null: it is not shared. */
  shared_until: orNull(Instant),
  /** NEW before the first job; else the state of the newest job, a select only where there is no other. */
  state: oneOf(SESSION_STATES),
  jobs: Type.Array(
    Type.Object({
      job_id: JobId,
      kind: Kind,
      state: State,
      created_at: Instant,
    }),
  ),
})
export type Session = Static<typeof Session>

export const SessionList = Type.Object({
  sessions: Type.Array(Session),
  next_cursor: orNull(Type.String()),
})
export type SessionList = Static<typeof SessionList>

export const RenameRequest = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, pattern: '\\S' }) },
  closed,
)
export type RenameRequest = Static<typeof RenameRequest>

export const ShareRequest = Type.Object(
  {
    days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_SHARE_DAYS, description: `default ${DEFAULT_SHARE_DAYS}` }),
    ),
  },
  closed,
)
export type ShareRequest = Static<typeof ShareRequest>

export const Share = Type.Object({
  token: Type.String({
    pattern: `^${SHARE_TOKEN_PATTERN}$`,
    description: 'whoever has it sees the objects: 256 bits, base64url',
  }),
  expires_at: Instant,
})
export type Share = Static<typeof Share>

/** What a share link shows: the newest finished objects; not the photo, not the owner. */
export const SharedScene = Type.Object({
  name: Type.String(),
  expires_at: Instant,
  poster_url: orNull(Url),
  objects: ReconstructResponse.properties.objects,
  scene: ReconstructResponse.properties.scene,
  camera: CameraSchema,
  scale_basis: ScaleBasis,
  engine: ReconstructResponse.properties.engine,
})
export type SharedScene = Static<typeof SharedScene>

export const ExportPage = Type.Object({
  files: Type.Array(
    Type.Object({
      path: Type.String({ description: 'below everything of the caller; no part of it is . or ..' }),
      url: Url,
      size_bytes: Bytes,
    }),
  ),
  next_cursor: orNull(Type.String()),
})
export type ExportPage = Static<typeof ExportPage>

export const DeleteAccepted = Type.Object({ deleted: Type.Literal(true) })
export type DeleteAccepted = Static<typeof DeleteAccepted>

export const Capabilities = Type.Object({
  engine: Type.String(),
  formats: Type.Array(oneOf(FILE_FORMATS)),
  qualities: Type.Array(oneOf(QUALITIES)),
  max_objects: Type.Integer(),
  text_prompts: Type.Boolean({ description: 'whether POST /select finds objects by words' }),
  mail: Type.Boolean(),
  limits: Type.Object({
    jobs_today_left: Type.Integer(),
    in_flight_left: Type.Integer(),
  }),
  estimated_wait_seconds: orNull(Type.Object({ embed: WaitEstimate, reconstruct: WaitEstimate })),
  estimated_cost_usd: orNull(Type.Object({ low: Type.Number(), high: Type.Number() })),
})
export type Capabilities = Static<typeof Capabilities>

export const ErrorResponse = Type.Object({
  error: Type.Object({
    code: oneOf(ERROR_CODES),
    message: Type.String(),
    field: Type.Optional(Type.String()),
    request_id: Type.String(),
    /** Of a 429: when it may be tried again. */
    retry_at: Type.Optional(Instant),
  }),
})
export type ErrorResponse = Static<typeof ErrorResponse>
