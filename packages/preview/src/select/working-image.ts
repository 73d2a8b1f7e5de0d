import type { Image } from '@gen3d/image/types'
import { root } from './numeric.ts'

/** Longest side, pixels, of the copy on which regions are found. */
const WORKING_SIDE = 512

export interface WorkingImage {
  readonly width: number
  readonly height: number
  /** CIE Lab (D65), L 0-100; three numbers a pixel. */
  readonly lab: Float32Array
}

/** Size of the working copy of a photo: the longest side bounded, no side below one pixel. */
export function workingSize(width: number, height: number): { width: number; height: number } {
  const longest = width > height ? width : height
  if (longest <= WORKING_SIDE) return { width, height }
  const scale = WORKING_SIDE / longest
  return {
    width: Math.max(1, Math.floor(width * scale + 0.5)),
    height: Math.max(1, Math.floor(height * scale + 0.5)),
  }
}

/** Shrinks an RGBA photo by area means, lays it on white where it is transparent, and turns it to Lab. */
export function toWorkingImage(photo: Image): WorkingImage {
  const size = workingSize(photo.width, photo.height)
  const rgb = shrink(photo, size.width, size.height)
  rgbToLab(rgb, size.width * size.height)
  return { ...size, lab: rgb }
}

/** The working copy as a picture: opaque RGBA; the photo itself where it is no larger. */
export function toWorkingPhoto(photo: Image): Image {
  const { width, height } = workingSize(photo.width, photo.height)
  if (width === photo.width && height === photo.height) return photo
  const rgb = shrink(photo, width, height)
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let i = 0, from = 0; i < data.length; i += 4, from += 3) {
    for (let k = 0; k < 3; k++) data[i + k] = rgb[from + k]
  }
  return { width, height, data }
}

interface Span {
  readonly first: Int32Array
  readonly count: Int32Array
  readonly weights: Float32Array
  readonly stride: number
}

/** Which source pixels cover each target pixel, and how much of it. */
function spans(source: number, target: number): Span {
  const ratio = source / target
  const stride = Math.ceil(ratio) + 1
  const first = new Int32Array(target)
  const count = new Int32Array(target)
  const weights = new Float32Array(target * stride)
  for (let i = 0; i < target; i++) {
    const from = i * ratio
    const to = Math.min(source, (i + 1) * ratio)
    const start = Math.floor(from)
    first[i] = start
    let total = 0
    for (let k = 0; k < stride && start + k < source; k++) {
      const part = Math.min(to, start + k + 1) - Math.max(from, start + k)
      if (part <= 1e-6) break
      weights[i * stride + k] = part
      total += part
      count[i] = k + 1
    }
    for (let k = 0; k < count[i]; k++) weights[i * stride + k] /= total
  }
  return { first, count, weights, stride }
}

function shrink(photo: Image, width: number, height: number): Float32Array {
  const { data, width: sourceWidth } = photo
  const across = spans(photo.width, width)
  const down = spans(photo.height, height)
  const out = new Float32Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < down.count[y]; k++) {
      const rowWeight = down.weights[y * down.stride + k]
      const row = (down.first[y] + k) * sourceWidth
      for (let x = 0; x < width; x++) {
        let r = 0
        let g = 0
        let b = 0
        let at = (row + across.first[x]) * 4
        const end = across.count[x]
        for (let j = 0; j < end; j++, at += 4) {
          const alpha = data[at + 3]
          const w = across.weights[x * across.stride + j]
          if (alpha === 255) {
            r += data[at] * w
            g += data[at + 1] * w
            b += data[at + 2] * w
          } else {
            const white = 255 - alpha
            r += ((data[at] * alpha) / 255 + white) * w
            g += ((data[at + 1] * alpha) / 255 + white) * w
            b += ((data[at + 2] * alpha) / 255 + white) * w
          }
        }
        const o = (y * width + x) * 3
        out[o] += r * rowWeight
        out[o + 1] += g * rowWeight
        out[o + 2] += b * rowWeight
      }
    }
  }
  return out
}

const STEPS = 2048
let linearTable: Float32Array | undefined
let cubeTable: Float32Array | undefined

/** sRGB to linear light; x^2.4 = x^2 * (x^2)^(1/5). */
function toLinear(v: number): number {
  if (v <= 0.04045) return v / 12.92
  const x = (v + 0.055) / 1.055
  return x * x * root(x * x, 5)
}

function labCurve(t: number): number {
  return t > 0.008856 ? root(t, 3) : 7.787 * t + 16 / 116
}

/** Turns 0-255 sRGB into Lab in place; three numbers a pixel. */
function rgbToLab(pixels: Float32Array, count: number): void {
  linearTable ??= Float32Array.from({ length: STEPS + 1 }, (_, i) => toLinear(i / STEPS))
  cubeTable ??= Float32Array.from({ length: STEPS + 2 }, (_, i) => labCurve(i / STEPS))
  const linear = linearTable
  const cube = cubeTable
  const toStep = STEPS / 255
  for (let i = 0, o = 0; i < count; i++, o += 3) {
    const r = linear[(pixels[o] * toStep + 0.5) | 0]
    const g = linear[(pixels[o + 1] * toStep + 0.5) | 0]
    const b = linear[(pixels[o + 2] * toStep + 0.5) | 0]
    const fx = lookUp(cube, (0.412453 * r + 0.35758 * g + 0.180423 * b) / 0.950456)
    const fy = lookUp(cube, 0.212671 * r + 0.71516 * g + 0.072169 * b)
    const fz = lookUp(cube, (0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.088754)
    pixels[o] = 116 * fy - 16
    pixels[o + 1] = 500 * (fx - fy)
    pixels[o + 2] = 200 * (fy - fz)
  }
}

function lookUp(table: Float32Array, t: number): number {
  const at = (t < 0 ? 0 : t > 1 ? 1 : t) * STEPS
  const i = at | 0
  return table[i] + (table[i + 1] - table[i]) * (at - i)
}
