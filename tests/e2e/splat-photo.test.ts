/** The splat seen from the photo's camera is the photo, drawn by a renderer that is not ours. */
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { createPreviewEngine } from '@gen3d/preview/engine'
import { expect, test } from 'vitest'
import { openForeignView, psnrInside } from '../bench/foreign-view.ts'
import { drawDuck } from '../fixtures/duck.ts'

const LEAST_PSNR_DB = 28

test('PlayCanvas draws the splat like the photo inside the mask, 28 dB or better', async () => {
  const duck = drawDuck()
  const { objects, camera } = await createPreviewEngine().reconstruct(
    {
      photo: new Uint8Array(encodeJpeg(duck.image, 92)),
      masks: [{ name: 'duck', png: writeMaskPng(duck.mask) }],
      options: {
        formats: ['ply', 'compressed_ply'],
        quality: 'standard',
        seed: 1,
        textureSize: 1024,
        targetTriangles: 40_000,
      },
    },
    { progress: async () => {} },
  )
  const view = await openForeignView()
  try {
    for (const { format, bytes } of objects[0].files) {
      const picture = await view.draw(format, bytes, camera)
      expect([format, psnrInside(picture, duck.image, duck.mask) >= LEAST_PSNR_DB]).toEqual([format, true])
    }
  } finally {
    await view.close()
  }
})
