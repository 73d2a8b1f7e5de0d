import type { Table } from './boost.ts'

/** A growing training table whose rows know their fold. */
export class Rows {
  length = 0
  private readonly columns: number
  private values = new Float32Array(1 << 16)
  private readonly target: number[] = []
  private readonly weight: number[] = []
  private readonly fold: number[] = []

  constructor(columns: number) {
    this.columns = columns
  }

  /** Copies row `row` of a table with as many columns. */
  add(table: Float32Array, row: number, target: number, weight: number, fold: number): void {
    const need = (this.length + 1) * this.columns
    if (need > this.values.length) {
      const grown = new Float32Array(this.values.length * 2)
      grown.set(this.values)
      this.values = grown
    }
    const from = row * this.columns
    const to = this.length * this.columns
    for (let c = 0; c < this.columns; c++) this.values[to + c] = table[from + c]
    this.target.push(target)
    this.weight.push(weight)
    this.fold.push(fold)
    this.length++
  }

  /** The rows of some folds; at most about `most`, evenly thinned. */
  table(wanted: (fold: number) => boolean, most = Number.POSITIVE_INFINITY): Table {
    let rows: number[] = []
    for (let r = 0; r < this.length; r++) if (wanted(this.fold[r])) rows.push(r)
    const step = Math.max(1, Math.ceil(rows.length / most))
    rows = rows.filter((_, i) => i % step === 0)
    const values = new Float32Array(rows.length * this.columns)
    rows.forEach((r, i) => {
      values.set(this.values.subarray(r * this.columns, (r + 1) * this.columns), i * this.columns)
    })
    return {
      rows: rows.length,
      columns: this.columns,
      values,
      target: Float32Array.from(rows, (r) => this.target[r]),
      weight: Float32Array.from(rows, (r) => this.weight[r]),
    }
  }
}
