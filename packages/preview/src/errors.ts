/** Why the preview engine refused an input; the caller maps the code to its own error. */
export type PreviewErrorCode =
  | 'photo_unreadable'
  | 'mask_unreadable'
  | 'mask_size_mismatch'
  | 'mask_empty'
  | 'prompt_invalid'
  | 'embedding_invalid'
  | 'format_unsupported'

/** An input that the engine cannot use; the message says what to do. */
export class PreviewError extends Error {
  readonly code: PreviewErrorCode
  constructor(code: PreviewErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'PreviewError'
    this.code = code
  }
}
