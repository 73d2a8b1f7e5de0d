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
  /** Without a box, ready from the start; and for the box of the moment. */
  private readonly free: Walks
  private readonly boxed: Walks
  private boxKnown = false

  constructor(graph: RegionGraph) {
    const n = graph.topology.count
    this.graph = graph
    this.ground = new Float64Array(n)
    this.walk = new Float64Array(n)
    const walks = (): Walks => ({
      againstFrame: new PinnedWalk(graph.solver, n, PIN),
      againstClicks: new PinnedWalk(graph.solver, n, PIN),
    })
    this.free = walks()
    this.boxed = walks()
    this.groundAll(this.free, null)
  }

  /** `share` is each region's share in the box, `moved` says that the box is another one than before. */
  compute(seeds: Seeds, share: Float32Array, moved: boolean, values: Float32Array): void {
    const { inside, outside, box } = seeds
    if (moved) this.boxKnown = false
    if (box !== null && inside.length > 0 && !this.boxKnown) {
      this.groundAll(this.boxed, share)
      this.boxKnown = true
    }
    const { againstFrame, againstClicks } = box === null ? this.free : this.boxed
    this.fill(againstFrame, inside.length > 0, seeds, WALKS, values)
    const against = inside.length > 0 && (outside.length > 0 || box !== null)
    this.fill(againstClicks, against, seeds, WALKS + 1, values)
  }

  private fill(pinned: PinnedWalk, walks: boolean, seeds: Seeds, column: number, values: Float32Array): void {
    const { walk } = this
    if (walks) pinned.walk(seeds, walk)
    else walk.fill(seeds.inside.length === 0 ? 0.5 : 1)
    for (let i = 0; i < walk.length; i++) values[i * FEATURES + column] = walk[i]
  }

  private groundAll({ againstFrame, againstClicks }: Walks, share: Float32Array | null): void {
    const { topology } = this.graph
    const { ground } = this
    const meanArea = (topology.width * topology.height) / topology.count
    const boxed = (i: number): number => (share !== null && share[i] < BEYOND_BOX ? PIN : 0)
    for (let i = 0; i < ground.length; i++) {
      ground[i] = 0.02 * topology.frame[i] + (1e-3 * topology.area[i]) / meanArea + boxed(i)
    }
    againstFrame.ground(ground)
    for (let i = 0; i < ground.length; i++) ground[i] = 1e-4 + boxed(i)
    againstClicks.ground(ground)
  }
}

interface Walks {
  readonly againstFrame: PinnedWalk
  readonly againstClicks: PinnedWalk
}
