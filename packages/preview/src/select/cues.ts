import { blur, boxBlur } from './filters.ts'
import { log } from './numeric.ts'
import type { WorkingImage } from './working-image.ts'

export const TEXTURES = 4
export const GRADIENTS = 4

/** What each pixel of the working copy says about edges and texture. */
export interface Cues {
  /** Colour gradient at about 1, 2 and 4.6 pixels, then the gradient of texture. */
  readonly gradients: readonly Float32Array[]
  /** Log energy of luminance edges in four orientations, over about 9 pixels. */
  readonly textures: readonly Float32Array[]
}

/** Colour gradients at three scales and oriented texture energy of a working image. */
export function computeCues(image: WorkingImage): Cues {
  const { width, height, lab } = image
  const n = width * height
  const scratch = new Float32Array(n)
  const gradients = Array.from({ length: GRADIENTS }, () => new Float32Array(n))
  const textures = Array.from({ length: TEXTURES }, () => new Float32Array(n))
  for (let c = 0; c < 3; c++) {
    const plane = new Float32Array(n)
    for (let p = 0; p < n; p++) plane[p] = lab[p * 3 + c]
    for (let s = 0; s < 3; s++) {
      blur(plane, width, height, 1 << s, plane, scratch)
      const gain = (1 << s) * (c === 0 ? 1 : 1.5)
      addGradient(plane, width, height, gain, gradients[s])
      if (s === 0 && c === 0) orientations(plane, width, height, textures)
    }
  }
  for (const texture of textures) {
    boxBlur(texture, width, height, 4, scratch)
    boxBlur(texture, width, height, 3, scratch)
    for (let p = 0; p < n; p++) texture[p] = log(1 + (texture[p] > 0 ? texture[p] : 0))
    addGradient(texture, width, height, 8, gradients[3])
  }
  return { gradients, textures }
}

/** Raises `out` to the plane's gradient times `gain` where that is larger. */
function addGradient(
  plane: Float32Array,
  width: number,
  height: number,
  gain: number,
  out: Float32Array,
): void {
  const half = gain / 2
  for (let y = 0; y < height; y++) {
    const up = (y > 0 ? y - 1 : y) * width
    const down = (y < height - 1 ? y + 1 : y) * width
    const row = y * width
    for (let x = 0; x < width; x++) {
      const dx = plane[row + (x < width - 1 ? x + 1 : x)] - plane[row + (x > 0 ? x - 1 : x)]
      const dy = plane[down + x] - plane[up + x]
      const g = Math.sqrt(dx * dx + dy * dy) * half
      if (g > out[row + x]) out[row + x] = g
    }
  }
}

/** Gradient energy split by direction: |g| max(0, cos 2(angle - k pi/4)), by the double-angle formulas. */
function orientations(
  plane: Float32Array,
  width: number,
  height: number,
  out: readonly Float32Array[],
): void {
  for (let y = 0; y < height; y++) {
    const up = (y > 0 ? y - 1 : y) * width
    const down = (y < height - 1 ? y + 1 : y) * width
    for (let x = 0; x < width; x++) {
      const p = y * width + x
      const dx = (plane[y * width + (x < width - 1 ? x + 1 : x)] - plane[y * width + (x > 0 ? x - 1 : x)]) / 2
      const dy = (plane[down + x] - plane[up + x]) / 2
      const magnitude = Math.sqrt(dx * dx + dy * dy)
      if (magnitude < 1e-6) continue
      const cos = (dx * dx - dy * dy) / magnitude
      const sin = (2 * dx * dy) / magnitude
      out[0][p] = cos > 0 ? cos : 0
      out[1][p] = sin > 0 ? sin : 0
      out[2][p] = cos < 0 ? -cos : 0
      out[3][p] = sin < 0 ? -sin : 0
    }
  }
}
