import type { Seed, Seeds } from './seeds.ts'
import type { Factor, LaplacianSolver } from './solver.ts'

/** Regions with clicks up to which the answer is put together of single responses. */
const MOST = 32

/**
 * How likely a random walk from each region ends at an inside click rather than at an outside click or in the ground.
 * The ground's matrix is factored once; a pinned region then costs one solve, whose response is kept, and a row of a
 * small dense system (the capacitance matrix of Woodbury's formula). What is kept only saves time: a response is the
 * same whenever it is worked out.
 */
export class PinnedWalk {
  private readonly solver: LaplacianSolver
  private readonly count: number
  private readonly pin: number
  private readonly base: Factor
  private readonly crowded: Factor
  private readonly groundOf: Float64Array
  private readonly extra: Float64Array
  private readonly right: Float64Array
  /** Row k: response of all regions to a unit source in region held[k]. */
  private readonly responses: Float64Array
  private readonly held = new Int32Array(MOST).fill(-1)
  private readonly lastUse = new Int32Array(MOST)
  private uses = 0
  /** The pinned regions: which, where their response is kept, pins of either kind. */
  private readonly regions: Int32Array
  private readonly slots = new Int32Array(MOST)
  private readonly pins: Int32Array
  private readonly sources: Int32Array
  private readonly pinnedAt: Int32Array
  private readonly dense = new Float64Array(MOST * MOST)
  private readonly current = new Float64Array(MOST)

  constructor(solver: LaplacianSolver, count: number, pin: number) {
    this.solver = solver
    this.count = count
    this.pin = pin
    this.base = solver.createFactor()
    this.crowded = solver.createFactor()
    this.groundOf = new Float64Array(count)
    this.extra = new Float64Array(count)
    this.right = new Float64Array(count)
    this.responses = new Float64Array(MOST * count)
    this.regions = new Int32Array(count)
    this.pins = new Int32Array(count)
    this.sources = new Int32Array(count)
    this.pinnedAt = new Int32Array(count).fill(-1)
  }

  /** Sets each region's conductance to the ground. */
  ground(ground: Float64Array): void {
    this.groundOf.set(ground)
    this.held.fill(-1)
    this.solver.factorise(ground, this.base)
  }

  walk(seeds: Seeds, out: Float64Array): void {
    let distinct = this.gather(seeds.outside, 0, 0)
    distinct = this.gather(seeds.inside, 1, distinct)
    for (let k = 0; k < distinct; k++) this.pinnedAt[this.regions[k]] = -1
    if (distinct > MOST) this.walkCrowded(distinct, out)
    else this.walkPinned(distinct, out)
  }

  /** Counts pins and sources by region; returns how many regions there are now. */
  private gather(seeds: readonly Seed[], source: 0 | 1, distinct: number): number {
    for (const { region } of seeds) {
      let k = this.pinnedAt[region]
      if (k < 0) {
        k = distinct++
        this.pinnedAt[region] = k
        this.regions[k] = region
        this.pins[k] = 0
        this.sources[k] = 0
      }
      this.pins[k]++
      this.sources[k] += source
    }
    return distinct
  }

  private walkCrowded(distinct: number, out: Float64Array): void {
    const { extra, right, regions, pins, sources, pin } = this
    extra.set(this.groundOf)
    right.fill(0)
    for (let k = 0; k < distinct; k++) {
      extra[regions[k]] += pin * pins[k]
      right[regions[k]] = pin * sources[k]
    }
    this.solver.factorise(extra, this.crowded)
    this.solver.solve(this.crowded, right, out)
  }

  private walkPinned(distinct: number, out: Float64Array): void {
    const { responses, slots, regions, count, dense, current, pins, sources, pin } = this
    this.keepResponses(distinct)
    for (let k = 0; k < distinct; k++) {
      const row = slots[k] * count
      for (let j = 0; j < k; j++) dense[k * MOST + j] = responses[row + regions[j]]
      dense[k * MOST + k] = responses[row + regions[k]] + 1 / (pin * pins[k])
      current[k] = sources[k] / pins[k]
    }
    solveDense(dense, current, distinct)
    out.fill(0)
    for (let k = 0; k < distinct; k++) {
      const row = slots[k] * count
      const share = current[k]
      for (let i = 0; i < count; i++) out[i] += share * responses[row + i]
    }
  }

  /** Sees to it that the response of each pinned region is kept; the one that was not used for longest makes room. */
  private keepResponses(distinct: number): void {
    const { held, lastUse, regions, slots, right, solver, responses, count } = this
    this.uses++
    for (let k = 0; k < distinct; k++) {
      slots[k] = held.indexOf(regions[k])
      if (slots[k] >= 0) lastUse[slots[k]] = this.uses
    }
    for (let k = 0; k < distinct; k++) {
      if (slots[k] >= 0) continue
      let oldest = 0
      for (let s = 1; s < MOST; s++) if (lastUse[s] < lastUse[oldest]) oldest = s
      held[oldest] = regions[k]
      lastUse[oldest] = this.uses
      slots[k] = oldest
      right.fill(0)
      right[regions[k]] = 1
      solver.solve(this.base, right, responses.subarray(oldest * count, (oldest + 1) * count))
    }
  }
}

/** Solves a positive definite system in place by Cholesky; rows of MOST numbers, the lower half is given. */
function solveDense(matrix: Float64Array, vector: Float64Array, size: number): void {
  for (let k = 0; k < size; k++) {
    for (let j = 0; j <= k; j++) {
      let v = matrix[k * MOST + j]
      for (let i = 0; i < j; i++) v -= matrix[k * MOST + i] * matrix[j * MOST + i]
      matrix[k * MOST + j] = j < k ? v / matrix[j * MOST + j] : Math.sqrt(v > 1e-18 ? v : 1e-18)
    }
  }
  for (let k = 0; k < size; k++) {
    let v = vector[k]
    for (let j = 0; j < k; j++) v -= matrix[k * MOST + j] * vector[j]
    vector[k] = v / matrix[k * MOST + k]
  }
  for (let k = size - 1; k >= 0; k--) {
    let v = vector[k]
    for (let j = k + 1; j < size; j++) v -= matrix[j * MOST + k] * vector[j]
    vector[k] = v / matrix[k * MOST + k]
  }
}
