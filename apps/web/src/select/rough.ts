/** A coarse object from the preview engine, in the Worker: something to turn while the real one is being made. */
import type { Image, Mask } from '@gen3d/image/types'
import { buildScene } from '@gen3d/preview/reconstruct'
import { writeCompressedPly } from '@gen3d/preview/write/compressed-ply'
import type { RoughObjects } from './decoder-protocol.ts'

export async function makeRough(photo: Image, masks: readonly Mask[]): Promise<RoughObjects> {
  const { objects, camera } = await buildScene(photo, masks, { quality: 'draft' }, async () => {})
  const { objectToCamera, ...lens } = camera
  return {
    splats: objects.map(({ splat }) => Uint8Array.from(writeCompressedPly([splat]))),
    bounds: objects.map(({ bounds }) => bounds),
    camera: { ...lens, object_to_camera: [...objectToCamera] },
  }
}
