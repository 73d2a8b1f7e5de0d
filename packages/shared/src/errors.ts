/** Every error code that the API answers with: its HTTP status, and a sentence that says what to do. */
interface ErrorFacts {
  readonly status: number
  readonly message: string
}

export const ERRORS = {
  invalid_request: {
    status: 400,
    message: 'The request breaks the contract. Correct the named field.',
  },
  invalid_json: {
    status: 400,
    message: 'The body is not JSON. Send a JSON object.',
  },
  unauthorized: {
    status: 401,
    message: 'Sign in again: the token is missing, expired or not valid here.',
  },
  not_found: {
    status: 404,
    message: 'There is nothing here under this id for you. Check the id.',
  },
  method_not_allowed: {
    status: 405,
    message: 'This path has no such method. See the API page.',
  },
  conflict: {
    status: 409,
    message: 'This does not fit the present state. Read the status and decide again.',
  },
  idempotency_mismatch: {
    status: 409,
    message: 'This Idempotency-Key was used with another body. Use a new key.',
  },
  no_text_prompts: {
    status: 409,
    message: 'The engine here finds nothing by words. Select the object with clicks or a box.',
  },
  not_uploaded: {
    status: 409,
    message: 'The photo has not arrived yet. Upload it with the form, then call again.',
  },
  photo_replaced: {
    status: 409,
    message: 'The photo changed after this session was initialized. Start a new session.',
  },
  too_large: {
    status: 413,
    message: 'This is too large. Keep below the named limit.',
  },
  unsupported_media_type: { status: 415, message: 'Send application/json.' },
  invalid_photo: {
    status: 422,
    message: 'The photo cannot be used. Upload a JPEG, PNG or WebP photo.',
  },
  invalid_mask: {
    status: 422,
    message: 'The mask cannot be used. Send a PNG of the photo’s size with pixels set.',
  },
  unsupported_format: {
    status: 422,
    message: 'The engine does not make this format. See GET /capabilities.',
  },
  limit_reached: {
    status: 429,
    message: 'A limit is reached. Try again at the time given.',
  },
  internal: {
    status: 500,
    message: 'Something failed on our side. Try again; if it stays, give the request id to the operator.',
  },
  unavailable: {
    status: 503,
    message: 'A part of the system does not answer. Try again in a minute.',
  },
} as const satisfies Record<string, ErrorFacts>

export type ErrorCode = keyof typeof ERRORS
export const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]

interface ErrorDetails {
  /** The field of the request that is at fault, as a dotted path. */
  readonly field?: string
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** What use cases throw; one file of the API makes the answer from it. */
export class Gen3dError extends Error {
  override readonly name = 'Gen3dError'
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message?: string, details: ErrorDetails = {}) {
    super(message ?? ERRORS[code].message, { cause: details.cause })
    this.code = code
    this.field = details.field
    this.retryAfterSeconds = details.retryAfterSeconds
  }
}

/** Why a job failed: whose turn it is, and a sentence for the person. */
interface JobErrorFacts {
  readonly blame: 'photo' | 'system'
  readonly message: string
}

export const JOB_ERRORS = {
  image_unreadable: {
    blame: 'photo',
    message: 'The photo could not be read. Try another photo.',
  },
  photo_replaced: {
    blame: 'photo',
    message: 'The photo changed after the job was made. Start a new session.',
  },
  empty_mask: {
    blame: 'photo',
    message: 'The selection is empty. Select the object again.',
  },
  object_too_small: {
    blame: 'photo',
    message: 'The selected object is too small to make a shape of. Select more of it.',
  },
  out_of_memory: {
    blame: 'system',
    message: 'The machine ran out of memory. Try fewer objects or a lower quality.',
  },
  weights_missing: {
    blame: 'system',
    message: 'The models are not installed. The operator has been told.',
  },
  timed_out: {
    blame: 'system',
    message: 'The work took too long and was stopped. Try again with a lower quality.',
  },
  not_started: {
    blame: 'system',
    message: 'No machine could be had in time. Try again later.',
  },
  engine_failed: {
    blame: 'system',
    message: 'The engine failed. Try again; your photo and your selection are kept.',
  },
} as const satisfies Record<string, JobErrorFacts>

export type JobErrorCode = keyof typeof JOB_ERRORS
export const JOB_ERROR_CODES = Object.keys(JOB_ERRORS) as [JobErrorCode, ...JobErrorCode[]]
