import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { drawDuck } from '../fixtures/duck.ts'

/** Our duck at 1024 x 768, drawn once (it takes seconds), with its files. */
export const duckPhoto = once(() => {
  const duck = drawDuck(1024, 768)
  return { ...duck, jpeg: new Uint8Array(encodeJpeg(duck.image, 92)), maskPng: writeMaskPng(duck.mask) }
})

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
