/** Masks of a decoder's logits. */
import type { StrokePrompt } from '@gen3d/shared/prompts'
import type { PhotoSize } from './onnx-prompts.ts'

/**
 * The logits (side * side, of the whole photo squashed) drawn out to the photo's size, bilinear about pixels' centres as
 * `torch.nn.functional.interpolate` does, and cut: 1 where they are above `cut`.
 */
export function drawMask(
  logits: Float32Array,
  side: number,
  { width, height }: PhotoSize,
  cut: number,
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(width * height)
  const columns = spread(width, side)
  const rows = spread(height, side)
  const row = new Float32Array(side)
  for (let y = 0; y < height; y++) {
    const upper = rows.first[y] * side
    const lower = rows.second[y] * side
    const down = rows.share[y]
    for (let i = 0; i < side; i++) row[i] = logits[upper + i] * (1 - down) + logits[lower + i] * down
    for (let x = 0; x < width; x++) {
      const right = columns.share[x]
      const value = row[columns.first[x]] * (1 - right) + row[columns.second[x]] * right
      if (value > cut) mask[y * width + x] = 1
    }
  }
  return mask
}

/** Which two of `side` values lie about each of `size` pixels, and how much of the second one counts. */
function spread(size: number, side: number) {
  const first = new Uint16Array(size)
  const second = new Uint16Array(size)
  const share = new Float32Array(size)
  for (let i = 0; i < size; i++) {
    const place = Math.max(0, ((i + 0.5) * side) / size - 0.5)
    first[i] = Math.min(side - 1, Math.floor(place))
    second[i] = Math.min(side - 1, first[i] + 1)
    share[i] = place - first[i]
  }
  return { first, second, share }
}

/** Paints the brush over a mask, in the order of the strokes: this decoder knows clicks and boxes only. */
export function paintStrokes(
  mask: Uint8Array,
  { width, height }: PhotoSize,
  strokes: readonly StrokePrompt[],
): void {
  for (const { radius, label, points } of strokes) {
    points.forEach(([x1, y1], i) => {
      const [x0, y0] = points[Math.max(0, i - 1)]
      paintPiece(mask, { width, height }, [x0, y0, x1, y1], radius, label)
    })
  }
}

/** All pixels whose centre lies within `radius` of the piece of line. */
function paintPiece(
  mask: Uint8Array,
  { width, height }: PhotoSize,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  radius: number,
  label: 0 | 1,
): void {
  const [dx, dy] = [x1 - x0, y1 - y0]
  const length = dx * dx + dy * dy
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - radius))
  const bottom = Math.min(height - 1, Math.floor(Math.max(y0, y1) + radius))
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - radius))
  const right = Math.min(width - 1, Math.floor(Math.max(x0, x1) + radius))
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = length > 0 ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length)) : 0
      const [ex, ey] = [x - x0 - along * dx, y - y0 - along * dy]
      if (ex * ex + ey * ey <= radius * radius) mask[y * width + x] = label
    }
  }
}

/** How well two answers agree, 0-1, as the parts above 0. */
export function logitsAgreement(a: Float32Array, b: Float32Array): number {
  let both = 0
  let either = 0
  for (let i = 0; i < a.length; i++) {
    both += Number(a[i] > 0 && b[i] > 0)
    either += Number(a[i] > 0 || b[i] > 0)
  }
  return either === 0 ? 1 : both / either
}
