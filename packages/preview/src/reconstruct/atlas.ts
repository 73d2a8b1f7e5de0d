/**
 * The texture: two pictures of the object side by side (or one above the other), as the camera sees the front, and the
 * back at the same pixels. At the rim both have the same colours, so that no seam shows; colours go on beyond the
 * outline as padding.
 */
import type { Image, Mask } from '@gen3d/image/types'
import { clamp } from './arithmetic.ts'
import { blur, type ColourPlane, fillHoles, sampleBlurred } from './colour-pyramid.ts'
import type { PixelBox, Silhouette } from './silhouette.ts'

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
/** Pixels nearer to the outline than this (or this part of the box's side) mix object and background. */
const RIM_PIXELS = 1.5
const RIM_PART = 0.006
/** What such a pixel counts beside inner ones: it speaks only where the object is thin. */
const RIM_WEIGHT = 0.02
/** The back is the front's mirror image, blurred over this part of the box's side. */
const BACK_BLUR = 1 / 160

/** Weight of each pixel of the box: 0 outside the mask, 1 well inside, little beside the outline. */
export function pixelWeights(mask: Mask, box: PixelBox): Float32Array {
  const w = box.x1 - box.x0
  const h = box.y1 - box.y0
  const reach = Math.round(Math.max(RIM_PIXELS, RIM_PART * Math.max(w, h)))
  const inside = (x: number, y: number): boolean =>
    // The photo's own border is no outline.
    mask.data[
      Math.min(mask.height - 1, Math.max(0, y)) * mask.width + Math.min(mask.width - 1, Math.max(0, x))
    ] !== 0
  // Twice a running count: how many pixels to the left, then above, of which all `2 reach + 1` must be set.
  const rows = new Uint8Array(w * (h + 2 * reach))
  for (let j = 0; j < h + 2 * reach; j++) {
    const y = box.y0 + j - reach
    let run = 0
    for (let i = -reach; i < w + reach; i++) {
      run = inside(box.x0 + i, y) ? run + 1 : 0
      if (i >= reach && run > 2 * reach) rows[j * w + i - reach] = 1
    }
  }
  const weights = new Float32Array(w * h)
  for (let i = 0; i < w; i++) {
    let run = 0
    for (let j = 0; j < h + 2 * reach; j++) {
      run = rows[j * w + i] === 1 ? run + 1 : 0
      const y = j - 2 * reach
      if (y < 0) continue
      if (run > 2 * reach) weights[y * w + i] = 1
      else if (mask.data[(box.y0 + y) * mask.width + box.x0 + i] !== 0) weights[y * w + i] = RIM_WEIGHT
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

/** The softness (flank.ts) at a photo pixel position: between the four grid corners around it. */
function softnessAt(s: Silhouette, softness: Float32Array, x: number, y: number): number {
  const u = clamp((x - s.x0) / s.cell, 0, s.columns - 1e-6)
  const v = clamp((y - s.y0) / s.cell, 0, s.rows - 1e-6)
  const i = Math.floor(u)
  const j = Math.floor(v)
  const o = j * (s.columns + 1) + i
  const top = softness[o] + (u - i) * (softness[o + 1] - softness[o])
  const p = o + s.columns + 1
  const bottom = softness[p] + (u - i) * (softness[p + 1] - softness[p])
  return top + (v - j) * (bottom - top)
}

/** Makes the atlas of `size` x `size` texels; `softness`: how far its colours are blurred, photo pixels per grid corner. */
export function paintAtlas(
  photo: Image,
  mask: Mask,
  silhouette: Silhouette,
  softness: Float32Array,
  size: number,
): Atlas {
  const { box } = silhouette
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
  const extent = Math.max(w, h) * scale
  const mirror = blur(levels, extent * BACK_BLUR)
  const data = new Uint8ClampedArray(size * size * 4)
  const backX = sideBySide ? tileWidth : 0
  const backY = sideBySide ? 0 : tileHeight
  const front = levels[0].data
  const side = new Float64Array(3)
  for (let ty = 0; ty < tileHeight; ty++) {
    for (let tx = 0; tx < tileWidth; tx++) {
      const i = (ty * tileWidth + tx) * 4
      const f = (ty * size + tx) * 4
      const b = ((ty + backY) * size + tx + backX) * 4
      const x = (tx + 0.5 - left) / scale + box.x0
      const y = (ty + 0.5 - top) / scale + box.y0
      const radius = softnessAt(silhouette, softness, x, y) * scale
      if (radius > 0.5) sampleBlurred(levels, tx + 0.5, ty + 0.5, radius, side)
      // Where both sheets are soft they are equally so.
      const share = clamp(radius - 0.5, 0, 1)
      const backShare = clamp(radius / (extent * BACK_BLUR) - 0.5, 0, 1)
      for (let c = 0; c < 3; c++) {
        data[f + c] = front[i + c] + share * (side[c] - front[i + c])
        data[b + c] = mirror.data[i + c] + backShare * (side[c] - mirror.data[i + c])
      }
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

/** Mean colour, 0-1, of the texels of a picture around a pixel position, over `width` pixels each way. */
export function meanColour(
  atlas: Atlas,
  tile: readonly [number, number],
  x: number,
  y: number,
  width: number,
): readonly [number, number, number] {
  const side = atlas.image.width
  const { data } = atlas.image
  const half = Math.max(0.5, (width * atlas.scale) / 2)
  const cx = x * atlas.scale + tile[0]
  const cy = y * atlas.scale + tile[1]
  const x0 = Math.max(0, Math.min(side - 1, Math.round(cx - half)))
  const y0 = Math.max(0, Math.min(side - 1, Math.round(cy - half)))
  const x1 = Math.min(side, Math.max(x0 + 1, Math.round(cx + half)))
  const y1 = Math.min(side, Math.max(y0 + 1, Math.round(cy + half)))
  let r = 0
  let g = 0
  let b = 0
  let n = 0
  for (let j = y0; j < y1; j++) {
    for (let i = x0; i < x1; i++) {
      const o = (j * side + i) * 4
      r += data[o]
      g += data[o + 1]
      b += data[o + 2]
      n++
    }
  }
  return [r / (255 * n), g / (255 * n), b / (255 * n)]
}
