import { FEATURES, WALKS } from './feature-columns.ts'
import { PinnedWalk } from './pinned-walk.ts'
import type { RegionGraph } from './region-graph.ts'
import type { Seeds } from './seeds.ts'

/** Conductance to the ground, or to the source, of what is pinned there. */
export const PIN = 1e4
/** A region of which less than this share lies in the box is outside it. */
export const BEYOND_BOX = 0.3

/** Random walks from the clicks: against a weakly grounded frame, and against the outside clicks alone. */
export class WalkFeatures {
  private readonly graph: RegionGraph
  private readonly ground: Float64Array
  private readonly walk: Float64Array
  private readonly againstFrame: PinnedWalk
  private readonly againstClicks: PinnedWalk
  private grounded = false

  constructor(graph: RegionGraph) {
    const n = graph.topology.count
    this.graph = graph
    this.ground = new Float64Array(n)
    this.walk = new Float64Array(n)
    this.againstFrame = new PinnedWalk(graph.solver, n, PIN)
    this.againstClicks = new PinnedWalk(graph.solver, n, PIN)
  }

  /** `share` is each region's share in the box, `moved` says that the box is another one than before. */
  compute(seeds: Seeds, share: Float32Array, moved: boolean, values: Float32Array): void {
    if (moved) this.grounded = false
    const { inside, outside, box } = seeds
    if (inside.length > 0 && !this.grounded) this.groundAll(box === null ? null : share)
    this.fill(this.againstFrame, inside.length > 0, seeds, WALKS, values)
    const against = inside.length > 0 && (outside.length > 0 || box !== null)
    this.fill(this.againstClicks, against, seeds, WALKS + 1, values)
  }

  private fill(pinned: PinnedWalk, walks: boolean, seeds: Seeds, column: number, values: Float32Array): void {
    const { walk } = this
    if (walks) pinned.walk(seeds, walk)
    else walk.fill(seeds.inside.length === 0 ? 0.5 : 1)
    for (let i = 0; i < walk.length; i++) values[i * FEATURES + column] = walk[i]
  }

  private groundAll(share: Float32Array | null): void {
    const { topology } = this.graph
    const { ground } = this
    const meanArea = (topology.width * topology.height) / topology.count
    const boxed = (i: number): number => (share !== null && share[i] < BEYOND_BOX ? PIN : 0)
    for (let i = 0; i < ground.length; i++) {
      ground[i] = 0.02 * topology.frame[i] + (1e-3 * topology.area[i]) / meanArea + boxed(i)
    }
    this.againstFrame.ground(ground)
    for (let i = 0; i < ground.length; i++) ground[i] = 1e-4 + boxed(i)
    this.againstClicks.ground(ground)
    this.grounded = true
  }
}
