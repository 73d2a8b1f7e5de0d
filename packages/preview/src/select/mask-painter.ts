import type { Image } from '@gen3d/image/types'
import type { MaskCandidate, Prompts } from '@gen3d/shared/prompts'
import type { Seeds } from './features.ts'
import { exp } from './numeric.ts'
import { strokePath } from './prompt-seeds.ts'
import { FAR, type RegionGraph } from './region-graph.ts'

/** Turns region probabilities into masks of the photo's size. */
export class MaskPainter {
  private readonly graph: RegionGraph
  private readonly photo: Image
  private readonly columnOf: Int32Array
  private readonly rowOf: Int32Array
  private readonly keepsPrevious: Uint8Array
  private readonly sources: Int32Array
  private readonly reach: Float32Array

  constructor(graph: RegionGraph, photo: Image) {
    const { width, height, count } = graph.topology
    this.graph = graph
    this.photo = photo
    this.columnOf = Int32Array.from({ length: photo.width }, (_, x) =>
      Math.floor(((x + 0.5) * width) / photo.width),
    )
    this.rowOf = Int32Array.from({ length: photo.height }, (_, y) =>
      Math.floor(((y + 0.5) * height) / photo.height),
    )
    this.keepsPrevious = new Uint8Array(count)
    this.sources = new Int32Array(count)
    this.reach = new Float32Array(count)
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

  paint(probability: Float32Array, prompts: Prompts, _seeds: Seeds): MaskCandidate[] {
    const { topology } = this.graph
    const { width, height } = this.photo
    const mask = new Uint8Array(width * height)
    const previous = prompts.previousMask
    for (let y = 0, p = 0; y < height; y++) {
      const row = this.rowOf[y] * topology.width
      for (let x = 0; x < width; x++, p++) {
        const region = topology.labels[row + this.columnOf[x]]
        if (previous && this.keepsPrevious[region] === 1) mask[p] = previous[p] === 0 ? 0 : 1
        else mask[p] = probability[region] > 0.5 ? 1 : 0
      }
    }
    this.honour(mask, prompts)
    return [{ mask, score: 0.5 }]
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
    for (const p of prompts.points) mask[Math.floor(p.y) * width + Math.floor(p.x)] = p.label
  }
}
