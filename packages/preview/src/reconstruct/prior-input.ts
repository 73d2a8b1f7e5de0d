/** The object's picture as the shape prior wants it: its box fills 64 x 64 places but for a margin. */
import type { Image, Mask } from '@gen3d/image/types'
import { type Tensor, tensor } from './convolution.ts'
import { PRIOR_INPUTS, PRIOR_SIZE } from './shape-prior.ts'
import type { PixelBox } from './silhouette.ts'

/** Places on each side of the box, as in train/shape_prior/render.py. */
export const MARGIN = 2

export interface PriorCrop {
  readonly input: Tensor
  /** 1 where the object covers the place, per place. */
  readonly covered: Uint8Array
  /** Pixel position of the crop's top left corner, and pixels a place. */
  readonly x0: number
  readonly y0: number
  readonly step: number
}

export function cropForPrior(photo: Image, mask: Mask, box: PixelBox): PriorCrop {
  const side = Math.max(box.x1 - box.x0, box.y1 - box.y0)
  const step = side / (PRIOR_SIZE - 2 * MARGIN)
  const x0 = (box.x0 + box.x1 - PRIOR_SIZE * step) / 2
  const y0 = (box.y0 + box.y1 - PRIOR_SIZE * step) / 2
  const places = PRIOR_SIZE * PRIOR_SIZE
  const colour = new Float64Array(places * 3)
  const coverage = new Float64Array(places)
  // At most 4 x 4 samples a place: the network sees 64 places a side, more would change nothing.
  const samples = Math.max(1, Math.min(4, Math.ceil(step)))
  for (let j = 0; j < PRIOR_SIZE; j++) {
    for (let i = 0; i < PRIOR_SIZE; i++) {
      const o = j * PRIOR_SIZE + i
      for (let b = 0; b < samples; b++) {
        const y = Math.floor(y0 + (j + (b + 0.5) / samples) * step)
        if (y < box.y0 || y >= box.y1) continue
        for (let a = 0; a < samples; a++) {
          const x = Math.floor(x0 + (i + (a + 0.5) / samples) * step)
          if (x < box.x0 || x >= box.x1) continue
          const p = y * mask.width + x
          if (mask.data[p] === 0) continue
          coverage[o]++
          for (let k = 0; k < 3; k++) colour[3 * o + k] += photo.data[4 * p + k]
        }
      }
    }
  }
  let most = 0
  for (let o = 0; o < places; o++) most = Math.max(most, coverage[o])
  const least = Math.min(most, samples * samples) / 2
  const covered = new Uint8Array(places)
  let count = 0
  let brightness = 0
  for (let o = 0; o < places; o++) {
    if (coverage[o] < least || coverage[o] === 0) continue
    covered[o] = 1
    count++
    for (let k = 0; k < 3; k++) {
      colour[3 * o + k] /= 255 * coverage[o]
      brightness += colour[3 * o + k] / 3
    }
  }
  const mean = brightness / count + 0.02
  const input = tensor(PRIOR_INPUTS, PRIOR_SIZE)
  for (let o = 0; o < places; o++) {
    const i = o % PRIOR_SIZE
    const j = Math.floor(o / PRIOR_SIZE)
    if (covered[o] === 1) {
      input.data[o] = 1
      for (let k = 0; k < 3; k++) input.data[(1 + k) * places + o] = colour[3 * o + k] / mean - 1
    }
    input.data[4 * places + o] = ((i + 0.5) * 2) / PRIOR_SIZE - 1
    input.data[5 * places + o] = ((j + 0.5) * 2) / PRIOR_SIZE - 1
  }
  return { input, covered, x0, y0, step }
}
