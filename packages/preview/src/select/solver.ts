import type { Topology } from './topology.ts'

/** One factorisation; a solver can hold any number of them. */
export interface Factor {
  readonly values: Float64Array
  readonly diagonal: Float64Array
}

/**
 * Solves (graph Laplacian + diagonal) x = b on the region graph by sparse Cholesky. Order and fill are found once a
 * photo (nested dissection by region centres), so that a factorisation costs the same whatever the clicks.
 */
export class LaplacianSolver {
  private readonly count: number
  /** order[k]: region at row k; place: the inverse. */
  private readonly order: Int32Array
  private readonly columnStart: Int32Array
  private readonly rowOf: Int32Array
  /** Columns left of the diagonal in each row, in elimination order. */
  private readonly patternStart: Int32Array
  private readonly pattern: Int32Array
  /** Off-diagonal weights left of the diagonal, by row. */
  private readonly entryStart: Int32Array
  private readonly entryColumn: Int32Array
  private readonly entryWeight: Float64Array
  private readonly degree: Float64Array
  /** Whether the next column has the same rows but its own: both are eliminated in one go. */
  private readonly paired: Uint8Array
  private readonly fill: Int32Array
  private readonly work: Float64Array

  constructor(topology: Topology, weights: Float32Array) {
    const n = topology.count
    this.count = n
    this.order = dissect(topology)
    const place = new Int32Array(n)
    for (let k = 0; k < n; k++) place[this.order[k]] = k
    this.degree = new Float64Array(n)
    this.entryStart = new Int32Array(n + 1)
    const columns: number[] = []
    const values: number[] = []
    for (let k = 0; k < n; k++) {
      const region = this.order[k]
      for (let j = topology.start[region]; j < topology.start[region + 1]; j++) {
        const w = weights[topology.edgeOf[j]]
        this.degree[region] += w
        const column = place[topology.neighbour[j]]
        if (column < k) {
          columns.push(column)
          values.push(w)
        }
      }
      this.entryStart[k + 1] = columns.length
    }
    this.entryColumn = Int32Array.from(columns)
    this.entryWeight = Float64Array.from(values)
    const symbolic = this.analyse()
    this.patternStart = symbolic.patternStart
    this.pattern = symbolic.pattern
    this.columnStart = symbolic.columnStart
    this.rowOf = symbolic.rowOf
    this.paired = new Uint8Array(n)
    for (let i = 0; i + 1 < n; i++) {
      const [from, middle, end] = this.columnStart.subarray(i, i + 3)
      // The rows of a column, without the first, are rows of the column that the first one names.
      this.paired[i] =
        middle > from && this.rowOf[from] === i + 1 && middle - from === end - middle + 1 ? 1 : 0
    }
    this.fill = new Int32Array(n)
    this.work = new Float64Array(n)
  }

  /** Elimination tree, then the pattern of each row of the factor in an order in which it can be eliminated. */
  private analyse() {
    const n = this.count
    const ancestor = new Int32Array(n).fill(-1)
    const parent = new Int32Array(n).fill(-1)
    const mark = new Int32Array(n).fill(-1)
    const patternStart = new Int32Array(n + 1)
    const rows: number[] = []
    for (let k = 0; k < n; k++) {
      for (let e = this.entryStart[k]; e < this.entryStart[k + 1]; e++) {
        for (let i = this.entryColumn[e]; i !== -1 && i < k; ) {
          const next = ancestor[i]
          ancestor[i] = k
          if (next === -1) parent[i] = k
          i = next
        }
      }
    }
    for (let k = 0; k < n; k++) {
      const row: number[] = []
      mark[k] = k
      for (let e = this.entryStart[k]; e < this.entryStart[k + 1]; e++) {
        for (let i = this.entryColumn[e]; i !== -1 && mark[i] !== k; i = parent[i]) {
          mark[i] = k
          row.push(i)
        }
      }
      row.sort((p, q) => p - q)
      for (const i of row) rows.push(i)
      patternStart[k + 1] = rows.length
    }
    const pattern = Int32Array.from(rows)
    const columnStart = new Int32Array(n + 1)
    for (const i of pattern) columnStart[i + 1]++
    for (let i = 0; i < n; i++) columnStart[i + 1] += columnStart[i]
    const at = columnStart.slice(0, n)
    const rowOf = new Int32Array(pattern.length)
    for (let k = 0; k < n; k++) {
      for (let j = patternStart[k]; j < patternStart[k + 1]; j++) rowOf[at[pattern[j]]++] = k
    }
    return { patternStart, pattern, columnStart, rowOf }
  }

  /** Room for a factorisation. */
  createFactor(): Factor {
    return { values: new Float64Array(this.rowOf.length), diagonal: new Float64Array(this.count) }
  }

  /** Factors Laplacian + diag(extra); extra has one number a region, all >= 0 and not all 0. */
  factorise(extra: Float64Array, into: Factor): void {
    const { work, fill, rowOf, columnStart, pattern, patternStart, paired } = this
    const { values: factor, diagonal } = into
    for (let k = 0; k < this.count; k++) {
      const region = this.order[k]
      fill[k] = columnStart[k]
      for (let e = this.entryStart[k]; e < this.entryStart[k + 1]; e++) {
        work[this.entryColumn[e]] = -this.entryWeight[e]
      }
      let d = this.degree[region] + extra[region]
      const last = patternStart[k + 1]
      for (let j = patternStart[k]; j < last; j++) {
        const i = pattern[j]
        const value = work[i] / diagonal[i]
        work[i] = 0
        const end = fill[i]
        let p = columnStart[i]
        if (paired[i] === 1 && j + 1 < last) {
          // Subtracted one after the other, so that the result is the same as column by column.
          const next = i + 1
          const nextValue = (work[next] - factor[p] * value) / diagonal[next]
          work[next] = 0
          p++
          const nextEnd = fill[next]
          for (let q = columnStart[next]; q < nextEnd; q++, p++) {
            const row = rowOf[q]
            work[row] = work[row] - factor[p] * value - factor[q] * nextValue
          }
          d = d - value * value - nextValue * nextValue
          factor[end] = value
          factor[nextEnd] = nextValue
          fill[i] = end + 1
          fill[next] = nextEnd + 1
          j++
        } else {
          for (; p < end; p++) work[rowOf[p]] -= factor[p] * value
          d -= value * value
          factor[end] = value
          fill[i] = end + 1
        }
      }
      diagonal[k] = Math.sqrt(d > 1e-12 ? d : 1e-12)
    }
  }

  /** Solves with a factorisation; `right` and `out` have one number a region. */
  solve({ values: factor, diagonal }: Factor, right: Float64Array, out: Float64Array): void {
    const { work, rowOf, columnStart, order, paired } = this
    const n = this.count
    for (let k = 0; k < n; k++) work[k] = right[order[k]]
    for (let k = 0; k < n; k++) {
      const v = work[k] / diagonal[k]
      work[k] = v
      let p = columnStart[k]
      const end = columnStart[k + 1]
      if (paired[k] === 1) {
        const next = (work[k + 1] - factor[p] * v) / diagonal[k + 1]
        work[++k] = next
        p++
        for (let q = end; p < end; p++, q++) {
          const row = rowOf[p]
          work[row] = work[row] - factor[p] * v - factor[q] * next
        }
      } else {
        for (; p < end; p++) work[rowOf[p]] -= factor[p] * v
      }
    }
    for (let k = n - 1; k >= 0; k--) {
      let v = work[k]
      for (let p = columnStart[k]; p < columnStart[k + 1]; p++) v -= factor[p] * work[rowOf[p]]
      work[k] = v / diagonal[k]
    }
    for (let k = 0; k < n; k++) {
      out[order[k]] = work[k]
      work[k] = 0
    }
  }
}

/** Regions in nested-dissection order: two halves first, then the regions of the first half that touch the second. */
function dissect(topology: Topology): Int32Array {
  const { count, centreX, centreY, start, neighbour } = topology
  const out = new Int32Array(count)
  const side = new Int32Array(count)
  let stamp = 0
  let at = 0
  const visit = (regions: number[]): void => {
    if (regions.length <= 8) {
      for (const r of regions) out[at++] = r
      return
    }
    let x0 = Number.POSITIVE_INFINITY
    let x1 = Number.NEGATIVE_INFINITY
    let y0 = Number.POSITIVE_INFINITY
    let y1 = Number.NEGATIVE_INFINITY
    for (const r of regions) {
      x0 = Math.min(x0, centreX[r])
      x1 = Math.max(x1, centreX[r])
      y0 = Math.min(y0, centreY[r])
      y1 = Math.max(y1, centreY[r])
    }
    const key = x1 - x0 > y1 - y0 ? centreX : centreY
    regions.sort((p, q) => key[p] - key[q] || p - q)
    const half = regions.length >> 1
    stamp++
    const second = stamp
    for (let i = half; i < regions.length; i++) side[regions[i]] = second
    const inner: number[] = []
    const wall: number[] = []
    for (let i = 0; i < half; i++) {
      const r = regions[i]
      let touches = false
      for (let j = start[r]; j < start[r + 1] && !touches; j++) touches = side[neighbour[j]] === second
      if (touches) wall.push(r)
      else inner.push(r)
    }
    visit(inner)
    visit(regions.slice(half))
    for (const r of wall) out[at++] = r
  }
  visit(Array.from({ length: count }, (_, i) => i))
  return out
}
