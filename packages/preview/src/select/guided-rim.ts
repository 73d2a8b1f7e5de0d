import type { Image } from '@gen3d/image/types'
import { BitRows } from './bit-rows.ts'
import { LabelRuns } from './label-runs.ts'
import { RIM_RADIUS, RimFit } from './rim-fit.ts'
import type { Topology } from './topology.ts'

/** Half-size pixels on each side of the rim at which the photo decides. */
const BAND = 4

/**
 * Lays the rim of a mask along the photo's own edges: near the rim the mask is a linear function of the photo's colour,
 * fitted in small windows at half the working size and applied at the photo's full size. Buffers are made once.
 */
export class GuidedRim {
  private readonly photo: Image
  private readonly topology: Topology
  /** The photo at half the working size: one cell for four working pixels. */
  private readonly width: number
  private readonly height: number
  private readonly fit: RimFit
  private readonly runs: LabelRuns
  private readonly inside: BitRows
  private readonly changes: BitRows
  private readonly band: BitRows
  /** The band's cells whose pixels are all inside, and those whose pixels must be looked at. */
  private readonly sure: BitRows
  private readonly sureOutside: BitRows
  private readonly open: BitRows
  private readonly around: BitRows
  private readonly stretches: Int32Array
  /** Working row of each photo row. */
  private readonly rowOf: Int32Array
  /** First photo column of each cell. */
  private readonly cellStart: Int32Array
  /** For each photo column the cell whose centre lies to its left, and how far it is on the way to the next one. */
  private readonly leftCell: Int32Array
  private readonly leftPart: Float64Array
  /** First photo column that does not lie between a cell's centre and the next one. */
  private readonly cellEnd: Int32Array
  private readonly blend: Float32Array
  /** The region of a cell's four working pixels, -1 where they are of several. */
  private readonly whole: Int32Array

  constructor(photo: Image, topology: Topology) {
    this.photo = photo
    this.topology = topology
    const width = Math.max(1, (topology.width + 1) >> 1)
    const height = Math.max(1, (topology.height + 1) >> 1)
    this.width = width
    this.height = height
    const columnOf = Int32Array.from({ length: photo.width }, (_, x) =>
      Math.floor(((x + 0.5) * topology.width) / photo.width),
    )
    this.rowOf = Int32Array.from({ length: photo.height }, (_, y) =>
      Math.floor(((y + 0.5) * topology.height) / photo.height),
    )
    this.runs = new LabelRuns(topology, columnOf)
    this.inside = new BitRows(width, height)
    this.changes = new BitRows(width, height)
    this.band = new BitRows(width, height)
    this.sure = new BitRows(width, height)
    this.sureOutside = new BitRows(width, height)
    this.open = new BitRows(width, height)
    this.around = new BitRows(width, height)
    this.stretches = new Int32Array(width + 2)
    this.cellStart = new Int32Array(width + 1).fill(photo.width)
    for (let x = photo.width - 1; x >= 0; x--) this.cellStart[columnOf[x] >> 1] = x
    for (let c = width - 1; c >= 0; c--) {
      this.cellStart[c] = Math.min(this.cellStart[c], this.cellStart[c + 1])
    }
    const scale = topology.width / photo.width / 2
    this.leftCell = new Int32Array(photo.width)
    this.leftPart = new Float64Array(photo.width)
    this.cellEnd = new Int32Array(width)
    for (let x = 0; x < photo.width; x++) {
      const u = Math.max(0, Math.min(width - 1, (x + 0.5) * scale - 0.5))
      this.leftCell[x] = Math.floor(u)
      this.leftPart[x] = u - Math.floor(u)
      this.cellEnd[Math.floor(u)] = x + 1
    }
    this.blend = new Float32Array((width + 1) * 4)
    this.whole = wholeCells(topology, width, height)
    this.fit = new RimFit(photo, columnOf, this.rowOf, width, height)
  }

  /** Paints probabilities of regions above 0.5 into a mask of zeros of the photo's size. */
  paint(probability: Float32Array, mask: Uint8Array): void {
    const { band, rowOf, stretches } = this
    this.soften(probability)
    this.changes.markChanges(this.inside)
    band.widen(this.changes, BAND, BAND)
    this.fit.fit(band)
    this.sortOut()
    const { width, height } = this.photo
    let half = -1
    let count = 0
    for (let y = 0; y < height; y++) {
      const row = rowOf[y]
      const out = y * width
      // What the photo decided in the row above is decided anew below: both rows lie in the same cells.
      if (y > 0 && row === rowOf[y - 1]) mask.copyWithin(out, out - width, out)
      else {
        this.runs.paintRow(row, probability, mask, out)
        this.fillCells(this.sure, row >> 1, mask, out, 1)
        this.fillCells(this.sureOutside, row >> 1, mask, out, 0)
        half = -1
      }
      if (row >> 1 !== half) {
        half = row >> 1
        count = this.open.stretches(half, stretches)
      }
      if (count > 0) this.refineRow(mask, y, count)
    }
  }

  /** Parts the band into cells that are wholly inside or outside by the fit and the colours about, and open ones. */
  private sortOut(): void {
    const { band, sure, sureOutside, open, around, fit } = this
    around.widen(fit.maybeOutside, 1, 1)
    for (let k = 0; k < band.bits.length; k++) sure.bits[k] = band.bits[k] & ~around.bits[k]
    around.widen(fit.maybeInside, 1, 1)
    for (let k = 0; k < band.bits.length; k++) {
      sureOutside.bits[k] = band.bits[k] & ~around.bits[k]
      open.bits[k] = band.bits[k] & ~sure.bits[k] & around.bits[k]
    }
  }

  private fillCells(cells: BitRows, half: number, mask: Uint8Array, out: number, label: 0 | 1): void {
    const { stretches, cellStart } = this
    const count = cells.stretches(half, stretches)
    for (let s = 0; s < count; s++) {
      const end = out + cellStart[stretches[2 * s + 1]]
      for (let p = out + cellStart[stretches[2 * s]]; p < end; p++) mask[p] = label
    }
  }

  /** Means of the four working pixels of each cell, and which cells are inside by them. */
  private soften(probability: Float32Array): void {
    const { width, labels } = this.topology
    const last = this.topology.height - 1
    const { soft, stride } = this.fit
    const { bits, words } = this.inside
    const { whole } = this
    for (let y = 0, o = 0; y < this.height; y++) {
      const upper = 2 * y * width
      const lower = Math.min(last, 2 * y + 1) * width
      const to = (y + RIM_RADIUS) * stride + RIM_RADIUS
      let word = 0
      for (let x = 0; x < this.width; x++, o++) {
        let value = 0
        if (whole[o] >= 0) value = probability[whole[o]]
        else {
          const left = 2 * x
          const right = left + 1 < width ? left + 1 : left
          value = Math.fround(
            (probability[labels[upper + left]] +
              probability[labels[upper + right]] +
              probability[labels[lower + left]] +
              probability[labels[lower + right]]) /
              4,
          )
        }
        soft[to + x] = value
        if (value > 0.5) word |= 1 << (x & 31)
        if ((x & 31) === 31 || x + 1 === this.width) {
          bits[y * words + (x >> 5)] = word
          word = 0
        }
      }
    }
  }

  /** Decides the pixels of photo row y that lie in the first `count` stretches of cells. */
  private refineRow(mask: Uint8Array, y: number, count: number): void {
    const { width, blend, stretches, leftCell, leftPart, cellStart, cellEnd } = this
    const { coefficients, stride } = this.fit
    const { data } = this.photo
    const v = Math.max(
      0,
      Math.min(this.height - 1, ((y + 0.5) * this.topology.height) / this.photo.height / 2 - 0.5),
    )
    const j = Math.floor(v)
    const part = v - j
    const rest = 1 - part
    const upper = ((j + RIM_RADIUS) * stride + RIM_RADIUS) * 4
    const lower = ((Math.min(this.height - 1, j + 1) + RIM_RADIUS) * stride + RIM_RADIUS) * 4
    const line = y * this.photo.width
    for (let s = 0; s < count; s++) {
      const from = stretches[2 * s]
      const end = stretches[2 * s + 1]
      const low = from > 0 ? from - 1 : 0
      const high = end < width ? end : width - 1
      for (let k = low * 4; k < high * 4 + 4; k++) {
        blend[k] = coefficients[upper + k] * rest + coefficients[lower + k] * part
      }
      const stop = cellStart[end]
      let x = cellStart[from]
      while (x < stop) {
        const cell = leftCell[x]
        const i = cell * 4
        const next = cell + 1 < width ? i + 4 : i
        const r = blend[i]
        const g = blend[i + 1]
        const b = blend[i + 2]
        const o = blend[i + 3]
        const toR = blend[next] - r
        const toG = blend[next + 1] - g
        const toB = blend[next + 2] - b
        const toO = blend[next + 3] - o
        const until = Math.min(stop, cellEnd[cell])
        for (; x < until; x++) {
          const f = leftPart[x]
          const p = (line + x) * 4
          const value = (r + toR * f) * data[p] + (g + toG * f) * data[p + 1] + (b + toB * f) * data[p + 2]
          mask[line + x] = value > (0.5 - o - toO * f) * 255 ? 1 : 0
        }
      }
    }
  }
}

function wholeCells({ labels, width: fine, height: fineHeight }: Topology, width: number, height: number) {
  const whole = new Int32Array(width * height)
  for (let y = 0, o = 0; y < height; y++) {
    const upper = 2 * y * fine
    const lower = Math.min(fineHeight - 1, 2 * y + 1) * fine
    for (let x = 0; x < width; x++, o++) {
      const left = 2 * x
      const right = Math.min(fine - 1, left + 1)
      const region = labels[upper + left]
      const same =
        labels[upper + right] === region &&
        labels[lower + left] === region &&
        labels[lower + right] === region
      whole[o] = same ? region : -1
    }
  }
  return whole
}
