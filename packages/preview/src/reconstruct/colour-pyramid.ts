/** Colours carried on into places without any, coarse to fine (pull-push), and smooth blurs from the same levels. */

export interface ColourPlane {
  readonly width: number
  readonly height: number
  /** Four numbers a texel: red, green, blue 0-255, weight 0-1 (0 = nothing is known here). */
  readonly data: Float32Array
}

function halve(p: ColourPlane): ColourPlane {
  const width = (p.width + 1) >> 1
  const height = (p.height + 1) >> 1
  const data = new Float32Array(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let r = 0
      let g = 0
      let b = 0
      let w = 0
      for (let j = 2 * y; j < 2 * y + 2 && j < p.height; j++) {
        for (let i = 2 * x; i < 2 * x + 2 && i < p.width; i++) {
          const o = (j * p.width + i) * 4
          const k = p.data[o + 3]
          r += k * p.data[o]
          g += k * p.data[o + 1]
          b += k * p.data[o + 2]
          w += k
        }
      }
      if (w === 0) continue
      const o = (y * width + x) * 4
      data[o] = r / w
      data[o + 1] = g / w
      data[o + 2] = b / w
      data[o + 3] = Math.min(w, 1)
    }
  }
  return { width, height, data }
}

/** Calls `visit` for each fine texel with the 9-3-3-1 mean of the four coarse texels around it. */
function doubled(
  coarse: ColourPlane,
  width: number,
  height: number,
  visit: (o: number, mean: Float64Array) => void,
): void {
  const mean = new Float64Array(4)
  const { data } = coarse
  for (let y = 0; y < height; y++) {
    const y0 = y >> 1
    const y1 = Math.min(coarse.height - 1, Math.max(0, y & 1 ? y0 + 1 : y0 - 1))
    for (let x = 0; x < width; x++) {
      const x0 = x >> 1
      const x1 = Math.min(coarse.width - 1, Math.max(0, x & 1 ? x0 + 1 : x0 - 1))
      const a = (y0 * coarse.width + x0) * 4
      const b = (y0 * coarse.width + x1) * 4
      const c = (y1 * coarse.width + x0) * 4
      const d = (y1 * coarse.width + x1) * 4
      for (let k = 0; k < 4; k++)
        mean[k] = (9 * data[a + k] + 3 * (data[b + k] + data[c + k]) + data[d + k]) / 16
      visit((y * width + x) * 4, mean)
    }
  }
}

/**
 * Fills the colours of every texel of the plane, in place, and returns the levels from fine to coarse. The weights of
 * the first level stay; those of the coarser ones become the covered part of the texel, 0-1.
 */
export function fillHoles(plane: ColourPlane): ColourPlane[] {
  const levels = [plane]
  for (let top = plane; top.width > 1 || top.height > 1; ) {
    top = halve(top)
    levels.push(top)
  }
  const covered = new Float32Array(plane.width * plane.height)
  for (let i = 0; i < covered.length; i++) covered[i] = plane.data[4 * i + 3] > 0 ? 1 : 0
  for (let l = levels.length - 2; l >= 0; l--) {
    const { width, height, data } = levels[l]
    doubled(levels[l + 1], width, height, (o, mean) => {
      const w = data[o + 3]
      if (w >= 1) return
      for (let k = 0; k < 3; k++) data[o + k] = w * data[o + k] + (1 - w) * mean[k]
    })
  }
  coverage(levels, covered)
  return levels
}

function coverage(levels: ColourPlane[], covered: Float32Array): void {
  for (let i = 0; i < covered.length; i++) levels[0].data[4 * i + 3] = covered[i]
  for (let l = 1; l < levels.length; l++) {
    const fine = levels[l - 1]
    const { width, height, data } = levels[l]
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0
        for (let j = 2 * y; j < 2 * y + 2 && j < fine.height; j++)
          for (let i = 2 * x; i < 2 * x + 2 && i < fine.width; i++)
            sum += fine.data[(j * fine.width + i) * 4 + 3]
        data[(y * width + x) * 4 + 3] = sum / 4
      }
    }
  }
}

/** The first level blurred over about `radius` texels. */
export function blur(levels: readonly ColourPlane[], radius: number): ColourPlane {
  let level = 0
  while (level + 1 < levels.length && 1 << (level + 1) <= radius) level++
  let out = levels[level]
  for (let l = level - 1; l >= 0; l--) {
    const { width, height } = levels[l]
    const data = new Float32Array(width * height * 4)
    doubled(out, width, height, (o, mean) => {
      for (let k = 0; k < 4; k++) data[o + k] = mean[k]
    })
    out = { width, height, data }
  }
  return out
}

/** Writes red, green, blue at a place of the first level (texels, centres at + 0.5), blurred over about `radius` texels. */
export function sampleBlurred(
  levels: readonly ColourPlane[],
  x: number,
  y: number,
  radius: number,
  out: Float64Array,
): void {
  // A level's spline is as wide as its texel: radius 1 is the first level, 2 the second, and so on; between two, both.
  let level = 0
  let size = 1
  while (level + 2 < levels.length && size * 2 <= radius) {
    level++
    size *= 2
  }
  const share = Math.min(1, Math.max(0, radius / size - 1))
  out.fill(0)
  addSpline(levels[level], x / size, y / size, 1 - share, out)
  if (level + 1 < levels.length) addSpline(levels[level + 1], x / (2 * size), y / (2 * size), share, out)
  else addSpline(levels[level], x / size, y / size, share, out)
}

/** Adds `weight` times the quadratic B-spline through 3 x 3 texels. */
function addSpline(plane: ColourPlane, x: number, y: number, weight: number, out: Float64Array): void {
  if (weight === 0) return
  const { width, height, data } = plane
  const i = Math.floor(x)
  const j = Math.floor(y)
  for (let b = -1; b <= 1; b++) {
    const down = splineWeight(b, y - j - 0.5) * weight
    const row = Math.min(height - 1, Math.max(0, j + b)) * width
    for (let a = -1; a <= 1; a++) {
      const w = down * splineWeight(a, x - i - 0.5)
      const o = 4 * (row + Math.min(width - 1, Math.max(0, i + a)))
      out[0] += w * data[o]
      out[1] += w * data[o + 1]
      out[2] += w * data[o + 2]
    }
  }
}

/** Of the texel `step` away, for a place `t` (-0.5 to 0.5) from a texel's centre. */
function splineWeight(step: number, t: number): number {
  if (step === 0) return 0.75 - t * t
  const d = 0.5 + step * t
  return 0.5 * d * d
}
