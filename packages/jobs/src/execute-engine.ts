/** Calls the engine and stores what it made; returns the part of the manifest that speaks of it. */
import { createHash } from 'node:crypto'
import { EMBEDDING_CONTENT_TYPE, EMBEDDING_FILE } from '@gen3d/shared/embedding'
import type { Engine, EngineFile, ReconstructInput } from '@gen3d/shared/engine'
import { FORMATS } from '@gen3d/shared/formats'
import type { EmbedManifest, InferenceRequest, ReconstructManifest } from '@gen3d/shared/inference'
import type { JobProgress } from './execute-progress.ts'

type Put = (file: string, bytes: Uint8Array, contentType: string) => Promise<void>
type ManifestFile = ReconstructManifest['objects'][number]['files'][number]

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export async function runEmbed(
  engine: Engine,
  photo: Uint8Array,
  progress: JobProgress,
  put: Put,
): Promise<Pick<EmbedManifest, 'kind' | 'embedding' | 'image' | 'decoder'>> {
  const { embedding, image, decoder } = await engine.embed(photo, progress)
  await progress.write()
  await put(EMBEDDING_FILE, embedding, EMBEDDING_CONTENT_TYPE)
  return {
    kind: 'embed',
    embedding: { file: EMBEDDING_FILE, size_bytes: embedding.length, sha256: sha256(embedding) },
    image: { width: image.width, height: image.height },
    decoder: { name: decoder.name, version: decoder.version },
  }
}

type Made = Pick<ReconstructManifest, 'kind' | 'objects' | 'scene' | 'camera' | 'scale_basis' | 'warnings'>

export async function runReconstruct(
  engine: Engine,
  request: InferenceRequest,
  input: Pick<ReconstructInput, 'photo' | 'masks'>,
  progress: JobProgress,
  put: Put,
): Promise<Made> {
  const { options } = request
  if (!options) throw new Error('a reconstruct without options')
  const { objects, scene, camera, scaleBasis, warnings } = await engine.reconstruct(
    {
      ...input,
      options: {
        formats: options.formats,
        quality: options.quality,
        seed: options.seed,
        textureSize: options.texture_size,
        targetTriangles: options.target_triangles,
      },
    },
    progress,
  )
  await progress.write()
  // All at once: each file is a round trip to S3 of some 100 ms, and their bytes are in memory already.
  const [stored, storedScene] = await allEnded([
    allEnded(
      objects.map(async ({ name, bounds: { min, max }, files }, i) => ({
        name,
        bounds: { min: [...min], max: [...max] },
        files: await storeFiles(`object-${i + 1}`, files, put),
      })),
    ),
    scene && storeFiles('scene', scene.files, put),
  ])
  const { objectToCamera, ...lens } = camera
  return {
    kind: 'reconstruct',
    objects: stored,
    scene: storedScene && { files: storedScene },
    camera: { ...lens, object_to_camera: [...objectToCamera] },
    scale_basis: scaleBasis,
    warnings: [...warnings],
  }
}

function storeFiles(stem: string, files: readonly EngineFile[], put: Put): Promise<ManifestFile[]> {
  return allEnded(
    files.map(async ({ format, bytes }) => {
      const { kind, extension, contentType, frame, unit } = FORMATS[format]
      const file = `${stem}.${extension}`
      await put(file, bytes, contentType)
      return { format, kind, size_bytes: bytes.length, frame, unit, file, sha256: sha256(bytes) }
    }),
  )
}

/** Rejects only when nothing is under way any more: what a failed attempt has written is deleted then. */
async function allEnded<T extends readonly unknown[]>(work: T): Promise<{ [I in keyof T]: Awaited<T[I]> }> {
  await Promise.allSettled(work)
  return Promise.all(work) as Promise<{ [I in keyof T]: Awaited<T[I]> }>
}
