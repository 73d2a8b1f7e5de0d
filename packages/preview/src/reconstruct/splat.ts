/**
 * Gaussians on both sheets of the solid, at the points of a regular grid of the photo: each lies in the surface's
 * tangent plane and is stretched so that the photo's camera sees a round spot of the grid's spacing.
 */
import type { Image, Mask } from '@gen3d/image/types'
import { type Atlas, pixelWeights } from './atlas.ts'
import type { Placement } from './camera.ts'
import { fitColours } from './fit-colours.ts'
import type { OutlineMesh } from './outline-mesh.ts'
import type { Silhouette } from './silhouette.ts'
import type { Solid } from './solid.ts'
import { principalAxes, quaternionFromAxes, type Vector } from './tangent-frame.ts'

export interface Splat {
  readonly count: number
  /** x, y, z, metres, manifest's frame. */
  readonly positions: Float32Array
  /** Standard deviations along the gaussian's own axes, metres. */
  readonly scales: Float32Array
  /** Unit quaternions w, x, y, z: the gaussian's own axes to the manifest's frame. */
  readonly rotations: Float32Array
  /** Red, green, blue, 0-1, as displayed (sRGB). */
  readonly colors: Float32Array
  /** 0-1. */
  readonly opacities: Float32Array
}

/** Part of the gaussians that goes to the front sheet. */
const FRONT_SHARE = 0.6
/** Standard deviation over the spacing: wide enough to close the surface, narrow enough to keep the photo sharp. */
const SPREAD = 0.5
/** Thickness over the smaller deviation in the surface. */
const THICKNESS = 0.15
/** A gaussian on a steep side is at most this much longer than wide. */
const MAX_STRETCH = 8
const OPACITY = 0.98
/** A small object gets fewer gaussians: more than two a pixel would only blur one another. */
const MIN_SPACING = 0.7

interface Sheet {
  readonly spacing: number
  readonly pointOffset: number
  readonly tile: readonly [number, number]
}

/** What one sheet's gaussians are, before they are put together. */
interface SheetSplat {
  readonly count: number
  readonly positions: Float32Array
  readonly scales: Float32Array
  readonly rotations: Float32Array
  readonly colors: Float64Array
  /** Pixel x, y and distance from the camera. */
  readonly pixels: Float64Array
  readonly depths: Float64Array
}

export function buildSplat(
  photo: Image,
  mask: Mask,
  s: Silhouette,
  outline: OutlineMesh,
  solid: Solid,
  atlas: Atlas,
  placement: Placement,
  scale: number,
  targetCount: number,
): Splat {
  const spacing = (n: number): number => Math.max(MIN_SPACING, Math.sqrt(s.area / n))
  const front: Sheet = { spacing: spacing(targetCount * FRONT_SHARE), pointOffset: 0, tile: atlas.front }
  const back: Sheet = {
    spacing: spacing(targetCount * (1 - FRONT_SHARE)),
    pointOffset: outline.corners.length,
    tile: atlas.back,
  }
  const parts = [front, back].map((sheet) => coverSheet(sheet, s, outline, solid, atlas, placement, scale))
  const { count, pixels, depths, colors } = parts[0]
  fitColours(
    photo,
    pixelWeights(mask, s.box),
    s.box,
    {
      at: pixels.subarray(0, 2 * count),
      depth: depths.subarray(0, count),
      deviation: front.spacing * SPREAD,
      opacity: OPACITY,
    },
    colors,
  )
  const total = parts[0].count + parts[1].count
  const join = (width: number, of: (part: SheetSplat) => ArrayLike<number>): Float32Array => {
    const out = new Float32Array(total * width)
    let at = 0
    for (const part of parts) {
      const values = of(part)
      for (let i = 0; i < part.count * width; i++) out[at++] = values[i]
    }
    return out
  }
  return {
    count: total,
    positions: join(3, (part) => part.positions),
    scales: join(3, (part) => part.scales),
    rotations: join(4, (part) => part.rotations),
    colors: join(3, (part) => part.colors),
    opacities: new Float32Array(total).fill(OPACITY),
  }
}

/** Gaussians at the grid points under each triangle of a sheet; all of a triangle's share their shape. */
function coverSheet(
  sheet: Sheet,
  s: Silhouette,
  outline: OutlineMesh,
  solid: Solid,
  atlas: Atlas,
  placement: Placement,
  scale: number,
): SheetSplat {
  const d = sheet.spacing
  const across = Math.ceil((s.columns * s.cell) / d)
  const down = Math.ceil((s.rows * s.cell) / d)
  const room = across * down
  const taken = new Uint8Array(room)
  const positions = new Float32Array(room * 3)
  const scales = new Float32Array(room * 3)
  const rotations = new Float32Array(room * 4)
  const colors = new Float64Array(room * 3)
  const pixels = new Float64Array(room * 2)
  const depths = new Float64Array(room)
  const { positions: flat, triangles } = outline
  const slack = 1e-9 * s.cell * s.cell
  let count = 0
  for (let t = 0; t < triangles.length; t += 3) {
    const a = triangles[t]
    const b = triangles[t + 1]
    const c = triangles[t + 2]
    const ax = flat[2 * a]
    const ay = flat[2 * a + 1]
    const bx = flat[2 * b]
    const by = flat[2 * b + 1]
    const cx = flat[2 * c]
    const cy = flat[2 * c + 1]
    const i0 = Math.max(0, Math.ceil((Math.min(ax, bx, cx) - s.x0) / d - 0.5))
    const i1 = Math.min(across - 1, Math.floor((Math.max(ax, bx, cx) - s.x0) / d - 0.5))
    const j0 = Math.max(0, Math.ceil((Math.min(ay, by, cy) - s.y0) / d - 0.5))
    const j1 = Math.min(down - 1, Math.floor((Math.max(ay, by, cy) - s.y0) / d - 0.5))
    if (i0 > i1 || j0 > j1) continue
    const det = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    const pa = 3 * (a + sheet.pointOffset)
    const pb = 3 * (b + sheet.pointOffset)
    const pc = 3 * (c + sheet.pointOffset)
    const p = solid.points
    // How the surface point moves with the pixel, and its place for pixel (0, 0).
    const du = [0, 0, 0]
    const dv = [0, 0, 0]
    const at = [0, 0, 0]
    for (let k = 0; k < 3; k++) {
      const b1 = scale * (p[pb + k] - p[pa + k])
      const c1 = scale * (p[pc + k] - p[pa + k])
      du[k] = (b1 * (cy - ay) - c1 * (by - ay)) / det
      dv[k] = (c1 * (bx - ax) - b1 * (cx - ax)) / det
      at[k] = scale * p[pa + k] - du[k] * ax - dv[k] * ay
    }
    const axes = principalAxes(placement.turn(du[0], du[1], du[2]), placement.turn(dv[0], dv[1], dv[2]))
    if (!axes) continue
    const { major, minor, short } = axes
    const long = Math.min(axes.long, short * MAX_STRETCH)
    const normal: Vector = [
      major[1] * minor[2] - major[2] * minor[1],
      major[2] * minor[0] - major[0] * minor[2],
      major[0] * minor[1] - major[1] * minor[0],
    ]
    const rotation = quaternionFromAxes(major, minor, normal)
    for (let j = j0; j <= j1; j++) {
      const y = s.y0 + (j + 0.5) * d
      for (let i = i0; i <= i1; i++) {
        const slot = j * across + i
        if (taken[slot] === 1) continue
        const x = s.x0 + (i + 0.5) * d
        // Pixels count downwards, so that triangles turn the other way: inside, all three are <= 0.
        if ((bx - x) * (cy - y) - (by - y) * (cx - x) > slack) continue
        if ((cx - x) * (ay - y) - (cy - y) * (ax - x) > slack) continue
        if ((ax - x) * (by - y) - (ay - y) * (bx - x) > slack) continue
        taken[slot] = 1
        const z = at[2] + du[2] * x + dv[2] * y
        positions.set(
          placement.toManifest(at[0] + du[0] * x + dv[0] * y, at[1] + du[1] * x + dv[1] * y, z),
          3 * count,
        )
        scales[3 * count] = long * d * SPREAD
        scales[3 * count + 1] = short * d * SPREAD
        scales[3 * count + 2] = short * d * SPREAD * THICKNESS
        rotations.set(rotation, 4 * count)
        pixels[2 * count] = x
        pixels[2 * count + 1] = y
        depths[count] = -z
        meanColour(atlas, sheet.tile, x, y, d, colors, 3 * count)
        count++
      }
    }
  }
  return { count, positions, scales, rotations, colors, pixels, depths }
}

/** Writes the mean colour of the texels of a picture around a pixel position, over `width` pixels each way. */
function meanColour(
  atlas: Atlas,
  tile: readonly [number, number],
  x: number,
  y: number,
  width: number,
  out: Float64Array,
  offset: number,
): void {
  const side = atlas.image.width
  const { data } = atlas.image
  const half = Math.max(0.5, (width * atlas.scale) / 2)
  const cx = x * atlas.scale + tile[0]
  const cy = y * atlas.scale + tile[1]
  const x0 = Math.max(0, Math.min(side - 1, Math.round(cx - half)))
  const y0 = Math.max(0, Math.min(side - 1, Math.round(cy - half)))
  const x1 = Math.min(side, Math.max(x0 + 1, Math.round(cx + half)))
  const y1 = Math.min(side, Math.max(y0 + 1, Math.round(cy + half)))
  let r = 0
  let g = 0
  let b = 0
  let n = 0
  for (let j = y0; j < y1; j++) {
    for (let i = x0; i < x1; i++) {
      const o = (j * side + i) * 4
      r += data[o]
      g += data[o + 1]
      b += data[o + 2]
      n++
    }
  }
  out[offset] = r / (255 * n)
  out[offset + 1] = g / (255 * n)
  out[offset + 2] = b / (255 * n)
}
