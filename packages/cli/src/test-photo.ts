/** For tests: an orange ball on a blue-gray ground, drawn here. */
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'

export const WIDTH = 240
export const HEIGHT = 180
/** Where a click hits the ball, and where it does not. */
export const ON_BALL = '120,90'
export const BESIDE_BALL = '12,10'

function isBall(x: number, y: number): boolean {
  return Math.hypot(x + 0.5 - WIDTH / 2, y + 0.5 - HEIGHT / 2) < HEIGHT / 3
}

export function ballPhoto(): Uint8Array {
  const data = new Uint8ClampedArray(4 * WIDTH * HEIGHT)
  for (let at = 0; at < WIDTH * HEIGHT; at++) {
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)]
    const light = 1 - Math.hypot(x - WIDTH / 2.4, y - HEIGHT / 2.6) / WIDTH
    data.set(isBall(x, y) ? [230 * light, 120 * light, 30 * light, 255] : [90, 110, 140, 255], 4 * at)
  }
  return encodeJpeg({ width: WIDTH, height: HEIGHT, data }, 90)
}

/** The part of the photo where `inside` holds; default: the ball. */
export function maskPng(inside: (x: number, y: number) => boolean = isBall, width = WIDTH): Uint8Array {
  const data = new Uint8Array(width * HEIGHT).map((_, at) =>
    inside(at % width, Math.floor(at / width)) ? 1 : 0,
  )
  return writeMaskPng({ width, height: HEIGHT, data })
}
