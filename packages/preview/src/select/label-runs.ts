import type { Topology } from './topology.ts'

/** Paints whole regions at the photo's size, by stretches of equal region in each working row; made once a photo. */
export class LabelRuns {
  private readonly photoWidth: number
  /** Runs of working row r: first[r] <= k < first[r + 1]. */
  private readonly first: Int32Array
  /** Photo column at which a run begins; it ends where the next one begins. */
  private readonly begin: Int32Array
  private readonly region: Int32Array

  /** `columnOf` is the working column of each photo column. */
  constructor(topology: Topology, columnOf: Int32Array) {
    const { labels, width, height } = topology
    const photoColumn = new Int32Array(width)
    for (let x = columnOf.length - 1; x >= 0; x--) photoColumn[columnOf[x]] = x
    let count = height
    for (let p = 1; p < labels.length; p++) if (p % width !== 0 && labels[p] !== labels[p - 1]) count++
    this.photoWidth = columnOf.length
    this.first = new Int32Array(height + 1)
    this.begin = new Int32Array(count)
    this.region = new Int32Array(count)
    let at = 0
    for (let y = 0; y < height; y++) {
      for (let x = 0, p = y * width; x < width; x++, p++) {
        if (x > 0 && labels[p] === labels[p - 1]) continue
        this.begin[at] = photoColumn[x]
        this.region[at++] = labels[p]
      }
      this.first[y + 1] = at
    }
  }

  /** Sets, in a photo row of zeros that begins at `out`, the pixels of regions whose value exceeds 0.5. */
  paintRow(row: number, value: Float32Array, mask: Uint8Array, out: number): void {
    const { first, begin, region } = this
    let from = -1
    for (let k = first[row]; k < first[row + 1]; k++) {
      const inside = value[region[k]] > 0.5
      if (inside === from >= 0) continue
      if (inside) from = begin[k]
      else {
        set(mask, out + from, out + begin[k])
        from = -1
      }
    }
    if (from >= 0) set(mask, out + from, out + this.photoWidth)
  }
}

/** A call of `fill` costs as much as some dozens of pixels. */
function set(mask: Uint8Array, from: number, end: number): void {
  if (end - from > 64) mask.fill(1, from, end)
  else for (let p = from; p < end; p++) mask[p] = 1
}
