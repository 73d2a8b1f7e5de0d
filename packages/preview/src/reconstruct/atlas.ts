/**
 * The texture: two pictures of the object side by side (or one above the other), as the camera sees the front, and the
 * back at the same pixels. At the rim both have the same colours, so that no seam shows; colours go on beyond the
 * outline as padding.
 */
import type { Image, Mask } from '@gen3d/image/types'
import { smoothstep } from './arithmetic.ts'
import { blur, type ColourPlane, fillHoles } from './colour-pyramid.ts'
import type { PixelBox } from './silhouette.ts'

export interface Atlas {
  readonly image: Image
  /** Texels per photo pixel. */
  readonly scale: number
  /** Texel position of the photo's pixel position (0, 0) in each picture. */
  readonly front: readonly [number, number]
  readonly back: readonly [number, number]
}

/** Texels between a picture and its tile's rim, as a part of the texture's side. */
const PADDING = 1 / 128
/** More texels per pixel than this show nothing new. */
const MAX_SCALE = 4
/** A pixel beside the outline mixes object and background; it counts this much beside inner ones. */
const RIM_WEIGHT = 0.02
/** The back is blurred over this part of the picture's side. */
const BACK_BLUR = 1 / 24

/** Weight of each pixel of the box: 0 outside the mask, 1 well inside. */
function pixelWeights(mask: Mask, box: PixelBox): Float32Array {
  const w = box.x1 - box.x0
  const h = box.y1 - box.y0
  const weights = new Float32Array(w * h)
  const { data, width, height } = mask
  for (let y = box.y0; y < box.y1; y++) {
    for (let x = box.x0; x < box.x1; x++) {
      const i = y * width + x
      if (data[i] === 0) continue
      // The photo's own border is no outline.
      const left = x === 0 || data[i - 1] !== 0
      const right = x === width - 1 || data[i + 1] !== 0
      const above = y === 0 || data[i - width] !== 0
      const below = y === height - 1 || data[i + width] !== 0
      weights[(y - box.y0) * w + x - box.x0] = left && right && above && below ? 1 : RIM_WEIGHT
    }
  }
  return weights
}

/** Overlaps of a texel's footprint with pixels along one axis: first pixel, and weights that sum to 1. */
function footprints(
  texels: number,
  offset: number,
  scale: number,
  size: number,
): { first: number; weights: number[] }[] {
  const width = Math.max(1, 1 / scale)
  const out: { first: number; weights: number[] }[] = []
  for (let t = 0; t < texels; t++) {
    const centre = (t + 0.5 - offset) / scale
    const from = Math.max(0, centre - width / 2)
    const to = Math.min(size, centre + width / 2)
    const first = Math.floor(from)
    const weights: number[] = []
    for (let p = first; p < to; p++) weights.push((Math.min(to, p + 1) - Math.max(from, p)) / width)
    out.push({ first, weights })
  }
  return out
}

/** Makes the atlas of `size` x `size` texels for the object in `box`. */
export function paintAtlas(photo: Image, mask: Mask, box: PixelBox, size: number): Atlas {
  const w = box.x1 - box.x0
  const h = box.y1 - box.y0
  const sideBySide = w <= h
  const tileWidth = sideBySide ? size >> 1 : size
  const tileHeight = sideBySide ? size : size >> 1
  const padding = Math.max(1, Math.floor(size * PADDING))
  const scale = Math.min(MAX_SCALE, (tileWidth - 2 * padding) / w, (tileHeight - 2 * padding) / h)
  const left = (tileWidth - w * scale) / 2
  const top = (tileHeight - h * scale) / 2

  const weights = pixelWeights(mask, box)
  const across = footprints(tileWidth, left, scale, w)
  const down = footprints(tileHeight, top, scale, h)
  const plane: ColourPlane = {
    width: tileWidth,
    height: tileHeight,
    data: new Float32Array(tileWidth * tileHeight * 4),
  }
  for (let ty = 0; ty < tileHeight; ty++) {
    const row = down[ty]
    for (let tx = 0; tx < tileWidth; tx++) {
      const column = across[tx]
      let r = 0
      let g = 0
      let b = 0
      let sum = 0
      for (let j = 0; j < row.weights.length; j++) {
        const y = row.first + j
        for (let i = 0; i < column.weights.length; i++) {
          const x = column.first + i
          const weight = row.weights[j] * column.weights[i] * weights[y * w + x]
          if (weight === 0) continue
          const p = ((y + box.y0) * photo.width + x + box.x0) * 4
          r += weight * photo.data[p]
          g += weight * photo.data[p + 1]
          b += weight * photo.data[p + 2]
          sum += weight
        }
      }
      if (sum === 0) continue
      const o = (ty * tileWidth + tx) * 4
      plane.data[o] = r / sum
      plane.data[o + 1] = g / sum
      plane.data[o + 2] = b / sum
      plane.data[o + 3] = sum
    }
  }
  const levels = fillHoles(plane)
  const soft = blur(levels, Math.max(w, h) * scale * BACK_BLUR)
  const data = new Uint8ClampedArray(size * size * 4)
  const backX = sideBySide ? tileWidth : 0
  const backY = sideBySide ? 0 : tileHeight
  const front = levels[0].data
  for (let ty = 0; ty < tileHeight; ty++) {
    for (let tx = 0; tx < tileWidth; tx++) {
      const i = (ty * tileWidth + tx) * 4
      const f = (ty * size + tx) * 4
      const b = ((ty + backY) * size + tx + backX) * 4
      // Soft coverage: a half at the rim, 1 where the blur sees only the object.
      const k = smoothstep(soft.data[i + 3], 0.6, 0.98)
      for (let c = 0; c < 3; c++) {
        data[f + c] = front[i + c]
        data[b + c] = front[i + c] + k * (soft.data[i + c] - front[i + c])
      }
      data[f + 3] = 255
      data[b + 3] = 255
    }
  }
  // An odd size leaves a last row or column; it is padding, and opaque like the rest.
  for (let i = 3; i < data.length; i += 4) data[i] = 255
  const offset = [left - box.x0 * scale, top - box.y0 * scale] as const
  return {
    image: { width: size, height: size, data },
    scale,
    front: offset,
    back: [offset[0] + backX, offset[1] + backY],
  }
}
