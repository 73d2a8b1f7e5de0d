/**
 * The embedded engine behind the one interface: bytes in, bytes out, the same code in the browser, in the CLI, in a
 * container and in a Lambda.
 */
import { decodeImage } from '@gen3d/image/decode'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { encodePng } from '@gen3d/image/encode-png'
import { readMaskPng } from '@gen3d/image/mask-png'
import type { Image, Mask } from '@gen3d/image/types'
import type {
  EmbedResult,
  Engine,
  EngineContext,
  EngineFile,
  EngineObject,
  ReconstructInput,
  ReconstructResult,
} from '@gen3d/shared/engine'
import { ENGINES } from '@gen3d/shared/engines'
import type { FileFormat } from '@gen3d/shared/formats'
import type { Camera } from '@gen3d/shared/frames'
import { embedPhoto, PREVIEW_DECODER, PREVIEW_ENGINE, PREVIEW_VERSION, writeEmbedding } from './embed.ts'
import { PreviewError } from './errors.ts'
import { type BuiltObject, buildScene } from './reconstruct.ts'
import { writeCompressedPly } from './write/compressed-ply.ts'
import { writeGlb } from './write/glb.ts'
import { writeObjZip } from './write/obj.ts'
import { writePly } from './write/ply.ts'
import { drawPoster } from './write/poster.ts'
import { writeSpz } from './write/spz.ts'
import { writeStl } from './write/stl.ts'
import type { EncodedTexture } from './write/texture.ts'
import { writeUsdz } from './write/usdz.ts'

/** The formats that this engine writes: each has its case below. */
export const PREVIEW_FORMATS = ENGINES.preview.formats
type PreviewFormat = (typeof PREVIEW_FORMATS)[number]

const TEXTURE_QUALITY = 88
const GENERATOR = `Gen3D ${PREVIEW_ENGINE} ${PREVIEW_VERSION}`
const SCALE_WARNING =
  'The size is assumed, not measured: the longest side of the largest object is taken as 1 metre. Scale it to its true size where that matters.'
const BACK_WARNING =
  'The preview engine guesses depth and the back from the outline; only the front is as in the photo.'

/** Lets a worker hear messages, such as a cancel, before the next step. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

export function createPreviewEngine(): Engine {
  return { name: PREVIEW_ENGINE, version: PREVIEW_VERSION, embed, reconstruct }
}

async function embed(photo: Uint8Array, context: EngineContext): Promise<EmbedResult> {
  const step = stepper(context)
  await step('decode', 0)
  const image = await readPhoto(photo)
  await step('embed', 0.2)
  const embedding = writeEmbedding(embedPhoto(image))
  await step('done', 1)
  return { embedding, image: { width: image.width, height: image.height }, decoder: PREVIEW_DECODER }
}

async function reconstruct(input: ReconstructInput, context: EngineContext): Promise<ReconstructResult> {
  const { options } = input
  const formats = options.formats.map(toPreviewFormat)
  const step = stepper(context)
  await step('decode', 0)
  const photo = await readPhoto(input.photo)
  const masks = input.masks.map(({ name, png }) => readMask(name, png))
  await step('shape', 0.2)
  const scene = await buildScene(photo, masks, options, (stage, fraction) =>
    step(stage, 0.2 + 0.5 * fraction),
  )
  const parts = scene.objects.map((built, i) => ({ name: input.masks[i].name, built }))
  await step('texture', 0.7)
  const textures = parts.map(({ built }) => encodeTexture(built))
  const objects: EngineObject[] = []
  for (let i = 0; i < parts.length; i++) {
    const files: EngineFile[] = []
    for (const format of formats) {
      await step(`write ${format}`, 0.75 + (0.2 * (i + files.length / formats.length)) / parts.length)
      files.push({ format, bytes: writeFile(format, [parts[i]], [textures[i]], scene.camera) })
    }
    objects.push({ name: parts[i].name, bounds: parts[i].built.bounds, files })
  }
  let whole: ReconstructResult['scene'] = null
  if (parts.length > 1) {
    const files = formats.map((format) => ({
      format,
      bytes: writeFile(format, parts, textures, scene.camera),
    }))
    whole = { files }
  }
  await step('done', 1)
  return {
    objects,
    scene: whole,
    camera: scene.camera,
    scaleBasis: 'assumed',
    warnings: [SCALE_WARNING, BACK_WARNING],
  }
}

interface Part {
  readonly name: string
  readonly built: BuiltObject
}

function writeFile(
  format: PreviewFormat,
  parts: readonly Part[],
  textures: readonly EncodedTexture[],
  camera: Camera,
): Uint8Array {
  const meshes = parts.map(({ built }) => built.mesh)
  const splats = parts.map(({ built }) => built.splat)
  switch (format) {
    case 'ply':
      return writePly(splats)
    case 'compressed_ply':
      return writeCompressedPly(splats)
    case 'spz':
      return writeSpz(splats)
    case 'glb':
      return writeGlb(
        parts.map(({ name, built }, i) => ({ name, mesh: built.mesh, texture: textures[i] })),
        camera,
        GENERATOR,
      )
    case 'usdz':
      return writeUsdz(meshes, textures)
    case 'obj':
      return writeObjZip(meshes, textures)
    case 'stl':
      return writeStl(meshes)
    case 'png':
      return encodePng(drawPoster(meshes))
  }
}

function encodeTexture(built: BuiltObject): EncodedTexture {
  return { bytes: encodeJpeg(built.mesh.texture, TEXTURE_QUALITY), mediaType: 'image/jpeg', extension: 'jpg' }
}

function toPreviewFormat(format: FileFormat): PreviewFormat {
  const known = PREVIEW_FORMATS.find((own) => own === format)
  if (!known)
    throw new PreviewError(
      'format_unsupported',
      `The preview engine does not write ${format}. Choose from ${PREVIEW_FORMATS.join(', ')}.`,
    )
  return known
}

function stepper(context: EngineContext): (stage: string, fraction: number) => Promise<void> {
  return async (stage, fraction) => {
    await breathe()
    await context.progress(stage, fraction)
  }
}

async function readPhoto(bytes: Uint8Array): Promise<Image> {
  try {
    return await decodeImage(bytes)
  } catch (cause) {
    throw new PreviewError('photo_unreadable', `The photo cannot be read. ${messageOf(cause)}`, { cause })
  }
}

function readMask(name: string, png: Uint8Array): Mask {
  try {
    return readMaskPng(png)
  } catch (cause) {
    throw new PreviewError('mask_unreadable', `The mask of ${name} cannot be read. ${messageOf(cause)}`, {
      cause,
    })
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : ''
}
