import type { Image } from '@gen3d/image/types'
import { boxBlur } from './filters.ts'
import type { Topology } from './topology.ts'

/** Radius and regularisation (colours 0-1) of the guided filter at half the working size (He, Sun, Tang 2013). */
const RADIUS = 2
const REGULARISATION = 2e-4
/** Half-size pixels on each side of the rim at which the photo decides. */
const BAND = 4

/**
 * Lays the rim of a mask along the photo's own edges: near the rim the mask is a linear function of the photo's colour,
 * fitted in small windows at half the working size and applied at the photo's full size. Buffers are made once.
 */
export class GuidedRim {
  private readonly photo: Image
  private readonly topology: Topology
  private readonly width: number
  private readonly height: number
  private readonly colour: readonly Float32Array[]
  private readonly mean: readonly Float32Array[]
  /** Inverse covariance of the colours in each window: rr, rg, rb, gg, gb, bb. */
  private readonly inverse: readonly Float32Array[]
  private readonly soft: Float32Array
  private readonly slope: readonly Float32Array[]
  private readonly offset: Float32Array
  private readonly active: Uint8Array
  private readonly columnOf: Int32Array
  private readonly rowOf: Int32Array
  private readonly line: Uint8Array
  /** First and last active cell of each row of cells, and the first photo column of each cell. */
  private readonly rowFrom: Int32Array
  private readonly rowTo: Int32Array
  private readonly cellStart: Int32Array
  private readonly blend: readonly Float32Array[]
  private readonly scratch: Float32Array

  constructor(photo: Image, topology: Topology) {
    this.photo = photo
    this.topology = topology
    this.width = Math.max(1, (topology.width + 1) >> 1)
    this.height = Math.max(1, (topology.height + 1) >> 1)
    const n = this.width * this.height
    const planes = (count: number): Float32Array[] => Array.from({ length: count }, () => new Float32Array(n))
    this.columnOf = Int32Array.from({ length: photo.width }, (_, x) =>
      Math.floor(((x + 0.5) * topology.width) / photo.width),
    )
    this.rowOf = Int32Array.from({ length: photo.height }, (_, y) =>
      Math.floor(((y + 0.5) * topology.height) / photo.height),
    )
    this.soft = new Float32Array(n)
    this.slope = planes(3)
    this.offset = new Float32Array(n)
    this.active = new Uint8Array(n)
    this.line = new Uint8Array(topology.width)
    this.rowFrom = new Int32Array(this.height)
    this.rowTo = new Int32Array(this.height)
    this.cellStart = new Int32Array(this.width + 1).fill(photo.width)
    for (let x = photo.width - 1; x >= 0; x--) this.cellStart[this.columnOf[x] >> 1] = x
    for (let c = this.width - 1; c >= 0; c--) {
      this.cellStart[c] = Math.min(this.cellStart[c], this.cellStart[c + 1])
    }
    this.blend = Array.from({ length: 4 }, () => new Float32Array(this.width))
    this.scratch = new Float32Array(n)
    this.colour = planes(3)
    this.shrinkPhoto()
    this.mean = this.colour.map((plane) => this.blurred(plane.slice()))
    this.inverse = this.invertCovariance(planes(6))
  }

  private blurred(plane: Float32Array): Float32Array {
    boxBlur(plane, this.width, this.height, RADIUS, this.scratch)
    return plane
  }

  private shrinkPhoto(): void {
    const { width, height, data } = this.photo
    const hits = new Float32Array(this.width * this.height)
    for (let y = 0, p = 0; y < height; y++) {
      const row = (this.rowOf[y] >> 1) * this.width
      for (let x = 0; x < width; x++, p += 4) {
        const o = row + (this.columnOf[x] >> 1)
        hits[o]++
        for (let c = 0; c < 3; c++) this.colour[c][o] += data[p + c]
      }
    }
    for (let o = 0; o < hits.length; o++) {
      for (let c = 0; c < 3; c++) this.colour[c][o] = hits[o] > 0 ? this.colour[c][o] / (255 * hits[o]) : 0
    }
  }

  private invertCovariance(out: Float32Array[]): Float32Array[] {
    let k = 0
    for (let a = 0; a < 3; a++) {
      for (let b = a; b < 3; b++, k++) {
        for (let o = 0; o < out[k].length; o++) out[k][o] = this.colour[a][o] * this.colour[b][o]
        this.blurred(out[k])
        for (let o = 0; o < out[k].length; o++) {
          out[k][o] += (a === b ? REGULARISATION : 0) - this.mean[a][o] * this.mean[b][o]
        }
      }
    }
    for (let o = 0; o < out[0].length; o++) {
      const [a, b, c, d, e, f] = out.map((plane) => plane[o])
      const m0 = d * f - e * e
      const m1 = c * e - b * f
      const m2 = b * e - c * d
      const determinant = a * m0 + b * m1 + c * m2
      out[0][o] = m0 / determinant
      out[1][o] = m1 / determinant
      out[2][o] = m2 / determinant
      out[3][o] = (a * f - c * c) / determinant
      out[4][o] = (b * c - a * e) / determinant
      out[5][o] = (a * d - b * b) / determinant
    }
    return out
  }

  /** Paints probabilities of regions above 0.5 into a mask of the photo's size. */
  paint(probability: Float32Array, mask: Uint8Array): void {
    this.soften(probability)
    const [top, bottom] = this.findBand()
    if (bottom >= top) this.fit(Math.max(0, top - RADIUS), Math.min(this.height - 1, bottom + RADIUS))
    const { topology, line, columnOf, rowOf } = this
    const { width, height } = this.photo
    for (let y = 0; y < height; y++) {
      const row = rowOf[y]
      const out = y * width
      if (y === 0 || row !== rowOf[y - 1]) {
        const from = row * topology.width
        for (let x = 0; x < topology.width; x++)
          line[x] = probability[topology.labels[from + x]] > 0.5 ? 1 : 0
        for (let x = 0; x < width; x++) mask[out + x] = line[columnOf[x]]
      } else {
        // What the photo decided in the row above is decided anew below: both rows lie in the same cells.
        mask.copyWithin(out, out - width, out)
      }
      const half = row >> 1
      if (half >= top && half <= bottom) this.refineRow(mask, y, half)
    }
  }

  private soften(probability: Float32Array): void {
    const { width, labels } = this.topology
    const last = this.topology.height - 1
    for (let y = 0, o = 0; y < this.height; y++) {
      const upper = 2 * y * width
      const lower = Math.min(last, 2 * y + 1) * width
      for (let x = 0; x < this.width; x++, o++) {
        const left = 2 * x
        const right = left + 1 < width ? left + 1 : left
        this.soft[o] =
          (probability[labels[upper + left]] +
            probability[labels[upper + right]] +
            probability[labels[lower + left]] +
            probability[labels[lower + right]]) /
          4
      }
    }
  }

  /** Marks the cells near a crossing of 0.5; returns the first and last row that holds one. */
  private findBand(): [number, number] {
    const { width, height, soft, active } = this
    active.fill(0)
    this.rowFrom.fill(width)
    this.rowTo.fill(-1)
    let top = height
    let bottom = -1
    const mark = (x: number, y: number): void => {
      const y0 = Math.max(0, y - BAND)
      const y1 = Math.min(height - 1, y + BAND)
      const x0 = Math.max(0, x - BAND)
      const x1 = Math.min(width, x + BAND + 1)
      for (let yy = y0; yy <= y1; yy++) {
        active.fill(1, yy * width + x0, yy * width + x1)
        if (x0 < this.rowFrom[yy]) this.rowFrom[yy] = x0
        if (x1 - 1 > this.rowTo[yy]) this.rowTo[yy] = x1 - 1
      }
      if (y0 < top) top = y0
      if (y1 > bottom) bottom = y1
    }
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const o = y * width + x
        const inside = soft[o] > 0.5
        if (
          (x + 1 < width && soft[o + 1] > 0.5 !== inside) ||
          (y + 1 < height && soft[o + width] > 0.5 !== inside)
        ) {
          mark(x, y)
        }
      }
    }
    return [top, bottom]
  }

  private fit(top: number, bottom: number): void {
    const { width, soft, slope, offset, colour, mean, inverse } = this
    const first = Math.max(0, top - RADIUS) * width
    const rows = Math.min(this.height, bottom + RADIUS + 1) - Math.max(0, top - RADIUS)
    const end = first + rows * width
    const window = (plane: Float32Array): Float32Array => plane.subarray(first, end)
    for (let c = 0; c < 3; c++) {
      for (let o = first; o < end; o++) slope[c][o] = colour[c][o] * soft[o]
      boxBlur(window(slope[c]), width, rows, RADIUS, this.scratch)
    }
    for (let o = first; o < end; o++) offset[o] = soft[o]
    boxBlur(window(offset), width, rows, RADIUS, this.scratch)
    for (let o = first; o < end; o++) {
      const m = offset[o]
      const r = slope[0][o] - mean[0][o] * m
      const g = slope[1][o] - mean[1][o] * m
      const b = slope[2][o] - mean[2][o] * m
      const s0 = inverse[0][o] * r + inverse[1][o] * g + inverse[2][o] * b
      const s1 = inverse[1][o] * r + inverse[3][o] * g + inverse[4][o] * b
      const s2 = inverse[2][o] * r + inverse[4][o] * g + inverse[5][o] * b
      slope[0][o] = s0
      slope[1][o] = s1
      slope[2][o] = s2
      offset[o] = m - s0 * mean[0][o] - s1 * mean[1][o] - s2 * mean[2][o]
    }
    for (const plane of [slope[0], slope[1], slope[2], offset]) {
      boxBlur(window(plane), width, rows, RADIUS, this.scratch)
    }
  }

  private refineRow(mask: Uint8Array, y: number, half: number): void {
    const { width, blend, active } = this
    const from = this.rowFrom[half]
    const to = this.rowTo[half]
    if (to < from) return
    const { data } = this.photo
    const v = Math.max(
      0,
      Math.min(this.height - 1, ((y + 0.5) * this.topology.height) / this.photo.height / 2 - 0.5),
    )
    const j = Math.floor(v)
    const part = v - j
    const upper = j * width
    const lower = Math.min(this.height - 1, j + 1) * width
    const planes = [this.slope[0], this.slope[1], this.slope[2], this.offset]
    for (let k = 0; k < 4; k++) {
      for (let x = Math.max(0, from - 1); x <= Math.min(width - 1, to + 1); x++) {
        blend[k][x] = planes[k][upper + x] * (1 - part) + planes[k][lower + x] * part
      }
    }
    const [b0, b1, b2, b3] = blend
    const scale = this.topology.width / this.photo.width / 2
    for (let x = this.cellStart[from]; x < this.cellStart[to + 1]; x++) {
      if (active[half * width + (this.columnOf[x] >> 1)] === 0) continue
      let u = (x + 0.5) * scale - 0.5
      u = u < 0 ? 0 : u > width - 1 ? width - 1 : u
      const i = u | 0
      const i1 = i + 1 < width ? i + 1 : i
      const f = u - i
      const p = (y * this.photo.width + x) * 4
      const value =
        ((b0[i] + (b0[i1] - b0[i]) * f) * data[p] +
          (b1[i] + (b1[i1] - b1[i]) * f) * data[p + 1] +
          (b2[i] + (b2[i1] - b2[i]) * f) * data[p + 2]) /
          255 +
        b3[i] +
        (b3[i1] - b3[i]) * f
      mask[p >> 2] = value > 0.5 ? 1 : 0
    }
  }
}
