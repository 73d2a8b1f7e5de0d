/**
 * The embedding file: safetensors (https://github.com/huggingface/safetensors, format section of its README):
 * u64 little-endian N, then N bytes of JSON `{NAME: {dtype, shape, data_offsets}, __metadata__: {string: string}}`,
 * then the tensors' bytes. These are the keys of `__metadata__` that every engine writes.
 */
export const EMBEDDING_METADATA = {
  engine: 'engine',
  version: 'version',
  /** Size of the EXIF-turned photo in pixels, decimal. */
  imageWidth: 'image_width',
  imageHeight: 'image_height',
  decoderName: 'decoder_name',
  decoderVersion: 'decoder_version',
} as const

export const EMBEDDING_CONTENT_TYPE = 'application/octet-stream'
export const EMBEDDING_FILE = 'embedding.safetensors'
