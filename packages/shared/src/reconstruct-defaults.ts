/** What `POST /reconstruct` and `gen3d make` take where nothing is said: one home, so that both give the same bytes. */
import type { FileFormat, Quality } from './formats.ts'
import type { InferenceRequest } from './inference.ts'

export const DEFAULT_QUALITY: Quality = 'standard'
export const DEFAULT_SEED = 0

/** Texture side in pixels and triangles of a mesh, by quality. */
export const QUALITY_DEFAULTS = {
  draft: { textureSize: 512, targetTriangles: 12_000 },
  standard: { textureSize: 1024, targetTriangles: 40_000 },
  high: { textureSize: 2048, targetTriangles: 120_000 },
} as const satisfies Record<Quality, { textureSize: number; targetTriangles: number }>

/** A name for the object that nobody named; `index` counts from 0. It stands in manifests and inside GLB files. */
export function defaultObjectName(index: number): string {
  return `object-${index + 1}`
}

/** The options of a request with every default filled in; `defaultFormats` are the engine's own. */
export function fillOptions(
  options: Partial<NonNullable<InferenceRequest['options']>> | undefined,
  defaultFormats: readonly FileFormat[],
): NonNullable<InferenceRequest['options']> {
  const quality = options?.quality ?? DEFAULT_QUALITY
  return {
    formats: options?.formats ?? [...defaultFormats],
    quality,
    seed: options?.seed ?? DEFAULT_SEED,
    texture_size: options?.texture_size ?? QUALITY_DEFAULTS[quality].textureSize,
    target_triangles: options?.target_triangles ?? QUALITY_DEFAULTS[quality].targetTriangles,
  }
}
