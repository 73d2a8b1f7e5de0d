import type { Prompts } from '@gen3d/shared/prompts'
import { PreviewError } from '../errors.ts'
import type { Seed, Seeds } from './seeds.ts'
import type { Topology } from './topology.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** Checks prompts against a photo; PreviewError `prompt_invalid` says which one cannot be used. */
export function checkPrompts(prompts: Prompts, photo: Size): void {
  const { points, box, strokes, previousMask } = prompts
  const nothing = points.length === 0 && !box && !previousMask && !strokes?.some((s) => s.points.length > 0)
  if (nothing) throw invalid('There is nothing to go by. Place a click, a box, a stroke or a mask.')
  points.forEach((p, i) => {
    if (!(p.x >= 0 && p.x < photo.width && p.y >= 0 && p.y < photo.height)) {
      throw invalid(
        `Click ${i + 1} (${p.x}, ${p.y}) lies outside the photo (${photo.width} x ${photo.height}).`,
      )
    }
    if (p.label !== 0 && p.label !== 1) throw invalid(`Click ${i + 1} has label ${p.label}; use 1 or 0.`)
  })
  if (box) {
    const [x0, y0, x1, y1] = box
    if (!(x0 <= x1 && y0 <= y1 && x1 >= 0 && y1 >= 0 && x0 < photo.width && y0 < photo.height)) {
      throw invalid(`The box ${box.join(', ')} does not lie in the photo (${photo.width} x ${photo.height}).`)
    }
  }
  for (const stroke of strokes ?? []) {
    if (!(stroke.radius >= 0 && stroke.radius < 1e5))
      throw invalid(`A stroke has the radius ${stroke.radius}.`)
    if (stroke.label !== 0 && stroke.label !== 1)
      throw invalid(`A stroke has label ${stroke.label}; use 1 or 0.`)
    for (const [x, y] of stroke.points) {
      if (!(Math.abs(x) < 1e6 && Math.abs(y) < 1e6)) throw invalid(`A stroke goes through (${x}, ${y}).`)
    }
  }
  if (previousMask && previousMask.length !== photo.width * photo.height) {
    throw invalid(
      `The previous mask has ${previousMask.length} pixels, the photo ${photo.width * photo.height}.`,
    )
  }
}

function invalid(message: string): PreviewError {
  return new PreviewError('prompt_invalid', message)
}

/** The seed of a photo pixel: here, and for the box below, photo pixels become working pixels. */
export function seedAt(x: number, y: number, photo: Size, topology: Topology): Seed {
  const wx = ((Math.floor(x) + 0.5) * topology.width) / photo.width
  const wy = ((Math.floor(y) + 0.5) * topology.height) / photo.height
  const column = Math.min(topology.width - 1, Math.floor(wx))
  const row = Math.min(topology.height - 1, Math.floor(wy))
  return { x: wx, y: wy, region: topology.labels[row * topology.width + column] }
}

/** Turns checked prompts into seeds on the region graph. */
export function toSeeds(prompts: Prompts, photo: Size, topology: Topology): Seeds {
  const scaleX = topology.width / photo.width
  const scaleY = topology.height / photo.height
  const inside: Seed[] = []
  const outside: Seed[] = []
  const latest = new Map<number, number>()
  prompts.points.forEach((p, i) => {
    latest.set(Math.floor(p.y) * photo.width + Math.floor(p.x), i)
  })
  prompts.points.forEach((p, i) => {
    if (latest.get(Math.floor(p.y) * photo.width + Math.floor(p.x)) !== i) return
    if (p.label === 1) inside.push(seedAt(p.x, p.y, photo, topology))
    else outside.push(seedAt(p.x, p.y, photo, topology))
  })
  // A hand that goes over a stroke again means the later one: each region has the label of its last stroke.
  const painted = new Map<number, { seed: Seed; label: 0 | 1 }>()
  for (const stroke of prompts.strokes ?? []) {
    const seen = new Set<number>()
    for (const [x, y] of strokePath(stroke.points, 1 / scaleX)) {
      if (x < 0 || y < 0 || x >= photo.width || y >= photo.height) continue
      const seed = seedAt(x, y, photo, topology)
      if (seen.has(seed.region)) continue
      seen.add(seed.region)
      painted.set(seed.region, { seed, label: stroke.label })
    }
  }
  for (const { seed, label } of painted.values()) {
    if (label === 1) inside.push(seed)
    else outside.push(seed)
  }
  let box: Seeds['box'] = null
  if (prompts.box) {
    const [x0, y0, x1, y1] = prompts.box
    box = [
      Math.max(0, x0) * scaleX,
      Math.max(0, y0) * scaleY,
      Math.min(photo.width, x1 + 1) * scaleX,
      Math.min(photo.height, y1 + 1) * scaleY,
    ]
  }
  return { inside, outside, box }
}

/** Checked prompts of a photo as prompts of a smaller copy of it; a previous mask by its nearest pixels. */
export function scalePrompts(prompts: Prompts, from: Size, to: Size): Prompts {
  const [scaleX, scaleY] = [to.width / from.width, to.height / from.height]
  const { points, strokes, previousMask } = prompts
  return {
    points: points.map(({ x, y, label }) => ({
      x: Math.floor((Math.floor(x) + 0.5) * scaleX),
      y: Math.floor((Math.floor(y) + 0.5) * scaleY),
      label,
    })),
    strokes: strokes?.map((stroke) => ({
      ...stroke,
      radius: stroke.radius * scaleX,
      points: stroke.points.map(([x, y]) => [x * scaleX, y * scaleY] as const),
    })),
    previousMask: previousMask ? shrinkMask(previousMask, from, to) : null,
  }
}

function shrinkMask(mask: Uint8Array, from: Size, to: Size): Uint8Array {
  const small = new Uint8Array(to.width * to.height)
  for (let y = 0, p = 0; y < to.height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / to.height) * from.width
    for (let x = 0; x < to.width; x++, p++) {
      small[p] = mask[row + Math.floor(((x + 0.5) * from.width) / to.width)]
    }
  }
  return small
}

/** Points along a stroke, at most `step` photo pixels apart. */
export function* strokePath(
  points: readonly (readonly [number, number])[],
  step: number,
): Generator<readonly [number, number]> {
  for (let i = 0; i < points.length; i++) {
    yield points[i]
    if (i + 1 === points.length) return
    const [x0, y0] = points[i]
    const [x1, y1] = points[i + 1]
    const reach = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))
    const parts = Math.min(20000, Math.ceil(reach / Math.max(0.5, step)))
    for (let k = 1; k < parts; k++) yield [x0 + ((x1 - x0) * k) / parts, y0 + ((y1 - y0) * k) / parts]
  }
}
