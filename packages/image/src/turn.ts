import type { Orientation } from './exif.ts'
import type { Image } from './types.ts'

/** Whether the orientation swaps width and height. */
export function swapsSides(orientation: Orientation): boolean {
  return orientation >= 5
}

/** The upright picture of stored pixels; the image itself when it stands upright already, else a new one. */
export function turnImage(image: Image, orientation: Orientation): Image {
  if (orientation === 1) return image
  const { width: w, height: h } = image
  const { origin, right, down } = sourceSteps(w, h, orientation)
  const [width, height] = swapsSides(orientation) ? [h, w] : [w, h]
  const source = toWords(image.data)
  const data = new Uint8ClampedArray(4 * width * height)
  const target = new Uint32Array(data.buffer)
  for (let y = 0, to = 0; y < height; y++) {
    let from = origin + y * down
    for (let x = 0; x < width; x++, from += right) target[to++] = source[from]
  }
  return { width, height, data }
}

/** Where in the stored pixels (index in row order) the upright picture starts, and the step right and down. */
function sourceSteps(w: number, h: number, orientation: Orientation) {
  const last = w * h - 1
  switch (orientation) {
    case 1:
      return { origin: 0, right: 1, down: w }
    case 2:
      return { origin: w - 1, right: -1, down: w }
    case 3:
      return { origin: last, right: -1, down: -w }
    case 4:
      return { origin: last - w + 1, right: 1, down: -w }
    case 5:
      return { origin: 0, right: w, down: 1 }
    case 6:
      return { origin: last - w + 1, right: -w, down: 1 }
    case 7:
      return { origin: last, right: -w, down: -1 }
    case 8:
      return { origin: w - 1, right: w, down: -1 }
  }
}

function toWords(data: Uint8ClampedArray<ArrayBuffer>): Uint32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
}
