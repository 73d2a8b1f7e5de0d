import type { Image } from '@gen3d/image/types'
import type { MaskCandidate, Prompts } from '@gen3d/shared/prompts'
import type { Cut } from './candidates.ts'
import type { Seeds } from './features.ts'
import { GuidedRim } from './guided-rim.ts'
import { exp } from './numeric.ts'
import { strokePath } from './prompt-seeds.ts'
import { FAR, type RegionGraph } from './region-graph.ts'

/** Moves a threshold to 0.5; 0 and 1 stay where they are. */
function recentre(p: number, threshold: number): number {
  return p <= threshold ? (0.5 * p) / threshold : 0.5 + (0.5 * (p - threshold)) / (1 - threshold)
}

/** Turns region probabilities into masks of the photo's size. */
export class MaskPainter {
  private readonly graph: RegionGraph
  private readonly photo: Image
  private readonly rim: GuidedRim
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

  /** One mask for each cut; the prompts' own pixels are set last. */
  paint(probability: Float32Array, cuts: readonly Cut[], prompts: Prompts): MaskCandidate[] {
    return cuts.map((cut) => {
      const mask = new Uint8Array(this.photo.width * this.photo.height)
      const { shifted } = this
      for (let i = 0; i < shifted.length; i++) shifted[i] = recentre(probability[i], cut.threshold)
      this.rim.paint(shifted, mask)
      if (prompts.previousMask) this.keepPrevious(mask, prompts.previousMask)
      this.honour(mask, prompts)
      return { mask, score: cut.score }
    })
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

  /** Sets the pixels of strokes, then those of clicks in their order. */
  private honour(mask: Uint8Array, prompts: Prompts): void {
    const { width, height } = this.photo
    for (const stroke of prompts.strokes ?? []) {
      const radius = stroke.radius
      for (const [x, y] of strokePath(stroke.points, radius / 2)) {
        const cx = Math.floor(x)
        const cy = Math.floor(y)
        for (let yy = Math.max(0, Math.ceil(cy - radius)); yy <= Math.min(height - 1, cy + radius); yy++) {
          for (let xx = Math.max(0, Math.ceil(cx - radius)); xx <= Math.min(width - 1, cx + radius); xx++) {
            if ((xx - cx) * (xx - cx) + (yy - cy) * (yy - cy) <= radius * radius)
              mask[yy * width + xx] = stroke.label
          }
        }
      }
    }
    for (const p of prompts.points) this.stamp(mask, prompts, Math.floor(p.x), Math.floor(p.y), p.label)
    for (const p of prompts.points) mask[Math.floor(p.y) * width + Math.floor(p.x)] = p.label
  }

  /** A small disc about a click, kept clear of clicks of the other kind. */
  private stamp(mask: Uint8Array, prompts: Prompts, x: number, y: number, label: 0 | 1): void {
    const { width, height } = this.photo
    let radius = Math.max(width, height) / 240
    for (const other of prompts.points) {
      if (other.label === label) continue
      const dx = other.x - x
      const dy = other.y - y
      radius = Math.min(radius, Math.sqrt(dx * dx + dy * dy) / 2)
    }
    for (let yy = Math.max(0, Math.ceil(y - radius)); yy <= Math.min(height - 1, y + radius); yy++) {
      for (let xx = Math.max(0, Math.ceil(x - radius)); xx <= Math.min(width - 1, x + radius); xx++) {
        if ((xx - x) * (xx - x) + (yy - y) * (yy - y) <= radius * radius) mask[yy * width + xx] = label
      }
    }
  }
}
