/** Draws docs/images/duck.png: our duck's photo with a selection of three clicks, and what the engine makes of it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { encodePng } from '@gen3d/image/encode-png'
import { resizeImage } from '@gen3d/image/resize'
import { createDecoder } from '@gen3d/preview/decode'
import { embedPhoto } from '@gen3d/preview/embed'
import { buildScene } from '@gen3d/preview/reconstruct'
import type { PointPrompt } from '@gen3d/shared/prompts'
import { Robot } from '../packages/preview/train/robot.ts'
import { blank, drawDot, drawSelection, paste } from '../tests/bench/picture.ts'
import { drawMesh, FOUR_SIDES } from '../tests/bench/views.ts'
import { drawDuck } from '../tests/fixtures/duck.ts'
import { ROOT } from './steps.ts'

const FILE = join(ROOT, 'docs', 'images', 'duck.png')
const WIDTH = 1200
const HEIGHT = 500
const MARGIN = 20
const PHOTO = { width: 496, height: 372 }
const BACKGROUND = [238, 241, 245] as const
/** Of the robot user, at most. */
const CLICKS = 3
const PLUS = [37, 99, 235] as const
const MINUS = [220, 38, 38] as const
/** Of each view, which overlap a little: the object fills its square only from corner to corner. */
const VIEW = 306

const duck = drawDuck(1024, 768)
const points: PointPrompt[] = []
const mask = { ...duck.mask, data: new Uint8Array(duck.mask.data.length) }
const decoder = createDecoder(embedPhoto(duck.image), duck.image)
const robot = new Robot({ ...duck.mask, mask: duck.mask.data })
for (let click = robot.next(mask.data); click && points.length < CLICKS; click = robot.next(mask.data)) {
  points.push(click)
  mask.data.set(decoder.decode({ points, box: null })[0].mask)
}
const scene = await buildScene(duck.image, [mask], { quality: 'high' }, async () => {})

const picture = blank(WIDTH, HEIGHT, BACKGROUND)
const photo = drawSelection(duck.image, mask, 2)
for (const { x, y, label } of points) drawDot(photo, x, y, 11, label === 1 ? PLUS : MINUS)
paste(picture, resizeImage(photo, PHOTO.width, PHOTO.height), MARGIN, (HEIGHT - PHOTO.height) / 2, 10)
const left = MARGIN + PHOTO.width
for (const [i, yaw] of FOUR_SIDES.entries()) {
  const [column, row] = [i % 2, Math.floor(i / 2)]
  const middle = left + ((WIDTH - left) * (1 + 2 * column)) / 4
  const top = row === 0 ? -26 : HEIGHT - VIEW + 12
  paste(picture, drawMesh(scene.objects[0].mesh, yaw, VIEW), Math.round(middle - VIEW / 2), top)
}
mkdirSync(dirname(FILE), { recursive: true })
writeFileSync(FILE, encodePng(picture))
console.log(FILE)
