/** Selecting: every tool, every step back and forth, by hand and by keys, and what survives a reload. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { readDraft } from './draft.ts'
import {
  choosePhoto,
  clickPhoto,
  makeObject,
  openPage,
  placeOf,
  selectedShare,
  signInOnPage,
} from './page.ts'
import { usePage } from './page-suite.ts'
import { signIn } from './session.ts'

const { stack, duck, photo, browser } = usePage()
const { image } = duck
const [BODY, HEAD] = duck.inside

async function open() {
  const opened = await openPage(browser(), stack)
  await signInOnPage(opened.page, stack)
  const sessionId = await choosePhoto(opened.page, photo)
  return { ...opened, sessionId }
}

async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]) {
  const [start, end] = [await placeOf(page, image, from), await placeOf(page, image, to)]
  await page.mouse.move(start.x, start.y)
  await page.mouse.down()
  await page.mouse.move(end.x, end.y, { steps: 6 })
  await page.mouse.up()
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

test('points are moved and removed one by one, and every step is undone and redone', async () => {
  const { page, sessionId, complaints } = await open()
  const points = async () => (await readDraft(page, sessionId)).layers[0].points
  await clickPhoto(page, image, BODY)
  await clickPhoto(page, image, HEAD)
  await clickPhoto(page, image, duck.outside[0], 0)
  await expect.poll(async () => (await points()).map((point) => point.label)).toEqual([1, 1, 0])
  const before = await points()
  expect(Math.abs(before[0].x - BODY[0]) + Math.abs(before[0].y - BODY[1])).toBeLessThanOrEqual(2)

  await drag(page, BODY, [BODY[0] + 40, BODY[1] + 10])
  await expect.poll(async () => (await points())[0].x).toBeGreaterThan(BODY[0] + 36)
  const moved = await points()
  // The first of three, and not the last, is the marked one.
  await clickPhoto(page, image, [moved[0].x, moved[0].y])
  await page.keyboard.press('Delete')
  await expect.poll(points).toEqual(moved.slice(1))

  // The focus is on a button now: undo works all the same.
  await press(page, 'Clear')
  await expect.poll(points).toEqual([])
  await page.keyboard.press('Control+z')
  await expect.poll(points).toEqual(moved.slice(1))
  await page.keyboard.press('Control+z')
  await expect.poll(points).toEqual(moved)
  await page.keyboard.press('Control+z')
  await expect.poll(points).toEqual(before)
  for (let i = 0; i < 3; i++) await press(page, 'Undo')
  await expect.poll(points).toEqual([])
  expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true)
  for (let i = 0; i < 6; i++) await page.keyboard.press('Control+Shift+z')
  await expect.poll(points).toEqual([])
  await page.keyboard.press('Control+z')
  await expect.poll(points).toEqual(moved.slice(1))
  expect(complaints).toEqual([])
  await page.context().close()
})

test('box, brush, suggestions, threshold, invert and looks do what they say', async () => {
  const { page, sessionId, complaints } = await open()
  const layer = async () => (await readDraft(page, sessionId)).layers[0]
  await press(page, 'Box')
  await drag(page, [130, 60], [480, 420])
  await expect.poll(async () => (await layer()).box?.length).toBe(4)
  await expect.poll(() => selectedShare(page)).toBeGreaterThan(5)

  await press(page, 'Clear')
  await press(page, 'Click')
  for (const pixel of duck.inside) await clickPhoto(page, image, pixel)
  // Until the clicks are answered, what was said last is about the box, and the list is empty.
  const listed = page.locator('.layers .active .hint', { hasText: '%' })
  const clicked = Number.parseFloat((await listed.textContent()) ?? '')
  await press(page, 'Brush')
  await page.getByLabel('Brush size').fill('30')
  await drag(page, [20, 450], [120, 450])
  await expect.poll(() => selectedShare(page)).toBeGreaterThan(clicked * 1.2)
  const painted = await selectedShare(page)
  await page.keyboard.down('Alt')
  await drag(page, [20, 450], [120, 450])
  await page.keyboard.up('Alt')
  await expect.poll(() => selectedShare(page)).toBeLessThan(painted * 0.8)
  expect((await layer()).strokes.map((stroke) => stroke.label)).toEqual([1, 0])

  await press(page, 'Clear')
  await press(page, 'Click')
  await clickPhoto(page, image, HEAD)
  await page.getByRole('button', { name: /^Suggestion 2 of/ }).waitFor()
  const first = await selectedShare(page)
  await page.mouse.wheel(0, 120)
  await expect.poll(async () => (await layer()).candidate).toBe(1)
  await expect.poll(() => selectedShare(page)).not.toBe(first)
  // A trackpad sends a notch in small parts.
  for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -20)
  await expect.poll(async () => (await layer()).candidate).toBe(0)
  await expect.poll(() => selectedShare(page)).toBe(first)

  const threshold = page.getByLabel('Looser or tighter')
  await threshold.fill('-4')
  await expect.poll(() => selectedShare(page)).toBeGreaterThan(first)
  await threshold.fill('4')
  await expect.poll(() => selectedShare(page)).toBeLessThan(first)
  await press(page, 'Undo')
  await press(page, 'Undo')
  await expect.poll(() => selectedShare(page)).toBe(first)
  await page.getByLabel('Invert').check()
  await expect.poll(async () => Math.abs((await selectedShare(page)) + first - 100)).toBeLessThan(1.1)
  await page.getByLabel('Invert').uncheck()

  const stage = page.getByTestId('stage')
  await page.mouse.move(5, 5)
  for (const look of ['Tint', 'Edge']) {
    const before = await stage.screenshot()
    await page.getByLabel(look).fill('0')
    await page.waitForTimeout(150)
    expect((await stage.screenshot()).equals(before)).toBe(false)
  }
  await page.getByText('Keys and gestures').click()
  await page.getByText('crosshair, add or take away').waitFor()
  await page.getByText('The stored embedding gives the same selection.').waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
})

test('zoomed and moved, a click hits the pixel under it', async () => {
  const { page, sessionId, complaints } = await open()
  const at = await placeOf(page, image, BODY)
  await page.mouse.move(at.x, at.y)
  await page.keyboard.down('Control')
  for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -200)
  await page.keyboard.up('Control')
  await page.mouse.down({ button: 'middle' })
  await page.mouse.move(at.x + 60, at.y + 30, { steps: 4 })
  await page.mouse.up({ button: 'middle' })
  await page.mouse.click(at.x + 60, at.y + 30)
  const points = async () => (await readDraft(page, sessionId)).layers[0].points
  const point = async () => (await points())[0]
  // A mouse stands on whole CSS pixels, of which one was most of a photo's pixel before the zoom.
  const near = (a: number, b: number) => Math.abs(a - b) <= 1
  await expect.poll(async () => near((await point())?.x ?? 0, BODY[0])).toBe(true)
  expect(near((await point()).y, BODY[1])).toBe(true)
  await page.keyboard.press('0')
  await clickPhoto(page, image, HEAD)
  await expect.poll(async () => near((await points()).at(-1)?.x ?? 0, HEAD[0])).toBe(true)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('several objects have names and colours, are undone too, survive a reload, and are made together', async () => {
  const { page, sessionId, complaints } = await open()
  await clickPhoto(page, image, BODY)
  await page.getByLabel('Name', { exact: true }).fill('Duck')
  await page.getByRole('button', { name: 'Another object' }).click()
  const names = page.getByLabel('Name', { exact: true })
  await names.nth(1).fill('Table')
  await clickPhoto(page, image, duck.outside[1])
  await page.getByLabel('Looser or tighter').fill('1')
  const colours = await page
    .locator('.layers .swatch circle')
    .evaluateAll((all) => all.map((each) => each.getAttribute('fill')))
  expect(new Set(colours).size).toBe(2)

  // Not a moment later: what was done last counts as well.
  await page.reload()
  await page.getByTestId('stage').waitFor()
  await expect.poll(() => names.nth(1).inputValue()).toBe('Table')
  const draft = await readDraft(page, sessionId)
  expect(draft.layers.map((layer) => [layer.name, layer.points.length, layer.shift ?? 0])).toEqual([
    ['Duck', 1, 0],
    ['Table', 1, 1],
  ])
  await expect.poll(() => page.getByText('nothing selected').count()).toBe(0)

  await page.getByRole('button', { name: 'Remove Table' }).click()
  await expect.poll(() => names.count()).toBe(1)
  await press(page, 'Undo')
  await expect.poll(() => names.count()).toBe(2)
  await names.nth(0).fill('Yellow duck')
  await page.getByLabel('Select for Table').check()
  await page.keyboard.press('Control+z')
  await expect.poll(() => names.nth(0).inputValue()).toBe('Duck')

  await makeObject(page)
  await page.getByRole('heading', { level: 3, name: 'Duck' }).waitFor()
  await page.getByRole('heading', { level: 3, name: 'Table' }).waitFor()
  const { client } = await signIn(stack)
  const { jobs } = await client.readSession(sessionId)
  expect(jobs.map((job) => job.kind).sort()).toEqual(['embed', 'reconstruct'])
  expect(complaints).toEqual([])
  await page.context().close()
})

test('by keys alone a person selects with a crosshair and a box, and makes the object', async () => {
  const { page, sessionId, complaints } = await open()
  const layer = async () => (await readDraft(page, sessionId)).layers[0]
  const stage = page.getByTestId('stage')
  for (let i = 0; i < 40 && !(await stage.evaluate((it) => it === document.activeElement)); i++)
    await page.keyboard.press('Tab')
  // The crosshair starts in the middle of the photo.
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await layer()).points).toEqual([{ x: 320, y: 241, label: 1 }])
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowUp')
  await page.keyboard.press('-')
  await expect.poll(async () => (await layer()).points.map((point) => point.label)).toEqual([1, 0])
  await page.keyboard.press('Delete')
  await expect.poll(async () => (await layer()).points).toHaveLength(1)
  await page.keyboard.press('b')
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown')
  await page.keyboard.press('b')
  await expect.poll(async () => (await layer()).box?.length).toBe(4)
  await page.keyboard.press('Control+z')
  await expect.poll(async () => (await layer()).box).toBe(null)
  await expect.poll(() => selectedShare(page)).toBeGreaterThan(3)
  await page.locator('button[type=submit][aria-disabled=false]').waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')
  for (let i = 0; i < 60 && !(await focused()).startsWith('Make 3D'); i++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Keep it' }).waitFor({ timeout: 60_000 })
  expect(complaints).toEqual([])
  await page.context().close()
})
