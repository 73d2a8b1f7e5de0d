import type { Image } from '@gen3d/image/types'
import type { PointPrompt, Prompts } from '@gen3d/shared/prompts'
import { strokePath } from './prompt-seeds.ts'

/** Radii against the photo's longest side: of the disc that a click sets, and how far it spreads over its own colour. */
const DISC = 1 / 240
const SPREAD = 1 / 50
/** Largest difference of a channel, 0-255, that counts as the click's own colour. */
const LIKENESS = 26

/** Makes a mask honour clicks and strokes pixel by pixel; buffers are made once. */
export class ClickStamps {
  private readonly photo: Image
  private readonly reach: number
  private readonly seen: Uint8Array
  private readonly stack: Int32Array

  constructor(photo: Image) {
    this.photo = photo
    this.reach = Math.ceil(Math.max(photo.width, photo.height) * SPREAD)
    const side = 2 * this.reach + 1
    this.seen = new Uint8Array(side * side)
    this.stack = new Int32Array(side * side)
  }

  /** Sets the pixels of strokes, then those of clicks in their order, last of all each clicked pixel itself. */
  honour(mask: Uint8Array, prompts: Prompts): void {
    const { width } = this.photo
    for (const stroke of prompts.strokes ?? []) {
      for (const [x, y] of strokePath(stroke.points, stroke.radius / 2)) {
        this.disc(mask, Math.floor(x), Math.floor(y), stroke.radius, stroke.label)
      }
    }
    const longest = Math.max(width, this.photo.height)
    for (const click of prompts.points) {
      const free = freeRadius(click, prompts.points)
      this.spread(mask, click, Math.min(longest * SPREAD, free))
      this.disc(mask, Math.floor(click.x), Math.floor(click.y), Math.min(longest * DISC, free), click.label)
    }
    for (const p of prompts.points) mask[Math.floor(p.y) * width + Math.floor(p.x)] = p.label
  }

  private disc(mask: Uint8Array, x: number, y: number, radius: number, label: 0 | 1): void {
    const { width, height } = this.photo
    for (let yy = Math.max(0, Math.ceil(y - radius)); yy <= Math.min(height - 1, y + radius); yy++) {
      for (let xx = Math.max(0, Math.ceil(x - radius)); xx <= Math.min(width - 1, x + radius); xx++) {
        if ((xx - x) * (xx - x) + (yy - y) * (yy - y) <= radius * radius) mask[yy * width + xx] = label
      }
    }
  }

  /** Corrects wrong pixels that hang together with the click and share its colour, within a radius. */
  private spread(mask: Uint8Array, click: PointPrompt, radius: number): void {
    const { width, height, data } = this.photo
    const { seen, stack, reach } = this
    const cx = Math.floor(click.x)
    const cy = Math.floor(click.y)
    const start = cy * width + cx
    if (mask[start] === click.label || radius < 1) return
    const [r, g, b] = [data[start * 4], data[start * 4 + 1], data[start * 4 + 2]]
    const side = 2 * reach + 1
    seen.fill(0)
    let top = 0
    stack[top++] = start
    seen[reach * side + reach] = 1
    while (top > 0) {
      const p = stack[--top]
      mask[p] = click.label
      const x = p % width
      const y = (p - x) / width
      for (let k = 0; k < 4; k++) {
        const xx = k === 0 ? x - 1 : k === 1 ? x + 1 : x
        const yy = k === 2 ? y - 1 : k === 3 ? y + 1 : y
        if (xx < 0 || yy < 0 || xx >= width || yy >= height) continue
        const dx = xx - cx
        const dy = yy - cy
        if (dx * dx + dy * dy > radius * radius) continue
        const cell = (dy + reach) * side + dx + reach
        if (seen[cell] === 1) continue
        seen[cell] = 1
        const q = (yy * width + xx) * 4
        if (mask[q >> 2] === click.label) continue
        if (Math.abs(data[q] - r) > LIKENESS || Math.abs(data[q + 1] - g) > LIKENESS) continue
        if (Math.abs(data[q + 2] - b) <= LIKENESS) stack[top++] = q >> 2
      }
    }
  }
}

/** Half the distance to the nearest click of the other kind. */
function freeRadius(click: PointPrompt, all: readonly PointPrompt[]): number {
  let free = Number.POSITIVE_INFINITY
  for (const other of all) {
    if (other.label === click.label) continue
    const dx = other.x - click.x
    const dy = other.y - click.y
    free = Math.min(free, Math.sqrt(dx * dx + dy * dy) / 2)
  }
  return free
}
