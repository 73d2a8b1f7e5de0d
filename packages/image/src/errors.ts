export type ImageErrorCode =
  | 'empty_file'
  | 'not_an_image'
  | 'unsupported_format'
  | 'unsupported_variant'
  | 'animated'
  | 'too_large'
  | 'damaged'
  | 'needs_more_bytes'
  | 'decoder_unavailable'

interface ImageErrorDetails {
  /** With `needs_more_bytes`: how many bytes from the start of the file are known to be needed to go on. */
  readonly neededBytes?: number
  readonly cause?: unknown
}

/**
 * What every function of this package throws about bytes that it cannot use; the message says what to do. Only
 * `decoder_unavailable` is not about the bytes: the decoder's own code could not be loaded (network, CSP).
 */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly code: ImageErrorCode
  readonly neededBytes: number | undefined

  constructor(code: ImageErrorCode, message: string, details: ImageErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.neededBytes = details.neededBytes
  }
}

/** An ImageError `damaged`; `reason` is a clause such as "the file ends early". */
export function damaged(reason: string, cause?: unknown): ImageError {
  return new ImageError('damaged', `The picture is damaged: ${reason}. Save or export it again.`, { cause })
}

/** An ImageError `unsupported_variant`; `variant` is a noun phrase such as "a JPEG with 12 bits a channel". */
export function unsupportedVariant(variant: string): ImageError {
  return new ImageError(
    'unsupported_variant',
    `This is ${variant}, which cannot be read here. Save it as a usual JPEG, PNG or WebP.`,
  )
}

/** An ImageError `decoder_unavailable`. */
export function decoderUnavailable(cause: unknown): ImageError {
  return new ImageError(
    'decoder_unavailable',
    'The part that reads pictures could not be loaded. Check the connection and reload the page.',
    { cause },
  )
}
