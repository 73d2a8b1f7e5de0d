/** Prompts of the photo in the decoder's own terms; chapter 7 of docs/architecture says them. */
import type { BoxPrompt, PointPrompt } from '@gen3d/shared/prompts'

export interface PhotoSize {
  readonly width: number
  readonly height: number
}

const BOX_TOP_LEFT = 2
const BOX_BOTTOM_RIGHT = 3
const PADDING = -1

/**
 * Points, then the box, then one padding point. The photo is squashed to a square of `inputSize`; the model adds half a
 * unit to every place, which is taken off here.
 */
export function toOnnxPrompts(
  points: readonly PointPrompt[],
  box: BoxPrompt | null,
  photo: PhotoSize,
  inputSize: number,
): { coords: Float32Array; labels: number[] } {
  const coords: number[] = []
  const labels: number[] = []
  /** x and y: distance from the photo's upper left corner, pixels. */
  const add = (x: number, y: number, label: number) => {
    coords.push((x * inputSize) / photo.width - 0.5, (y * inputSize) / photo.height - 0.5)
    labels.push(label)
  }
  for (const { x, y, label } of points) add(x + 0.5, y + 0.5, label)
  if (box) {
    add(box[0], box[1], BOX_TOP_LEFT)
    add(box[2] + 1, box[3] + 1, BOX_BOTTOM_RIGHT)
  }
  coords.push(0, 0)
  labels.push(PADDING)
  return { coords: Float32Array.from(coords), labels }
}
