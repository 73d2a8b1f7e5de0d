// Makes the pictures of the page's first screen: a photo of our own and the object that the preview engine makes of it,
// turning. Run again when the engine got better: node --import tsx scripts/make-example.ts
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeJpeg } from '../packages/image/src/encode-jpeg.ts'
import type { Image } from '../packages/image/src/types.ts'
import { buildScene } from '../packages/preview/src/reconstruct.ts'
import { lookAt } from '../packages/preview/src/write/poster.ts'
import { rasterise } from '../packages/preview/src/write/rasterise.ts'
import { drawDuck } from '../tests/fixtures/duck.ts'
import { ROOT } from './steps.ts'

const FOLDER = join(ROOT, 'apps', 'web', 'src', 'account', 'example')
/** Frames of one swing from left to right; styles/shell.css steps through them, there and back. */
const FRAMES = 17
const SIDE = 288
const OVERSAMPLING = 2
const SWING_RADIANS = 0.55
const PITCH_RADIANS = 0.16
/** The page's own `--stage` in the light theme: the picture keeps it in both. */
const GROUND = [223, 218, 205]
const QUALITY = 82

const { image, mask } = drawDuck()
const { objects } = await buildScene(image, [mask], { quality: 'high' }, async () => {})
const meshes = objects.map(({ mesh }) => mesh)
const strip: Image = {
  width: SIDE * FRAMES,
  height: SIDE,
  data: new Uint8ClampedArray(SIDE * FRAMES * SIDE * 4).fill(255),
}
for (let frame = 0; frame < FRAMES; frame++) {
  // Slower at both ends, as a hand turns something.
  const yaw = -Math.cos((Math.PI * frame) / (FRAMES - 1)) * SWING_RADIANS
  const large = rasterise(meshes, lookAt(meshes, yaw, PITCH_RADIANS, SIDE * OVERSAMPLING))
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const to = 4 * (y * strip.width + frame * SIDE + x)
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let j = 0; j < OVERSAMPLING; j++) {
          for (let i = 0; i < OVERSAMPLING; i++) {
            const from = 4 * ((y * OVERSAMPLING + j) * large.width + x * OVERSAMPLING + i)
            sum += large.data[from + 3] === 0 ? GROUND[c] : large.data[from + c]
          }
        }
        strip.data[to + c] = sum / OVERSAMPLING ** 2
      }
    }
  }
}

mkdirSync(FOLDER, { recursive: true })
for (const [name, picture] of [
  ['photo.jpg', image],
  ['turning.jpg', strip],
] as const) {
  const bytes = encodeJpeg(picture, QUALITY)
  writeFileSync(join(FOLDER, name), bytes)
  console.log(`${name}: ${picture.width} x ${picture.height}, ${(bytes.length / 1000).toFixed(1)} kB`)
}
