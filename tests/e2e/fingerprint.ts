/** What every part of the engine makes of a photo, as checksums: run in Node and in a browser, they must be equal. */
import { decodeImage } from '@gen3d/image/decode'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { crc32 } from '@gen3d/image/png-chunks'
import { createDecoder } from '@gen3d/preview/decode'
import { embedPhoto, writeEmbedding } from '@gen3d/preview/embed'
import { createPreviewEngine } from '@gen3d/preview/engine'
import type { PointPrompt } from '@gen3d/shared/prompts'

/** Checksums by name; pixels of the photo, embedding, mask after each click, and every file of a reconstruction. */
export async function fingerprint(
  photo: Uint8Array,
  clicks: readonly PointPrompt[],
): Promise<Record<string, number>> {
  const sums: Record<string, number> = {}
  const sum = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint8ClampedArray) =>
    crc32(new Uint8Array(buffer, byteOffset, byteLength), 0, byteLength)
  const image = await decodeImage(photo)
  sums.pixels = sum(image.data)
  const embedding = embedPhoto(image)
  sums.embedding = sum(writeEmbedding(embedding))
  const decoder = createDecoder(embedding, image)
  let mask = new Uint8Array(image.width * image.height)
  for (let count = 1; count <= clicks.length; count++) {
    const candidates = decoder.decode({ points: clicks.slice(0, count) })
    mask = new Uint8Array(candidates[0].mask)
    for (const [index, candidate] of candidates.entries())
      sums[`mask ${count}.${index}`] = sum(candidate.mask)
  }
  const box = decoder.decode({ points: [], box: [40, 40, image.width - 60, image.height - 50] })
  sums.box = sum(box[0].mask)
  const png = writeMaskPng({ width: image.width, height: image.height, data: mask })
  sums['mask png'] = sum(png)
  const result = await createPreviewEngine().reconstruct(
    {
      photo,
      masks: [{ name: 'thing', png }],
      options: {
        formats: ['glb', 'ply', 'compressed_ply', 'spz', 'usdz', 'obj', 'stl', 'png'],
        quality: 'draft',
        seed: 7,
        textureSize: 512,
        targetTriangles: 4000,
      },
    },
    { progress: async () => {} },
  )
  for (const file of result.objects[0].files) sums[file.format] = sum(file.bytes)
  return sums
}

declare global {
  /** Where the browser's copy hangs. */
  var takeFingerprint: typeof fingerprint | undefined
}
globalThis.takeFingerprint = fingerprint
