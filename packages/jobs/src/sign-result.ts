import type {
  EmbedResponse,
  ReconstructResponse,
  ResultFile,
  SelectResponse,
  SharedScene,
} from '@gen3d/shared/api'
import { FORMATS } from '@gen3d/shared/formats'
import type { EmbedManifest, Manifest, ReconstructManifest, SelectManifest } from '@gen3d/shared/inference'
import { attemptKey, decoderKey, type JobPlace, jobKey } from '@gen3d/shared/keys'
import { DOWNLOAD_URL_SECONDS } from '@gen3d/shared/limits'
import type { World } from './world.ts'

type Needs = Pick<World, 'objects'>
type ManifestFile = ReconstructManifest['objects'][number]['files'][number]

const expiring = { expiresSeconds: DOWNLOAD_URL_SECONDS }

/**
 * A manifest as the API shows it. Keys are rebuilt from the place and the manifest's attempt and file names, which
 * hold no slash: a manifest can name nothing outside its own job's folder.
 */
export function signResult(
  world: Needs,
  place: JobPlace,
  manifest: Manifest,
): Promise<EmbedResponse | SelectResponse | ReconstructResponse> {
  switch (manifest.kind) {
    case 'embed':
      return signEmbedding(world, place, manifest)
    case 'select':
      return signCandidates(world, place, manifest)
    case 'reconstruct':
      return signObjects(world, place, manifest)
  }
}

async function signEmbedding(
  { objects }: Needs,
  place: JobPlace,
  manifest: EmbedManifest,
): Promise<EmbedResponse> {
  const { name, version, sha256 } = manifest.decoder
  const file = sha256 && { url: await objects.presignGet(decoderKey({ name, version }), expiring), sha256 }
  return {
    embedding_url: await objects.presignGet(
      attemptKey(place, manifest.attempt, manifest.embedding.file),
      expiring,
    ),
    sha256: manifest.embedding.sha256,
    engine: manifest.engine,
    image: manifest.image,
    decoder: { name, version, ...(file || {}) },
  }
}

async function signCandidates(
  { objects }: Needs,
  place: JobPlace,
  { attempt, candidates }: SelectManifest,
): Promise<SelectResponse> {
  return {
    candidates: await Promise.all(
      candidates.map(async ({ mask, score, box }) => ({
        mask_url: await objects.presignGet(attemptKey(place, attempt, mask.file), expiring),
        score,
        box,
      })),
    ),
  }
}

async function signObjects(
  world: Needs,
  place: JobPlace,
  manifest: ReconstructManifest,
): Promise<ReconstructResponse> {
  return {
    ...(await signScene(world, place, manifest, DOWNLOAD_URL_SECONDS)),
    manifest_url: await world.objects.presignGet(jobKey(place, 'manifest'), expiring),
    warnings: manifest.warnings,
  }
}

/** The objects of a reconstruction with addresses that hold for `expiresSeconds`, and where they stand. */
export async function signScene(
  { objects }: Needs,
  place: JobPlace,
  manifest: ReconstructManifest,
  expiresSeconds: number,
): Promise<Omit<SharedScene, 'name' | 'expires_at' | 'poster_url'>> {
  const signFile = async (name: string, { file, format, ...facts }: ManifestFile): Promise<ResultFile> => {
    const { kind, size_bytes, frame, unit } = facts
    const downloadName = `${toFileName(name)}.${FORMATS[format].extension}`
    const key = attemptKey(place, manifest.attempt, file)
    const url = await objects.presignGet(key, { expiresSeconds, downloadName })
    return { format, kind, size_bytes, frame, unit, url }
  }
  const sign = (name: string, files: ManifestFile[]) => Promise.all(files.map((file) => signFile(name, file)))
  return {
    objects: await Promise.all(
      manifest.objects.map(async ({ name, bounds, files }) => ({
        name,
        bounds,
        files: await sign(name, files),
      })),
    ),
    engine: manifest.engine,
    camera: manifest.camera,
    scale_basis: manifest.scale_basis,
    scene: manifest.scene && { files: await sign('scene', manifest.scene.files) },
  }
}

/** Names come from people: what could break a header or a file system is replaced. */
function toFileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '') || 'object'
}
