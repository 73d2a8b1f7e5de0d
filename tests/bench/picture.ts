/** Pictures put together of pictures: what the gallery and the README's picture are drawn with. */
import type { Image, Mask } from '@gen3d/image/types'

type Colour = readonly [number, number, number]

const ACCENT: Colour = [255, 255, 255]
const VEIL: Colour = [16, 24, 40]

export function blank(width: number, height: number, [r, g, b]: Colour): Image {
  const data = new Uint8ClampedArray(width * height * 4)
  for (let o = 0; o < data.length; o += 4) {
    data[o] = r
    data[o + 1] = g
    data[o + 2] = b
    data[o + 3] = 255
  }
  return { width, height, data }
}

/** Lays a picture over another, by its alpha; what lies outside is cut. Corners are rounded by `radius` pixels. */
export function paste(onto: Image, picture: Image, left: number, top: number, radius = 0): void {
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const [tx, ty] = [left + x, top + y]
      if (tx < 0 || ty < 0 || tx >= onto.width || ty >= onto.height) continue
      const from = 4 * (y * picture.width + x)
      const share = (picture.data[from + 3] / 255) * cornerShare(picture, x, y, radius)
      const to = 4 * (ty * onto.width + tx)
      for (let k = 0; k < 3; k++)
        onto.data[to + k] = onto.data[to + k] * (1 - share) + picture.data[from + k] * share
    }
  }
}

/** How much of a pixel lies within the rounded rectangle, 0-1. */
function cornerShare({ width, height }: Image, x: number, y: number, radius: number): number {
  if (radius === 0) return 1
  const dx = Math.max(radius - x - 0.5, x + 0.5 - (width - radius), 0)
  const dy = Math.max(radius - y - 0.5, y + 0.5 - (height - radius), 0)
  return Math.min(1, Math.max(0, radius - Math.hypot(dx, dy) + 0.5))
}

/** The photo with its selection: the rest veiled, a white line of so many pixels around it. */
export function drawSelection(photo: Image, mask: Mask, lineWidth: number): Image {
  const { width, height } = photo
  const data = photo.data.slice()
  const soft = blur(Float32Array.from(mask.data), width, height, Math.max(1, Math.round(lineWidth)))
  for (let p = 0; p < width * height; p++) {
    const line = Math.min(1, Math.max(0, (0.32 - Math.abs(soft[p] - 0.5)) * 6))
    const veil = 0.34 * (1 - soft[p])
    for (let k = 0; k < 3; k++) {
      const veiled = data[4 * p + k] * (1 - veil) + VEIL[k] * veil
      data[4 * p + k] = veiled * (1 - line) + ACCENT[k] * line
    }
  }
  return { width, height, data }
}

/** A filled dot with a white rim, its edge smooth; in place. */
export function drawDot(onto: Image, x: number, y: number, radius: number, colour: Colour): void {
  const reach = Math.ceil(radius + 2)
  for (let ty = Math.floor(y) - reach; ty <= y + reach; ty++) {
    for (let tx = Math.floor(x) - reach; tx <= x + reach; tx++) {
      if (tx < 0 || ty < 0 || tx >= onto.width || ty >= onto.height) continue
      const distance = Math.hypot(tx - x, ty - y)
      const share = Math.min(1, Math.max(0, radius - distance + 0.5))
      const inner = Math.min(1, Math.max(0, radius * 0.68 - distance + 0.5))
      const o = 4 * (ty * onto.width + tx)
      for (let k = 0; k < 3; k++) {
        const dot = 255 * (1 - inner) + colour[k] * inner
        onto.data[o + k] = onto.data[o + k] * (1 - share) + dot * share
      }
    }
  }
}

/** Three box blurs, close to a Gaussian; the radius of each box in pixels. */
export function blur(values: Float32Array, width: number, height: number, radius: number): Float32Array {
  let from = values
  for (let pass = 0; pass < 3; pass++) {
    const across = new Float32Array(from.length)
    for (let y = 0; y < height; y++) boxBlur(from, across, y * width, 1, width, radius)
    const down = new Float32Array(from.length)
    for (let x = 0; x < width; x++) boxBlur(across, down, x, width, height, radius)
    from = down
  }
  return from
}

/** One line of a box blur; the ends are taken as going on. */
function boxBlur(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
): void {
  const at = (i: number) => from[start + step * Math.min(count - 1, Math.max(0, i))]
  let sum = 0
  for (let i = -radius; i <= radius; i++) sum += at(i)
  for (let i = 0; i < count; i++) {
    to[start + step * i] = sum / (2 * radius + 1)
    sum += at(i + radius + 1) - at(i - radius)
  }
}
