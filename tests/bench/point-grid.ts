/** Nearest neighbours among points in space: a grid of cubes, searched ring by ring. */
export class PointGrid {
  private readonly points: Float64Array
  private readonly low: number[]
  private readonly sides: number[]
  private readonly cell: number
  private readonly start: Uint32Array
  private readonly order: Uint32Array

  /** x, y, z triples; at least one. */
  constructor(points: Float64Array) {
    this.points = points
    const count = points.length / 3
    const low = [Infinity, Infinity, Infinity]
    const high = [-Infinity, -Infinity, -Infinity]
    for (let i = 0; i < points.length; i++) {
      low[i % 3] = Math.min(low[i % 3], points[i])
      high[i % 3] = Math.max(high[i % 3], points[i])
    }
    const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2], 1e-9)
    // Samples of a surface: about two a cube that the surface passes.
    this.cell = extent / Math.max(1, Math.sqrt(count / 6))
    this.low = low
    this.sides = [0, 1, 2].map((d) => Math.floor((high[d] - low[d]) / this.cell) + 1)
    const cells = new Uint32Array(count)
    this.start = new Uint32Array(this.sides[0] * this.sides[1] * this.sides[2] + 1)
    for (let i = 0; i < count; i++) {
      cells[i] = this.cellOf([0, 1, 2].map((d) => this.coordinate(points[3 * i + d], d)))
      this.start[cells[i] + 1]++
    }
    for (let c = 1; c < this.start.length; c++) this.start[c] += this.start[c - 1]
    const fill = this.start.slice()
    this.order = new Uint32Array(count)
    for (let i = 0; i < count; i++) this.order[fill[cells[i]]++] = i
  }

  nearest(x: number, y: number, z: number): { index: number; distance: number } {
    const at = [this.coordinate(x, 0), this.coordinate(y, 1), this.coordinate(z, 2)]
    let best = -1
    let squared = Infinity
    const rings = Math.max(...this.sides)
    for (let ring = 0; ring <= rings; ring++) {
      // Cubes of this ring lie at least this far away; outside the grid the point's cube is the nearest one.
      const least = (ring - 1) * this.cell
      if (best >= 0 && least > 0 && least * least > squared) break
      for (let k = Math.max(0, at[2] - ring); k <= Math.min(this.sides[2] - 1, at[2] + ring); k++) {
        for (let j = Math.max(0, at[1] - ring); j <= Math.min(this.sides[1] - 1, at[1] + ring); j++) {
          const face = Math.abs(k - at[2]) === ring || Math.abs(j - at[1]) === ring
          for (let i = at[0] - ring; i <= at[0] + ring; i += face || ring === 0 ? 1 : 2 * ring) {
            if (i < 0 || i >= this.sides[0]) continue
            const cell = this.cellOf([i, j, k])
            for (let o = this.start[cell]; o < this.start[cell + 1]; o++) {
              const p = 3 * this.order[o]
              const dx = this.points[p] - x
              const dy = this.points[p + 1] - y
              const dz = this.points[p + 2] - z
              const d = dx * dx + dy * dy + dz * dz
              if (d < squared) {
                squared = d
                best = this.order[o]
              }
            }
          }
        }
      }
    }
    return { index: best, distance: Math.sqrt(squared) }
  }

  private coordinate(value: number, d: number): number {
    return Math.min(this.sides[d] - 1, Math.max(0, Math.floor((value - this.low[d]) / this.cell)))
  }

  private cellOf(at: readonly number[]): number {
    return (at[2] * this.sides[1] + at[1]) * this.sides[0] + at[0]
  }
}
