import type { Image } from '@gen3d/image/types'
import { seededRandom } from './numeric.ts'

/** A drawn photo for tests: a shaded ground with grain, an orange disc and a blue box, at the scale of 200 x 150. */
export function drawScene(width: number, height: number): Image {
  const random = seededRandom(42)
  const data = new Uint8ClampedArray(width * height * 4)
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p += 4) {
      const u = (x * 200) / width
      const v = (y * 150) / height
      const grain = random() * 24 - 12
      let colour = [90 + u / 5, 120 + v / 6, 100]
      if ((u - 70) * (u - 70) + (v - 75) * (v - 75) <= 1600) colour = [215 - v / 4, 120, 40]
      else if (u >= 140 && u < 190 && v >= 30 && v < 60) colour = [40, 60, 190]
      for (let c = 0; c < 3; c++) data[p + c] = colour[c] + grain
      data[p + 3] = 255
    }
  }
  return { width, height, data }
}
