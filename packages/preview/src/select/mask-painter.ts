import type { Image } from '@gen3d/image/types'
import type { MaskCandidate, Prompts } from '@gen3d/shared/prompts'
import type { Cut } from './candidates.ts'
import { ClickStamps } from './click-stamps.ts'
import { GuidedRim } from './guided-rim.ts'
import { exp } from './numeric.ts'
import { FAR, type RegionGraph } from './region-graph.ts'
import type { Seeds } from './seeds.ts'

/** Moves a threshold to 0.5; 0 and 1 stay where they are. */
function recentre(p: number, threshold: number): number {
  return p <= threshold ? (0.5 * p) / threshold : 0.5 + (0.5 * (p - threshold)) / (1 - threshold)
}

/** Turns region probabilities into masks of the photo's size. */
export class MaskPainter {
  private readonly graph: RegionGraph
  private readonly photo: Image
  private readonly rim: GuidedRim
  private readonly stamps: ClickStamps
  private readonly columnOf: Int32Array
  private readonly rowOf: Int32Array
  private readonly keepsPrevious: Uint8Array
  private readonly sources: Int32Array
  private readonly reach: Float32Array
  private readonly shifted: Float32Array

  constructor(graph: RegionGraph, photo: Image) {
    const { width, height, count } = graph.topology
    this.graph = graph
    this.photo = photo
    this.stamps = new ClickStamps(photo)
    this.rim = new GuidedRim(photo, graph.topology)
    this.columnOf = Int32Array.from({ length: photo.width }, (_, x) =>
      Math.floor(((x + 0.5) * width) / photo.width),
    )
    this.rowOf = Int32Array.from({ length: photo.height }, (_, y) =>
      Math.floor(((y + 0.5) * height) / photo.height),
    )
    this.keepsPrevious = new Uint8Array(count)
    this.sources = new Int32Array(count)
    this.reach = new Float32Array(count)
    this.shifted = new Float32Array(count)
  }

  /** Mixes a previous mask in: it holds away from the clicks and yields near them. */
  blendPrevious(prompts: Prompts, seeds: Seeds, probability: Float32Array): void {
    this.keepsPrevious.fill(0)
    const previous = prompts.previousMask
    if (!previous) return
    const { topology, paths } = this.graph
    const share = new Float64Array(topology.count)
    const total = new Float64Array(topology.count)
    for (let y = 0, p = 0; y < this.photo.height; y++) {
      const row = this.rowOf[y] * topology.width
      for (let x = 0; x < this.photo.width; x++, p++) {
        const region = topology.labels[row + this.columnOf[x]]
        total[region]++
        if (previous[p] !== 0) share[region]++
      }
    }
    let count = 0
    for (const seed of [...seeds.inside, ...seeds.outside])
      if (count < topology.count) this.sources[count++] = seed.region
    if (count > 0) paths.from(this.sources, count, this.reach)
    else this.reach.fill(FAR)
    for (let i = 0; i < topology.count; i++) {
      const old = total[i] > 0 ? share[i] / total[i] : 0
      const near = exp(-this.reach[i])
      probability[i] = near * probability[i] + (1 - near) * old
      if (near < 0.5 && probability[i] >= 0.5 === old >= 0.5) this.keepsPrevious[i] = 1
    }
  }

  /** One mask for each cut, the first painted at once, each other when it is first looked at. */
  paint(probability: Float32Array, cuts: readonly Cut[], prompts: Prompts): MaskCandidate[] {
    const [best, ...others] = cuts
    const candidates: MaskCandidate[] = [
      { mask: this.paintCut(probability, best, prompts), score: best.score },
    ]
    if (others.length === 0) return candidates
    // The caller may go on with its own list of clicks, the decoder with its probabilities.
    const kept = probability.slice()
    const then = { ...prompts, points: [...prompts.points] }
    for (const cut of others) {
      const paint = () => this.paintCut(kept, cut, then)
      let painted: Uint8Array | null = null
      candidates.push({
        get mask() {
          painted ??= paint()
          return painted
        },
        score: cut.score,
      })
    }
    return candidates
  }

  /** The prompts' own pixels are set last. */
  private paintCut(probability: Float32Array, cut: Cut, prompts: Prompts): Uint8Array {
    const mask = new Uint8Array(this.photo.width * this.photo.height)
    const { shifted } = this
    for (let i = 0; i < shifted.length; i++) shifted[i] = recentre(probability[i], cut.threshold)
    this.rim.paint(shifted, mask)
    if (prompts.previousMask) this.keepPrevious(mask, prompts.previousMask)
    this.stamps.honour(mask, prompts)
    return mask
  }

  /** Regions that no click has touched keep the previous mask's own pixels. */
  private keepPrevious(mask: Uint8Array, previous: Uint8Array): void {
    const { topology } = this.graph
    for (let y = 0, p = 0; y < this.photo.height; y++) {
      const row = this.rowOf[y] * topology.width
      for (let x = 0; x < this.photo.width; x++, p++) {
        if (this.keepsPrevious[topology.labels[row + this.columnOf[x]]] === 1)
          mask[p] = previous[p] === 0 ? 0 : 1
      }
    }
  }
}
