import { decodeImage } from '@gen3d/image/decode'
import { readMaskPng, writeMaskPng } from '@gen3d/image/mask-png'
import type { Image } from '@gen3d/image/types'
import { createDecoder, type Decoder } from '@gen3d/preview/decode'
import { readEmbedding } from '@gen3d/preview/embed'
import { CliError } from './errors.ts'
import { readInput } from './files.ts'
import type { Selection } from './prompts.ts'

/** One object's mask, ready for an engine or for the API. */
export interface SelectedObject {
  /** Null: nobody named it. */
  readonly name: string | null
  /** 8-bit gray PNG, 0/255, of the EXIF-turned photo's size. */
  readonly png: Uint8Array<ArrayBuffer>
}

/**
 * Turns selections into masks: reads the mask files, decodes clicks and boxes from the embedding (asked for only when
 * needed). The photo's bytes are decoded here, so that masks are in pixels of the EXIF-turned photo.
 */
export async function selectObjects(
  selections: readonly Selection[],
  input: {
    readonly photo: Uint8Array
    readonly embedding: () => Promise<Uint8Array>
    readonly folder: string
  },
): Promise<SelectedObject[]> {
  const photo = await decodeImage(input.photo)
  let decoder: Decoder | null = null
  const objects: SelectedObject[] = []
  for (const selection of selections) {
    if (selection.maskFile !== null) {
      objects.push({ name: selection.name, png: await readMaskFile(selection.maskFile, photo, input.folder) })
      continue
    }
    checkInside(selection, photo)
    decoder ??= createDecoder(readEmbedding(await input.embedding()), photo)
    const [best] = decoder.decode({ points: selection.points, box: selection.box })
    const data = new Uint8Array(best.mask)
    if (!data.includes(1)) {
      throw new CliError('The clicks select nothing. Click nearer to the object’s middle, or give a box.')
    }
    objects.push({
      name: selection.name,
      png: writeMaskPng({ width: photo.width, height: photo.height, data }),
    })
  }
  return objects
}

async function readMaskFile(path: string, photo: Image, folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const mask = readMaskPng(await readInput(folder, path))
  if (mask.width !== photo.width || mask.height !== photo.height) {
    throw new CliError(
      `The mask "${path}" has ${mask.width} x ${mask.height} pixels, the upright photo ${photo.width} x ${photo.height}. Make the mask in the photo’s size.`,
    )
  }
  if (!mask.data.includes(1)) throw new CliError(`The mask "${path}" is empty. Paint the object white.`)
  return writeMaskPng(mask)
}

function checkInside({ points, box }: Selection, { width, height }: Image): void {
  const corners = box
    ? [
        [box[0], box[1]],
        [box[2], box[3]],
      ]
    : []
  for (const [x, y] of [...points.map((point) => [point.x, point.y]), ...corners]) {
    if (x < width && y < height) continue
    throw new CliError(
      `${x},${y} lies outside the photo, which has ${width} x ${height} pixels (0,0 is the top left one).`,
    )
  }
}
