/** Where the viewer's object comes from: a result in the bucket, or the rough preview made in this browser. */
import type { ReconstructResponse } from '@gen3d/shared/api'
import { FORMATS } from '@gen3d/shared/formats'
import type { RoughObjects } from '../select/decoder-protocol.ts'
import { type FreshResult, fetchFile, posterOf, type ShownResult, shownFile, shownKinds } from './files.ts'
import { type BoundingBox, unite } from './orbit.ts'
import type { SceneFile, ShownKind } from './scene.ts'

/** As in the manifest: pixels of the EXIF-turned photo, column-major rigid matrix. */
type PhotoCamera = ReconstructResponse['camera']

export interface ViewerSource {
  /** Changes with what is shown. */
  readonly id: string
  /** Metres, the manifest's frame. */
  readonly bounds: BoundingBox
  readonly camera: PhotoCamera
  readonly kinds: readonly ShownKind[]
  /** Address of a picture to show until the object is there, or null. */
  readonly poster: string | null
  /** `onProgress` gets the part that has arrived, 0-1. */
  load(kind: ShownKind, stop: AbortSignal, onProgress: (fraction: number) => void): Promise<SceneFile[]>
}

export function resultSource(id: string, result: ShownResult, fresh: FreshResult): ViewerSource {
  return {
    id,
    bounds: unite(result.objects.map((each) => each.bounds)),
    camera: result.camera,
    kinds: shownKinds(result),
    poster: posterOf(result),
    async load(kind, stop, onProgress) {
      const { objects } = await fresh()
      const files = objects.flatMap((each) => shownFile(each.files, kind) ?? [])
      const total = files.reduce((sum, file) => sum + file.size_bytes, 0)
      const got = files.map(() => 0)
      return Promise.all(
        files.map(async (file, index) => {
          const bytes = await fetchFile(file.url, file.size_bytes, stop, (at) => {
            got[index] = at
            onProgress(got.reduce((sum, each) => sum + each, 0) / total)
          })
          const extension = file.format === 'compressed_ply' ? 'ply' : FORMATS[file.format].extension
          return { kind, name: `${index}.${extension}`, bytes, frame: file.frame, unit: file.unit }
        }),
      )
    },
  }
}

export function roughSource(id: string, rough: RoughObjects): ViewerSource {
  return {
    id,
    bounds: unite(rough.bounds),
    camera: rough.camera,
    kinds: ['splat'],
    poster: null,
    load: async (kind) =>
      rough.splats.map((bytes, index) => ({
        kind,
        name: `${index}.ply`,
        bytes,
        frame: FORMATS.compressed_ply.frame,
        unit: FORMATS.compressed_ply.unit,
      })),
  }
}
