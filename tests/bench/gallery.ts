/**
 * `pnpm gallery [--data DIR] [--every N]`: one page to look at under output/gallery: photo, mask after 1, 3 and 5 robot
 * clicks, mesh and splat from four sides; where an earlier commit's gallery stands, beside it. DIR holds an index.json as
 * bench:clicks takes it; without it our own duck is drawn.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { decodeImage } from '@gen3d/image/decode'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { readMaskPng } from '@gen3d/image/mask-png'
import { fitWithin, resizeImage } from '@gen3d/image/resize'
import type { Image, Mask } from '@gen3d/image/types'
import { createDecoder } from '@gen3d/preview/decode'
import { embedPhoto } from '@gen3d/preview/embed'
import { buildScene } from '@gen3d/preview/reconstruct'
import type { PointPrompt } from '@gen3d/shared/prompts'
import { intersectionOverUnion, Robot } from '../../packages/preview/train/robot.ts'
import { ROOT } from '../../scripts/steps.ts'
import { duckPhoto } from './duck-photo.ts'
import { galleryPage } from './gallery-page.ts'
import { blank, drawDot, drawSelection, paste } from './picture.ts'
import { drawSplat } from './splat-view.ts'
import { drawMesh, FOUR_SIDES, sideCamera } from './views.ts'

const OUTPUT = join(ROOT, 'output', 'gallery')
const CLICKS_SHOWN = [1, 3, 5]
/** Photo and three masks; four sides of the mesh; four of the splat. */
const COLUMNS = 4
/** Pixels a side. */
const TILE = 260
const BACKGROUND = [238, 241, 245] as const
const COLOURS = { 1: [37, 99, 235], 0: [220, 38, 38] } as const

interface Case {
  readonly id: string
  readonly photo: () => Promise<Image>
  readonly truth: () => Mask
}

const { values: options } = parseArgs({
  options: { data: { type: 'string' }, every: { type: 'string', default: '1' } },
})
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim()
const before = keepBefore()
const cases = readCases().filter((_, i) => i % Number(options.every) === 0)
const rows = []
for (const one of cases) {
  const name = `${one.id.replaceAll('/', '-')}.jpg`
  const note = await drawRow(one, join(OUTPUT, 'now', name)).catch(
    (error: Error) => `failed: ${error.message}`,
  )
  const old = before && existsSync(join(OUTPUT, 'before', name)) ? `before/${name}` : null
  rows.push({ id: one.id, note, now: `now/${name}`, before: old })
  writeFileSync(join(OUTPUT, 'index.html'), galleryPage({ commit, before, rows }))
  console.log(`${one.id}: ${note}`)
}
console.log(join(OUTPUT, 'index.html'))

/** The results of another commit become the ones to compare with; returns that commit. */
function keepBefore(): string | null {
  const [now, old] = [join(OUTPUT, 'now'), join(OUTPUT, 'before')]
  const mark = (folder: string) =>
    existsSync(join(folder, 'commit')) ? readFileSync(join(folder, 'commit'), 'utf8') : null
  if (mark(now) !== null && mark(now) !== commit) {
    rmSync(old, { recursive: true, force: true })
    renameSync(now, old)
  }
  mkdirSync(now, { recursive: true })
  writeFileSync(join(now, 'commit'), commit)
  return mark(old)
}

function readCases(): Case[] {
  const folder = options.data
  if (folder === undefined) {
    return [{ id: 'duck', photo: async () => duckPhoto().image, truth: () => duckPhoto().mask }]
  }
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Record<string, string>[]
  return index
    .filter((row) => row.mask)
    .map((row) => ({
      id: row.id,
      photo: () => decodeImage(readFileSync(join(folder, row.image))),
      truth: () => readMaskPng(readFileSync(join(folder, row.mask))),
    }))
}

/** Draws a case as three lines of tiles: photo and masks, mesh, splat; says the IoUs. */
async function drawRow(one: Case, path: string): Promise<string> {
  const [photo, truth] = [await one.photo(), one.truth()]
  const decoder = createDecoder(embedPhoto(photo), photo)
  const robot = new Robot({ ...truth, mask: truth.data })
  const points: PointPrompt[] = []
  const mask = { ...truth, data: new Uint8Array(truth.data.length) }
  const tiles: Image[] = [fit(photo)]
  const scores: string[] = []
  for (let click = 1; click <= CLICKS_SHOWN[CLICKS_SHOWN.length - 1]; click++) {
    const next = robot.next(mask.data)
    if (next) {
      points.push(next)
      mask.data.set(decoder.decode({ points, box: null })[0].mask)
    }
    if (!CLICKS_SHOWN.includes(click)) continue
    tiles.push(fit(drawClicks(photo, mask, points)))
    scores.push(intersectionOverUnion(mask.data, truth.data).toFixed(3))
  }
  const { objects } = await buildScene(photo, [mask], { quality: 'standard' }, async () => {})
  const { mesh, splat } = objects[0]
  for (const yaw of FOUR_SIDES) tiles.push(drawMesh(mesh, yaw, TILE))
  // Twice as large and averaged down, as the meshes are.
  for (const yaw of FOUR_SIDES)
    tiles.push(resizeImage(drawSplat(splat, sideCamera(mesh, yaw, 2 * TILE)), TILE, TILE))
  const sheet = blank(COLUMNS * TILE, 3 * TILE, BACKGROUND)
  for (const [i, tile] of tiles.entries()) {
    const [column, line] = [i % COLUMNS, Math.floor(i / COLUMNS)]
    const inset = (side: number) => Math.round((TILE - side) / 2)
    paste(sheet, tile, column * TILE + inset(tile.width), line * TILE + inset(tile.height))
  }
  writeFileSync(path, encodeJpeg(sheet, 88))
  return `IoU after 1, 3, 5 clicks ${scores.join(', ')}`
}

function drawClicks(photo: Image, mask: Mask, points: readonly PointPrompt[]): Image {
  const scale = Math.max(photo.width, photo.height) / TILE
  const drawn = drawSelection(photo, mask, scale)
  for (const { x, y, label } of points) drawDot(drawn, x, y, 4 * scale, COLOURS[label])
  return drawn
}

function fit(image: Image): Image {
  const { width, height } = fitWithin(image.width, image.height, TILE - 12)
  return resizeImage(image, width, height)
}
