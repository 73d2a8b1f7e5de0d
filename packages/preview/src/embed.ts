import type { Image } from '@gen3d/image/types'
import { EMBEDDING_METADATA } from '@gen3d/shared/embedding'
import { PreviewError } from './errors.ts'
import {
  bytesTensor,
  floatTensor,
  readSafetensors,
  type Tensor,
  toFloats,
  writeSafetensors,
} from './safetensors.ts'
import { edgeAffinity } from './select/affinity.ts'
import { WORDS } from './select/colour-words.ts'
import { learnedAffinity } from './select/learned.ts'
import { DESCRIPTION, findRegions } from './select/regions.ts'
import { packBoundaries } from './select/topology.ts'
import { toWorkingImage, workingSize } from './select/working-image.ts'

export const PREVIEW_ENGINE = 'preview'
/** Rises whenever an embedding of before can no longer be decoded. */
export const PREVIEW_VERSION = '1'
export const PREVIEW_DECODER = { name: 'preview', version: PREVIEW_VERSION } as const

/** What is computed once a photo: its regions, what they look like, and which of them belong together. */
export interface Embedding {
  /** Size of the EXIF-turned photo, pixels. */
  readonly image: { readonly width: number; readonly height: number }
  /** Two bits a working pixel (select/topology.ts); the working size follows from the photo's. */
  readonly boundaries: Uint8Array
  /** regions x DESCRIPTION */
  readonly description: Float32Array
  /** regions x WORDS, parts of 255 */
  readonly histogram: Uint8Array
  /** Probability that the two sides of an edge belong together; edges in the order of select/topology.ts. */
  readonly affinity: Float32Array
}

/** Largest side that is worked on; as the route limits. */
const LARGEST_SIDE = 16384

/** Computes the embedding of an EXIF-turned photo; PreviewError `photo_unreadable` for an image without pixels. */
export function embedPhoto(image: Image): Embedding {
  const { width, height, data } = image
  if (!(width >= 1 && height >= 1 && width <= LARGEST_SIDE && height <= LARGEST_SIDE)) {
    throw new PreviewError(
      'photo_unreadable',
      `A photo of ${width} x ${height} pixels cannot be used. Send another photo.`,
    )
  }
  if (data.length !== width * height * 4) {
    throw new PreviewError(
      'photo_unreadable',
      'The image data does not fit its size. Decode the photo again.',
    )
  }
  const regions = findRegions(toWorkingImage(image))
  const { topology } = regions
  return {
    image: { width, height },
    boundaries: packBoundaries(topology.labels, topology.width, topology.height),
    description: regions.description,
    histogram: regions.histogram,
    affinity: edgeAffinity(regions, learnedAffinity()),
  }
}

/** Writes an embedding as safetensors (shared/embedding.ts names the metadata). */
export function writeEmbedding(embedding: Embedding): Uint8Array {
  const regions = embedding.histogram.length / WORDS
  const m = EMBEDDING_METADATA
  return writeSafetensors({
    metadata: {
      [m.engine]: PREVIEW_ENGINE,
      [m.version]: PREVIEW_VERSION,
      [m.imageWidth]: String(embedding.image.width),
      [m.imageHeight]: String(embedding.image.height),
      [m.decoderName]: PREVIEW_DECODER.name,
      [m.decoderVersion]: PREVIEW_DECODER.version,
    },
    tensors: {
      description: floatTensor(embedding.description, [regions, DESCRIPTION]),
      affinity: floatTensor(embedding.affinity, [embedding.affinity.length]),
      boundaries: bytesTensor(embedding.boundaries, [embedding.boundaries.length]),
      histogram: bytesTensor(embedding.histogram, [regions, WORDS]),
    },
  })
}

/** Reads what `writeEmbedding` wrote; PreviewError `embedding_invalid` for any other file or version. */
export function readEmbedding(bytes: Uint8Array): Embedding {
  const { metadata, tensors } = readSafetensors(bytes)
  const m = EMBEDDING_METADATA
  if (
    metadata[m.decoderName] !== PREVIEW_DECODER.name ||
    metadata[m.decoderVersion] !== PREVIEW_DECODER.version
  ) {
    throw invalid(`it is for decoder ${metadata[m.decoderName]} ${metadata[m.decoderVersion]}`)
  }
  const width = Number(metadata[m.imageWidth])
  const height = Number(metadata[m.imageHeight])
  if (!isSide(width) || !isSide(height)) throw invalid('it names no image size')
  const { boundaries, description, histogram, affinity } = tensors
  const size = workingSize(width, height)
  const regions = description?.shape[0] ?? 0
  const fits =
    is(boundaries, 'U8', [Math.ceil((size.width * size.height) / 4)]) &&
    is(description, 'F32', [regions, DESCRIPTION]) &&
    is(histogram, 'U8', [regions, WORDS]) &&
    is(affinity, 'F32', [affinity?.shape[0] ?? 0])
  if (!fits || regions < 1) throw invalid('its tensors do not fit together')
  return {
    image: { width, height },
    boundaries: boundaries.bytes.slice(),
    description: toFloats(description),
    histogram: histogram.bytes.slice(),
    affinity: toFloats(affinity),
  }
}

function isSide(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= LARGEST_SIDE
}

function is(tensor: Tensor | undefined, dtype: Tensor['dtype'], shape: readonly number[]): boolean {
  return (
    tensor !== undefined &&
    tensor.dtype === dtype &&
    tensor.shape.length === shape.length &&
    tensor.shape.every((side, i) => side === shape[i])
  )
}

function invalid(why: string): PreviewError {
  return new PreviewError('embedding_invalid', `This embedding cannot be used: ${why}. Compute it again.`)
}
