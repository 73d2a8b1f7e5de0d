/**
 * Gaussians on the whole surface of the solid. Where it faces the photo's camera they stand at the points of a regular
 * grid of the photo, each a round spot of the grid's spacing to that camera; steep flanks are cut into pieces of the same size (splat-flank.ts), because the grid would leave gaps there.
 */
import { meanColour, pixelWeights } from './atlas.ts'
import { fitColours } from './fit-colours.ts'
import { type Gaussian, GaussianList } from './gaussian-list.ts'
import { type Corner, cutTriangle, spreadOf } from './splat-flank.ts'
import {
  FACING,
  NOTHING,
  type Sheet,
  type SplatSource,
  STEEP,
  slopeOf,
  sortTriangles,
} from './splat-sheet.ts'
import { principalAxes } from './tangent-frame.ts'

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

/** Spacing on the back sheet over that on the front: nobody has seen its detail. */
const BACK_SPACING = 1.8
/** Standard deviation over the spacing: wide enough to close the surface, narrow enough to keep the photo sharp. */
const SPREAD = 0.5
/** Longest edge of a piece over the spacing: on flanks the texture is soft along the photo's rays. */
const PIECE = 6
/** Deviation of a piece over the root of its corners' scatter; a little less than a grid cell's. */
const PIECE_SPREAD = 0.5
/**
 * Pieces stand this many photo pixels inside the surface: many lie behind one another at the rim, each widened by the
 * renderer, and together they would reach beyond the outline.
 */
const INSET = 0.6
const OPACITY = 0.98
/** A small object gets fewer gaussians: more than two a pixel would only blur one another. */
const MIN_SPACING = 0.7
/** Rounds that find the spacing for a wanted number. */
const ROUNDS = 4
const CLOSE_ENOUGH = 0.02

/** About `targetCount` gaussians; fewer where the object is small in the photo. */
export function buildSplat(source: SplatSource, targetCount: number): Splat {
  const { silhouette: s } = source
  const [front, back] = [false, true].map((isBack) => sortTriangles(source, isBack))
  let spacing = Math.max(MIN_SPACING, Math.sqrt((1.6 * s.area) / targetCount))
  for (let round = 0; round < ROUNDS; round++) {
    const next = Math.max(
      MIN_SPACING,
      spacing * Math.sqrt(countAt(source, front, back, spacing) / targetCount),
    )
    const near = Math.abs(next - spacing) < CLOSE_ENOUGH * spacing
    spacing = next
    if (near) break
  }
  const list = new GaussianList()
  coverFacing(source, front, spacing, list)
  const facing = list.count
  coverSteep(source, front, spacing, list)
  const seen = list.count
  coverFacing(source, back, spacing * BACK_SPACING, list)
  coverSteep(source, back, spacing * BACK_SPACING, list)

  const colors = list.column('colors', list.count)
  fitColours(
    source.photo,
    pixelWeights(source.mask, s.box),
    s.box,
    {
      at: list.column('at', seen),
      depth: list.column('depth', seen),
      covariance: list.column('covariance', seen),
      facing,
      deviation: spacing * SPREAD,
      opacity: OPACITY,
    },
    colors,
  )
  return {
    count: list.count,
    positions: new Float32Array(list.column('positions', list.count)),
    scales: new Float32Array(list.column('scales', list.count)),
    rotations: new Float32Array(list.column('rotations', list.count)),
    colors: new Float32Array(colors),
    opacities: new Float32Array(list.count).fill(OPACITY),
  }
}

/** Gaussians at the grid points under each triangle of a sheet that is not steep; all of a triangle's share their shape. */
function coverFacing(source: SplatSource, sheet: Sheet, d: number, list: GaussianList): void {
  const { silhouette: s, outline, atlas, placement } = source
  const { positions: flat, triangles } = outline
  const across = Math.ceil((s.columns * s.cell) / d)
  const down = Math.ceil((s.rows * s.cell) / d)
  const taken = new Uint8Array(across * down)
  const slack = 1e-9 * s.cell * s.cell
  const deviation = d * SPREAD
  const covariance = [deviation * deviation, 0, deviation * deviation] as const
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [triangles[t], triangles[t + 1], triangles[t + 2]]
    const [ax, ay] = [flat[2 * a], flat[2 * a + 1]]
    const [bx, by] = [flat[2 * b], flat[2 * b + 1]]
    const [cx, cy] = [flat[2 * c], flat[2 * c + 1]]
    const i0 = Math.max(0, Math.ceil((Math.min(ax, bx, cx) - s.x0) / d - 0.5))
    const i1 = Math.min(across - 1, Math.floor((Math.max(ax, bx, cx) - s.x0) / d - 0.5))
    const j0 = Math.max(0, Math.ceil((Math.min(ay, by, cy) - s.y0) / d - 0.5))
    const j1 = Math.min(down - 1, Math.floor((Math.max(ay, by, cy) - s.y0) / d - 0.5))
    if (i0 > i1 || j0 > j1) continue
    if (sheet.kinds[t / 3] !== FACING) continue
    const slope = slopeOf(source, t, sheet.isBack)
    if (!slope) continue
    const { at, du, dv, major, minor } = slope
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
        list.add(
          {
            place: [
              at[0] + du[0] * x + dv[0] * y,
              at[1] + du[1] * x + dv[1] * y,
              at[2] + du[2] * x + dv[2] * y,
            ],
            ...{ major, minor, long: slope.long * deviation, short: slope.short * deviation },
            at: [x, y],
            covariance,
            colour: meanColour(atlas, sheet.isBack ? atlas.back : atlas.front, x, y, d),
          },
          placement.toManifest,
        )
      }
    }
  }
}

/** Gaussians on the pieces of the steep triangles of a sheet. */
function coverSteep(source: SplatSource, { isBack, kinds }: Sheet, d: number, list: GaussianList): void {
  const { triangles } = source.outline
  const longest = PIECE * d * pixelMetres(source)
  for (let t = 0; t < triangles.length; t += 3) {
    if (kinds[t / 3] !== STEEP) continue
    const corner = (k: number): Corner => cornerOf(source, triangles[t + k], isBack)
    cutTriangle(corner(0), corner(1), corner(2), longest, (a, b, c) =>
      addPiece(source, a, b, c, isBack, d, list),
    )
  }
}

/** Metres across a pixel at the object's middle. */
function pixelMetres({ placement, scale }: SplatSource): number {
  return scale / placement.camera.fx
}

function cornerOf({ outline, solid, scale }: SplatSource, v: number, back: boolean): Corner {
  const p = 3 * (v + (back ? outline.corners.length : 0))
  return [
    scale * solid.points[p],
    scale * solid.points[p + 1],
    scale * solid.points[p + 2],
    outline.positions[2 * v],
    outline.positions[2 * v + 1],
  ]
}

function addPiece(
  source: SplatSource,
  a: Corner,
  b: Corner,
  c: Corner,
  isBack: boolean,
  d: number,
  list: GaussianList,
): void {
  const { atlas, placement } = source
  const { u, v, screen } = spreadOf(a, b, c)
  const axes = principalAxes(placement.turn(u[0], u[1], u[2]), placement.turn(v[0], v[1], v[2]))
  if (!axes || !(axes.short > 0)) return
  const middle = (k: number): number => (a[k] + b[k] + c[k]) / 3
  // Scatter is half of what u and v span.
  const part = PIECE_SPREAD * Math.SQRT1_2
  // u x v points outwards on the front sheet, inwards on the back.
  const outwards = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
  const length = Math.sqrt(outwards[0] * outwards[0] + outwards[1] * outwards[1] + outwards[2] * outwards[2])
  const inset = ((isBack ? INSET : -INSET) * pixelMetres(source)) / length
  const gaussian: Gaussian = {
    place: [
      middle(0) + inset * outwards[0],
      middle(1) + inset * outwards[1],
      middle(2) + inset * outwards[2],
    ],
    ...{ major: axes.major, minor: axes.minor, long: axes.long * part, short: axes.short * part },
    at: [middle(3), middle(4)],
    covariance: [screen[0] * part * part, screen[1] * part * part, screen[2] * part * part],
    colour: meanColour(atlas, isBack ? atlas.back : atlas.front, middle(3), middle(4), d),
  }
  list.add(gaussian, placement.toManifest)
}

/** How many gaussians a spacing gives, nearly: grids by area, pieces counted. */
function countAt(source: SplatSource, front: Sheet, back: Sheet, spacing: number): number {
  const { positions: flat, triangles } = source.outline
  let count = 0
  const add = (): void => {
    count++
  }
  for (const { isBack, kinds } of [front, back]) {
    const d = isBack ? spacing * BACK_SPACING : spacing
    const longest = PIECE * d * pixelMetres(source)
    let area = 0
    for (let t = 0; t < triangles.length; t += 3) {
      if (kinds[t / 3] === NOTHING) continue
      const [a, b, c] = [triangles[t], triangles[t + 1], triangles[t + 2]]
      if (kinds[t / 3] === STEEP) {
        const corner = (v: number): Corner => cornerOf(source, v, isBack)
        cutTriangle(corner(a), corner(b), corner(c), longest, add)
      } else {
        const [bx, by] = [flat[2 * b] - flat[2 * a], flat[2 * b + 1] - flat[2 * a + 1]]
        const [cx, cy] = [flat[2 * c] - flat[2 * a], flat[2 * c + 1] - flat[2 * a + 1]]
        area += Math.abs(bx * cy - by * cx) / 2
      }
    }
    count += area / (d * d)
  }
  return count
}
