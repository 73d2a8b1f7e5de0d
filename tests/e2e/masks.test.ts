/**
 * A scripted user selects on twenty photos; the masks that the page sends are, byte for byte, those that
 * packages/preview computes in Node of the same photo and prompts. GEN3D_PHOTOS=DIR takes other photos: DIR/dev/index.json
 * lists {image, mask}.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { decodeImage } from '@gen3d/image/decode'
import { readMaskPng, writeMaskPng } from '@gen3d/image/mask-png'
import { createDecoder, type Decoder } from '@gen3d/preview/decode'
import { embedPhoto } from '@gen3d/preview/embed'
import type { ReconstructRequest } from '@gen3d/shared/api'
import type { PointPrompt } from '@gen3d/shared/prompts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Robot, tightBox } from '../../packages/preview/train/robot.ts'
import { drawScenes, type ScenePhoto } from '../fixtures/scenes.ts'
import { readDraft } from './draft.ts'
import { choosePhoto, clickPhoto, openBrowser, openPage, placeOf, pressMake, signInOnPage } from './page.ts'

const HOW_MANY = 20
const work = mkdtempSync(join(tmpdir(), 'gen3d-scenes-'))
const stack = inject('stack')
let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  rmSync(work, { recursive: true, force: true })
})

function readPhotos(folder: string): ScenePhoto[] {
  const rows = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    image: string
    mask: string
  }[]
  const step = Math.max(1, Math.floor(rows.length / HOW_MANY))
  return rows
    .filter(({ mask }, i) => mask && i % step === 0)
    .slice(0, HOW_MANY)
    .map(({ image, mask }) => ({
      name: basename(image),
      bytes: new Uint8Array(readFileSync(join(folder, image))),
      mask: readMaskPng(new Uint8Array(readFileSync(join(folder, mask)))),
    }))
}

type Hand = (
  page: Page,
  photo: ScenePhoto['mask'],
  rim: readonly [number, number, number, number],
) => Promise<void>

const drag = async (page: Page, photo: ScenePhoto['mask'], from: [number, number], to: [number, number]) => {
  const [a, b] = [await placeOf(page, photo, from), await placeOf(page, photo, to)]
  await page.mouse.move(a.x, a.y)
  await page.mouse.down()
  await page.mouse.move((a.x + b.x) / 2, (a.y + b.y) / 2, { steps: 3 })
  await page.mouse.move(b.x, b.y, { steps: 3 })
  await page.mouse.up()
}
const tool = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** What a person does beside clicking, in turn. */
const HANDS: readonly Hand[] = [
  async () => undefined,
  async (page, photo, [x0, y0, x1, y1]) => {
    await tool(page, 'Box')
    await drag(page, photo, [x0, y0], [x1, y1])
  },
  async (page, photo, [x0, y0, x1, y1]) => {
    await tool(page, 'Brush')
    const middle = Math.round((y0 + y1) / 2)
    await drag(
      page,
      photo,
      [Math.round(x0 + (x1 - x0) * 0.4), middle],
      [Math.round(x0 + (x1 - x0) * 0.6), middle],
    )
  },
  async (page) => void (await page.getByLabel('Invert').check()),
  async (page) => {
    await page.getByTestId('stage').focus()
    await page.keyboard.press(']')
  },
]

/** Selects as the robot user of the click protocol does, two clicks, then by hand. */
async function select(page: Page, photo: ScenePhoto, decoder: Decoder, hand: Hand): Promise<PointPrompt[]> {
  const robot = new Robot({ width: photo.mask.width, height: photo.mask.height, mask: photo.mask.data })
  const meant: PointPrompt[] = []
  let guess = new Uint8Array(photo.mask.data.length)
  for (let click = robot.next(guess); click && meant.length < 2; click = robot.next(guess)) {
    meant.push(click)
    await clickPhoto(page, photo.mask, [click.x, click.y], click.label)
    guess = new Uint8Array(decoder.decode({ points: meant })[0].mask)
  }
  const rim = tightBox({ width: photo.mask.width, height: photo.mask.height, mask: photo.mask.data })
  await hand(page, photo.mask, rim)
  return meant
}

test('the masks of twenty photos leave the page as Node computes them, byte for byte', async () => {
  const others = process.env.GEN3D_PHOTOS
  const photos = others ? readPhotos(join(others, 'dev')) : drawScenes()
  const { page, complaints } = await openPage(browser, stack)
  await signInOnPage(page, stack)
  let sent: ReconstructRequest | null = null
  // The mask is all that is wanted here: no job, which would take the processor from the next photo.
  await page.route(/\/reconstruct$/, async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    sent = route.request().postDataJSON()
    await route.abort('connectionfailed')
  })
  const differing: string[] = []
  for (const [index, photo] of photos.entries()) {
    const file = join(work, photo.name)
    writeFileSync(file, photo.bytes)
    const sessionId = await choosePhoto(page, file)
    const image = await decodeImage(photo.bytes)
    const decoder = createDecoder(embedPhoto(image), image)
    const meant = await select(page, photo, decoder, HANDS[index % HANDS.length])
    sent = null
    await pressMake(page)
    await expect.poll(() => sent, { timeout: 30_000 }).not.toBeNull()
    const [mask] = (sent as unknown as ReconstructRequest).masks

    const [draft] = (await readDraft(page, sessionId)).layers
    const { points, box, strokes } = draft
    expect(points).toHaveLength(meant.length)
    // The screen is coarser than the photo: a click lands on the pixel that was meant, or on one beside it.
    const reach = Math.ceil(Math.max(image.width / 640, image.height / 480)) + 1
    for (const [i, point] of points.entries()) {
      expect(point.label).toBe(meant[i].label)
      expect(Math.hypot(point.x - meant[i].x, point.y - meant[i].y)).toBeLessThanOrEqual(reach)
    }
    const candidates = decoder.decode({ points, box, strokes }, draft.shift)
    const chosen = candidates[Math.min(draft.candidate, candidates.length - 1)].mask
    const data = Uint8Array.from(chosen, (inside) => (draft.inverted ? 1 - inside : inside))
    const here = writeMaskPng({ width: image.width, height: image.height, data })
    if (!Buffer.from(here).equals(Buffer.from(mask.png_base64, 'base64'))) differing.push(photo.name)
    await page.goto(`${stack.web_url}#/`)
    await page.getByRole('heading', { name: 'Start with a photo' }).waitFor()
  }
  expect(photos.length).toBe(HOW_MANY)
  expect(differing).toEqual([])
  expect(complaints.filter((line) => !line.includes('Failed to load resource'))).toEqual([])
  await page.context().close()
}, 480_000)
