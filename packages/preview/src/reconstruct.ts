/** From a photo and masks to meshes and Gaussian splats in one frame, without any file format. */
import type { Image, Mask } from '@gen3d/image/types'
import type { Quality } from '@gen3d/shared/formats'
import type { Camera } from '@gen3d/shared/frames'
import { QUALITY_DEFAULTS } from '@gen3d/shared/reconstruct-defaults'
import { PreviewError } from './errors.ts'
import { paintAtlas } from './reconstruct/atlas.ts'
import { assumeLens, placeObjects } from './reconstruct/camera.ts'
import { fitCuboid } from './reconstruct/cuboid.ts'
import { flankBlur } from './reconstruct/flank.ts'
import { type Bounds, boundsOf, buildMesh, type Mesh } from './reconstruct/mesh.ts'
import { meshOutline, type OutlineMesh } from './reconstruct/outline-mesh.ts'
import { cropForPrior } from './reconstruct/prior-input.ts'
import { estimateRelief } from './reconstruct/relief.ts'
import { guessShape } from './reconstruct/shape-prior.ts'
import { type Silhouette, traceSilhouette } from './reconstruct/silhouette.ts'
import { buildSolid, type Solid } from './reconstruct/solid.ts'
import { buildSplat, type Splat } from './reconstruct/splat.ts'

export type { Bounds, Mesh, Splat }

export interface BuildOptions {
  readonly quality: Quality
  /** Side of the square texture, texels; by quality where absent (shared/reconstruct-defaults). */
  readonly textureSize?: number
  readonly targetTriangles?: number
}

export interface BuiltObject {
  readonly mesh: Mesh
  readonly splat: Splat
  /** Metres, manifest's frame. */
  readonly bounds: Bounds
}

export interface BuiltScene {
  /** In the order of the masks. */
  readonly objects: readonly BuiltObject[]
  readonly camera: Camera
}

/** Gaussians of an object. */
const GAUSSIANS: Readonly<Record<Quality, number>> = { draft: 20_000, standard: 60_000, high: 150_000 }

/** Both sheets: four triangles a cell. */
const TRIANGLES_PER_CELL = 4

interface Shape {
  readonly mask: Mask
  readonly silhouette: Silhouette
  readonly outline: OutlineMesh
  readonly solid: Solid
  /** How far the texture is blurred, photo pixels, per grid corner. */
  readonly softness: Float32Array
  /** Sine of the camera's angle above the horizon. */
  readonly pitchSine: number
}

/** A step that is over: its name, and the part of the whole that is done, 0-1. */
export type StepListener = (stage: string, fraction: number) => Promise<void>

/** One object of a photo; PreviewError `mask_empty` or `mask_size_mismatch`. */
export function buildObject(
  photo: Image,
  mask: Mask,
  options: BuildOptions,
): BuiltObject & { readonly camera: Camera } {
  const shape = shapeOf(photo, mask, options)
  const placement = placeObjects(
    [shape.solid.points],
    photo,
    assumeLens(photo.width, photo.height),
    shape.pitchSine,
  )
  return { ...finish(photo, shape, placement, 0, options), camera: placement.camera }
}

/**
 * All objects of a photo, each at its place in one frame; `onStep` is awaited between steps, and what it throws ends
 * the work. PreviewError `mask_empty` or `mask_size_mismatch`.
 */
export async function buildScene(
  photo: Image,
  masks: readonly Mask[],
  options: BuildOptions,
  onStep: StepListener,
): Promise<BuiltScene> {
  const shapes: Shape[] = []
  for (const mask of masks) {
    shapes.push(shapeOf(photo, mask, options))
    await onStep('shape', shapes.length / (2 * masks.length))
  }
  const points = shapes.map((shape) => shape.solid.points)
  // One camera: the larger an object is seen, the more its guess counts.
  const area = shapes.reduce((sum, shape) => sum + shape.silhouette.area, 0)
  const sine = shapes.reduce((sum, shape) => sum + (shape.pitchSine * shape.silhouette.area) / area, 0)
  const placement = placeObjects(points, photo, assumeLens(photo.width, photo.height), sine)
  const objects: BuiltObject[] = []
  for (const shape of shapes) {
    objects.push(finish(photo, shape, placement, objects.length, options))
    await onStep('surface', 0.5 + objects.length / (2 * masks.length))
  }
  return { objects, camera: placement.camera }
}

function shapeOf(photo: Image, mask: Mask, options: BuildOptions): Shape {
  if (mask.width !== photo.width || mask.height !== photo.height)
    throw new PreviewError(
      'mask_size_mismatch',
      `The mask is ${mask.width} x ${mask.height} pixels, the photo ${photo.width} x ${photo.height}. Send a mask of the photo's size.`,
    )
  const triangles = options.targetTriangles ?? QUALITY_DEFAULTS[options.quality].targetTriangles
  const silhouette = traceSilhouette(mask, triangles / TRIANGLES_PER_CELL)
  if (!silhouette) throw new PreviewError('mask_empty', 'The mask has no pixel set. Select the object first.')
  const outline = meshOutline(silhouette)
  const crop = cropForPrior(photo, mask, silhouette.box)
  const guess = guessShape(crop.input)
  const lens = assumeLens(photo.width, photo.height)
  const cuboid = fitCuboid(silhouette, outline, lens, crop, guess)
  const pitchSine = cuboid ? guess.sine + cuboid.weight * (cuboid.pitchSine - guess.sine) : guess.sine
  const relief = estimateRelief(silhouette, outline, crop, guess, cuboid)
  const solid = buildSolid(outline, relief, lens)
  const softness = flankBlur(silhouette, outline, relief)
  return { mask, silhouette, outline, solid, softness, pitchSine }
}

function finish(
  photo: Image,
  shape: Shape,
  placement: ReturnType<typeof placeObjects>,
  index: number,
  options: BuildOptions,
): BuiltObject {
  const { mask, silhouette, outline, solid, softness } = shape
  const defaults = QUALITY_DEFAULTS[options.quality]
  const scale = placement.scales[index]
  const atlas = paintAtlas(photo, mask, silhouette, softness, options.textureSize ?? defaults.textureSize)
  const mesh = buildMesh(solid, outline, atlas, placement, scale)
  const splat = buildSplat(
    { photo, mask, silhouette, outline, solid, atlas, placement, scale },
    GAUSSIANS[options.quality],
  )
  return { mesh, splat, bounds: boundsOf(mesh.positions) }
}
