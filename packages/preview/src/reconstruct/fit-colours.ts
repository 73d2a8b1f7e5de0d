/**
 * Colours of the front gaussians, fitted so that together, drawn from front to back by the photo's camera, they give
 * the photo: gaussians blur and hide one another, and a plain sample of the photo would come out soft and shifted.
 */
import type { Image } from '@gen3d/image/types'
import { clamp, exp } from './arithmetic.ts'
import type { PixelBox } from './silhouette.ts'

export interface FrontGaussians {
  /** Pixel position x, y in the photo and distance from the camera, per gaussian. */
  readonly at: Float64Array
  readonly depth: Float64Array
  /** Covariance on the screen, photo pixels squared: xx, xy, yy per gaussian. */
  readonly covariance: Float64Array
  /** So many, the first ones, face the camera; the others lie on flanks. */
  readonly facing: number
  /** Deviation on the screen of those that face the camera, photo pixels. */
  readonly deviation: number
  readonly opacity: number
}

const ROUNDS = 4
/** The photo is worked on so small that a gaussian's deviation is about this many pixels. */
const WORKING_DEVIATION = 0.75
/** Renderers widen a gaussian on the screen by this variance, pixels squared, and cut it at sqrt(8) deviations. */
const RENDERER_VARIANCE = 0.3
const CUT_SQUARED = 8
const TABLE = 512
/** Pixels beside the outline mix object and background; a gaussian that sees only those keeps much of its colour. */
const RIM_WEIGHT = 0.4
const OWN_WEIGHT = 0.06
/** Those on flanks see a sliver of the photo and are seen from the side: their own, soft colour counts more. */
const FLANK_OWN_WEIGHT = 0.25
/** Smaller shares of a pixel change nothing that can be seen. */
const LEAST_WEIGHT = 0.008

interface Target {
  readonly scale: number
  readonly x0: number
  readonly y0: number
  readonly width: number
  readonly height: number
  /** Red, green, blue 0-1 and weight 0-1 a pixel. */
  readonly data: Float32Array
}

/** The box of the photo at a scale <= 1, each pixel the weighted mean of the object's pixels under it. */
function shrink(photo: Image, weights: Float32Array, box: PixelBox, wanted: number): Target {
  const factor = Math.max(1, Math.round(1 / wanted))
  const width = Math.ceil((box.x1 - box.x0) / factor)
  const height = Math.ceil((box.y1 - box.y0) / factor)
  const data = new Float32Array(width * height * 4)
  for (let y = box.y0; y < box.y1; y++) {
    const row = Math.floor((y - box.y0) / factor) * width
    for (let x = box.x0; x < box.x1; x++) {
      const p = y * photo.width + x
      const own = weights[(y - box.y0) * (box.x1 - box.x0) + x - box.x0]
      if (own === 0) continue
      const w = Math.max(own, RIM_WEIGHT)
      const o = 4 * (row + Math.floor((x - box.x0) / factor))
      data[o] += w * photo.data[4 * p]
      data[o + 1] += w * photo.data[4 * p + 1]
      data[o + 2] += w * photo.data[4 * p + 2]
      data[o + 3] += w
    }
  }
  for (let o = 0; o < data.length; o += 4) {
    if (data[o + 3] === 0) continue
    for (let k = 0; k < 3; k++) data[o + k] /= 255 * data[o + 3]
    data[o + 3] /= factor * factor
  }
  return { scale: 1 / factor, x0: box.x0, y0: box.y0, width, height, data }
}

/** e^(-q / 2) for 0 <= q <= CUT_SQUARED, by table. */
const falloff = Float64Array.from({ length: TABLE + 1 }, (_, i) => exp((-0.5 * CUT_SQUARED * i) / TABLE))

/** Improves `colors` (red, green, blue 0-1 per gaussian) in place; `weights` tell how far a pixel of the box is the object. */
export function fitColours(
  photo: Image,
  weights: Float32Array,
  box: PixelBox,
  gaussians: FrontGaussians,
  colors: Float64Array,
): void {
  const count = gaussians.depth.length
  const target = shrink(photo, weights, box, WORKING_DEVIATION / gaussians.deviation)
  const { scale, width, height, data } = target
  // How much each gaussian gives to each pixel: what those before it let through, times its own opacity there. Kept as
  // one list of pixels and weights; gaussian i owns the entries from start[i] to end[i].
  const { covariance } = gaussians
  const square = scale * scale
  // Half the width and height of the box that each reaches, working pixels.
  const reach = new Float64Array(2 * count)
  let room = 0
  for (let i = 0; i < count; i++) {
    reach[2 * i] = Math.sqrt(CUT_SQUARED * (covariance[3 * i] + RENDERER_VARIANCE) * square)
    reach[2 * i + 1] = Math.sqrt(CUT_SQUARED * (covariance[3 * i + 2] + RENDERER_VARIANCE) * square)
    room += Math.floor(2 * reach[2 * i] + 1) * Math.floor(2 * reach[2 * i + 1] + 1)
  }
  const pixel = new Uint32Array(room)
  const weight = new Float32Array(room)
  const start = new Uint32Array(count)
  const end = new Uint32Array(count)
  let entries = 0
  const through = new Float32Array(width * height).fill(1)
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => gaussians.depth[a] - gaussians.depth[b] || a - b,
  )
  for (const i of order) {
    const cx = (gaussians.at[2 * i] - target.x0) * scale - 0.5
    const cy = (gaussians.at[2 * i + 1] - target.y0) * scale - 0.5
    const rx = reach[2 * i]
    const ry = reach[2 * i + 1]
    const xx = (covariance[3 * i] + RENDERER_VARIANCE) * square
    const xy = covariance[3 * i + 1] * square
    const yy = (covariance[3 * i + 2] + RENDERER_VARIANCE) * square
    const determinant = xx * yy - xy * xy
    const qxx = yy / determinant
    const qxy = (-2 * xy) / determinant
    const qyy = xx / determinant
    const x0 = Math.max(0, Math.ceil(cx - rx))
    const x1 = Math.min(width - 1, Math.floor(cx + rx))
    const y1 = Math.min(height - 1, Math.floor(cy + ry))
    start[i] = entries
    for (let y = Math.max(0, Math.ceil(cy - ry)); y <= y1; y++) {
      const dy = y - cy
      for (let x = x0; x <= x1; x++) {
        const dx = x - cx
        const q = dx * (qxx * dx + qxy * dy) + qyy * dy * dy
        if (q >= CUT_SQUARED) continue
        const alpha = gaussians.opacity * falloff[Math.floor((q / CUT_SQUARED) * TABLE)]
        const o = y * width + x
        const w = through[o] * alpha
        through[o] *= 1 - alpha
        if (w < LEAST_WEIGHT) continue
        pixel[entries] = 4 * o
        weight[entries] = w
        entries++
      }
    }
    end[i] = entries
  }
  // A gaussian's pixels weigh about as much as the square of its spacing.
  const own = (gaussians.deviation * gaussians.deviation + RENDERER_VARIANCE) * square * 4
  const first = colors.slice()
  const drawn = new Float32Array(data.length)
  for (let round = 0; round < ROUNDS; round++) {
    drawn.fill(0)
    for (let i = 0; i < count; i++) {
      const r = colors[3 * i]
      const g = colors[3 * i + 1]
      const b = colors[3 * i + 2]
      for (let e = start[i]; e < end[i]; e++) {
        const o = pixel[e]
        const w = weight[e]
        drawn[o] += w * r
        drawn[o + 1] += w * g
        drawn[o + 2] += w * b
        drawn[o + 3] += w
      }
    }
    for (let i = 0; i < count; i++) {
      let sum = 0
      let r = 0
      let g = 0
      let b = 0
      for (let e = start[i]; e < end[i]; e++) {
        const o = pixel[e]
        const w = weight[e] * data[o + 3]
        // What shines through from behind is taken to have the photo's colour.
        const rest = drawn[o + 3]
        sum += w
        r += w * (data[o] * rest - drawn[o])
        g += w * (data[o + 1] * rest - drawn[o + 1])
        b += w * (data[o + 2] * rest - drawn[o + 2])
      }
      const hold = own * (i < gaussians.facing ? OWN_WEIGHT : FLANK_OWN_WEIGHT)
      sum += hold
      colors[3 * i] = clamp(colors[3 * i] + (r + hold * (first[3 * i] - colors[3 * i])) / sum, 0, 1)
      colors[3 * i + 1] = clamp(
        colors[3 * i + 1] + (g + hold * (first[3 * i + 1] - colors[3 * i + 1])) / sum,
        0,
        1,
      )
      colors[3 * i + 2] = clamp(
        colors[3 * i + 2] + (b + hold * (first[3 * i + 2] - colors[3 * i + 2])) / sum,
        0,
        1,
      )
    }
  }
}
