/** How well the object's outline agrees with what was selected, both drawn into the photo. */
import { addToPath } from '../select/outline.ts'
import { containedIn } from './photo-camera.ts'

export interface SelectedOutline {
  readonly outline: Int32Array
  readonly inverted: boolean
}

/** Longest side at which the two are compared, pixels: enough for a figure in per cent. */
const SIDE = 640
const HALF = 128

/** Intersection over union of two pictures' opaque pixels (RGBA bytes), 0-1; 1 when both are empty. */
export function agreementOf(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let both = 0
  let either = 0
  for (let i = 3; i < a.length; i += 4) {
    const [inA, inB] = [a[i] >= HALF, b[i] >= HALF]
    if (inA && inB) both++
    if (inA || inB) either++
  }
  return either === 0 ? 1 : both / either
}

/** `drawn`: the canvas as it has just been painted through the photo's camera. */
export function measureAgreement(
  drawn: HTMLCanvasElement,
  photo: { width: number; height: number },
  selected: readonly SelectedOutline[],
): number | null {
  const scale = Math.min(1, SIDE / Math.max(photo.width, photo.height))
  const width = Math.round(photo.width * scale)
  const height = Math.round(photo.height * scale)
  const make = () => {
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    return canvas.getContext('2d', { willReadFrequently: true })
  }
  const [object, mask] = [make(), make()]
  if (!object || !mask) return null
  const fit = containedIn(photo, drawn.width, drawn.height)
  object.drawImage(
    drawn,
    fit.x,
    fit.y,
    photo.width * fit.scale,
    photo.height * fit.scale,
    0,
    0,
    width,
    height,
  )
  mask.scale(width / photo.width, height / photo.height)
  for (const { outline, inverted } of selected) {
    const path = new Path2D()
    if (inverted) path.rect(0, 0, photo.width, photo.height)
    addToPath(outline, path)
    mask.fill(path, 'evenodd')
  }
  return agreementOf(
    object.getImageData(0, 0, width, height).data,
    mask.getImageData(0, 0, width, height).data,
  )
}
