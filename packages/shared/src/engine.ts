/**
 * The one interface behind which every engine stands. An engine knows no bucket, no job and no clock: bytes in, bytes
 * out. The embedded preview engine and the GPU container both serve the same request and manifest (inference.ts).
 */
import type { FileFormat, Quality } from './formats.ts'
import type { Camera } from './frames.ts'

export interface EngineContext {
  /**
   * Called between steps with the step's name and the part of the whole that is done, 0-1. It rejects when the job was
   * cancelled: the engine lets that error pass and does no more work.
   */
  progress(stage: string, fraction: number): Promise<void>
}

export interface EmbedResult {
  /** A safetensors file; its metadata names engine, version and image size (embedding.ts). */
  readonly embedding: Uint8Array
  /** Size of the EXIF-turned photo, pixels. */
  readonly image: { readonly width: number; readonly height: number }
  /** The decoder that reads this embedding. */
  readonly decoder: { readonly name: string; readonly version: string }
}

export interface ReconstructOptions {
  readonly formats: readonly FileFormat[]
  readonly quality: Quality
  readonly seed: number
  /** Side of the square texture, pixels. */
  readonly textureSize: number
  readonly targetTriangles: number
}

export interface ReconstructInput {
  /** The photo's bytes as uploaded. */
  readonly photo: Uint8Array
  /** One object each: 8-bit PNG 0/255, size of the EXIF-turned photo. */
  readonly masks: readonly {
    readonly name: string
    readonly png: Uint8Array
  }[]
  readonly options: ReconstructOptions
}

export interface EngineFile {
  readonly format: FileFormat
  readonly bytes: Uint8Array
}

export interface EngineObject {
  readonly name: string
  /** Axis-aligned box in the manifest's frame, metres: [x, y, z] each. */
  readonly bounds: {
    readonly min: readonly number[]
    readonly max: readonly number[]
  }
  readonly files: readonly EngineFile[]
}

export interface ReconstructResult {
  readonly objects: readonly EngineObject[]
  /** All objects in one file a format; only where there are several objects. */
  readonly scene: { readonly files: readonly EngineFile[] } | null
  readonly camera: Camera
  readonly scaleBasis: 'assumed' | 'measured'
  /** Sentences for the user: what the result lacks, and why. */
  readonly warnings: readonly string[]
}

export interface Engine {
  /** Stands in every manifest and on the page, for example `preview` or `sam3d`. */
  readonly name: string
  readonly version: string
  embed(photo: Uint8Array, context: EngineContext): Promise<EmbedResult>
  reconstruct(input: ReconstructInput, context: EngineContext): Promise<ReconstructResult>
}
