/** The viewer, hand by hand: turning, sliding, coming closer, looking at a spot, its looks, its picture, and its rest. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitForJob } from '@gen3d/client/wait'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import type { Image } from '@gen3d/image/types'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { drawDuck } from '../fixtures/duck.ts'
import { choosePhoto, clickPhoto, makeObject, openBrowser, openPage, signInOnPage } from './page.ts'
import { signIn, upload } from './session.ts'
import { objectPixels, settled } from './viewer-pixels.ts'

const duck = drawDuck()
const stack = inject('stack')
let browser: Browser
let link = ''

beforeAll(async () => {
  browser = await openBrowser()
  const { client } = await signIn(stack)
  const session_id = await upload(client, new Uint8Array(encodeJpeg(duck.image, 92)), 'image/jpeg')
  await client.initialize({ session_id })
  const png_base64 = Buffer.from(writeMaskPng(duck.mask)).toString('base64')
  const { job_id } = await client.reconstruct({
    session_id,
    masks: [{ png_base64 }],
    options: { quality: 'draft', formats: ['ply', 'glb', 'png', 'usdz'] },
  })
  expect((await waitForJob(client, job_id)).state).toBe('COMPLETED')
  link = `#/shared/${(await client.shareSession(session_id)).token}`
})
afterAll(async () => {
  await browser?.close()
})

const viewer = (page: Page) => page.getByLabel(/The object in 3D/)

async function openViewer(options = {}) {
  const opened = await openPage(browser, { web_url: `${stack.web_url}${link}` }, options)
  await opened.page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 60_000 })
  return opened
}

async function middleOf(page: Page): Promise<{ x: number; y: number }> {
  const box = await viewer(page).boundingBox()
  if (!box) throw new Error('the viewer is not on the page')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

async function drag(page: Page, dx: number, dy: number): Promise<void> {
  const { x, y } = await middleOf(page)
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + dx, y + dy, { steps: 6 })
  await page.mouse.up()
}

/** Where the object stands in the picture, parts of its width and height, and how much of it it covers. */
function place(view: Image) {
  const offsets = objectPixels(view)
  let [sx, sy] = [0, 0]
  for (const offset of offsets) {
    sx += (offset / 4) % view.width
    sy += Math.floor(offset / 4 / view.width)
  }
  const n = Math.max(1, offsets.length)
  return { x: sx / n / view.width, y: sy / n / view.height, cover: n / (view.width * view.height) }
}

/** The frame around what the keyboard works on is no part of the picture; pixels at each side. */
const FRAME = 8

/** Part of the pixels that are not the same. */
function difference(a: Image, b: Image): number {
  let changed = 0
  for (let y = FRAME; y < a.height - FRAME; y++) {
    for (let x = FRAME; x < a.width - FRAME; x++) {
      const o = 4 * (y * a.width + x)
      const off = [0, 1, 2].reduce((sum, c) => sum + Math.abs(a.data[o + c] - b.data[o + c]), 0)
      if (off > 30) changed++
    }
  }
  return changed / (a.width * a.height)
}

test('an object is turned, slid, brought closer, looked at, and put back by mouse and keys', async () => {
  const { page, complaints } = await openViewer()
  await page.getByRole('button', { name: 'Mesh', exact: true }).click()
  const start = await settled(page, 'viewer-start')
  const from = place(start)

  await drag(page, 160, 0)
  const turned = await settled(page, 'viewer-turned')
  expect(difference(start, turned)).toBeGreaterThan(0.02)
  await page.getByRole('button', { name: 'Reset the view' }).click()
  expect(difference(start, await settled(page, 'viewer-reset'))).toBeLessThan(0.002)

  await page.keyboard.down('Shift')
  await drag(page, 120, 60)
  await page.keyboard.up('Shift')
  const slid = place(await settled(page, 'viewer-slid'))
  expect(slid.x - from.x).toBeGreaterThan(0.05)
  expect(slid.y - from.y).toBeGreaterThan(0.03)
  expect(Math.abs(slid.cover / from.cover - 1)).toBeLessThan(0.15)

  await viewer(page).focus()
  await page.keyboard.press('0')
  expect(difference(start, await settled(page, 'viewer-key-reset'))).toBeLessThan(0.002)
  const { x, y } = await middleOf(page)
  await page.mouse.move(x, y)
  await page.mouse.wheel(0, -300)
  expect(place(await settled(page, 'viewer-closer')).cover).toBeGreaterThan(from.cover * 1.3)
  await viewer(page).focus()
  await page.keyboard.press('0')
  await settled(page, 'viewer-again')

  // The beak: what was there stands in the middle afterwards.
  const beak = beakOf(start)
  const box = await viewer(page).boundingBox()
  if (!box) throw new Error('the viewer is not on the page')
  await page.mouse.dblclick(box.x + beak.x, box.y + beak.y)
  const focused = beakOf(await settled(page, 'viewer-focused'))
  expect(Math.abs(focused.x - start.width / 2)).toBeLessThan(start.width * 0.05)
  expect(Math.abs(focused.y - start.height / 2)).toBeLessThan(start.height * 0.05)
  // Beside the object there is nothing to look at.
  await page.mouse.dblclick(box.x + 12, box.y + 12)
  expect(difference(start, await settled(page, 'viewer-beside'))).toBeLessThan(0.002)

  await viewer(page).focus()
  for (const key of ['ArrowLeft', 'ArrowUp', '+', 'Shift+ArrowRight']) {
    const before = await settled(page, 'viewer-before-key')
    await page.keyboard.press(key)
    expect(difference(before, await settled(page, `viewer-key-${key}`))).toBeGreaterThan(0.001)
  }
  expect(complaints).toEqual([])
  await page.context().close()
})

/** A PNG's opacity in its corner and in its middle, 0-255; read by the browser, for our own reader gives pictures no holes. */
function readAlpha(page: Page, png: Uint8Array): Promise<{ corner: number; middle: number }> {
  return page.evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(bytes)], { type: 'image/png' }))
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
      context?.drawImage(bitmap, 0, 0)
      const at = (x: number, y: number) => context?.getImageData(x, y, 1, 1).data[3] ?? -1
      return { corner: at(2, 2), middle: at(bitmap.width >> 1, bitmap.height >> 1) }
    },
    [...png],
  )
}

/** The middle of the orange pixels. */
function beakOf(view: Image): { x: number; y: number } {
  const spots = objectPixels(view).filter(
    (o) =>
      view.data[o] > 150 && view.data[o + 1] < 0.6 * view.data[o] && view.data[o + 2] < 0.35 * view.data[o],
  )
  expect(spots.length).toBeGreaterThan(20)
  const mean = (of: (o: number) => number) => spots.reduce((sum, o) => sum + of(o), 0) / spots.length
  return { x: mean((o) => (o / 4) % view.width), y: mean((o) => Math.floor(o / 4 / view.width)) }
}

test('its looks: wireframe, size of the splats, background, light, grid, turning by itself, full screen, a picture', async () => {
  const { page, complaints } = await openViewer()
  const splat = await settled(page, 'looks-splat')
  await page.getByLabel('Size of the splats').selectOption('Half size')
  expect(place(await settled(page, 'looks-half')).cover).toBeLessThan(place(splat).cover)
  await page.getByRole('button', { name: 'Mesh', exact: true }).click()
  const mesh = await settled(page, 'looks-mesh')
  await page.getByRole('button', { name: 'Wireframe' }).click()
  expect(difference(mesh, await settled(page, 'looks-wireframe'))).toBeGreaterThan(0.01)
  await page.getByRole('button', { name: 'Wireframe' }).click()
  await page.getByRole('button', { name: 'Light from the side' }).click()
  expect(difference(mesh, await settled(page, 'looks-light'))).toBeGreaterThan(0.01)
  await page.getByRole('button', { name: 'Light from the side' }).click()
  await page.getByRole('button', { name: 'Grid' }).click()
  await page.getByText(/A square of the grid is .* wide/).waitFor()
  await page.getByRole('button', { name: 'Grid' }).click()
  for (const [name, level] of [
    ['Dark', 20],
    ['Light', 240],
  ] as const) {
    await page.getByLabel('Background').selectOption(name)
    const { data } = await settled(page, `looks-${name}`)
    expect(Math.abs(data[0] - level)).toBeLessThan(25)
  }

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save a picture' }).click(),
  ])
  expect(file.suggestedFilename()).toMatch(/\.png$/)
  const picture = await readAlpha(page, readFileSync(await file.path()))
  expect(picture).toEqual({ corner: 0, middle: 255 })

  await page.getByRole('button', { name: 'Full screen' }).click()
  await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true)
  await page.getByRole('button', { name: 'Full screen' }).click()
  await expect.poll(() => page.evaluate(() => document.fullscreenElement === null)).toBe(true)

  const before = await settled(page, 'looks-still')
  await page.getByRole('button', { name: 'Turn by itself' }).click()
  await page.waitForTimeout(1500)
  await page.getByRole('button', { name: 'Turn by itself' }).click()
  expect(difference(before, await settled(page, 'looks-turned'))).toBeGreaterThan(0.01)
  // No device for it here: the way into the room is left out.
  expect(await page.getByAltText('See it in your room').count()).toBe(0)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('an object that nobody touches is not drawn, and asks for no frames', async () => {
  const { page } = await openPage(browser, stack)
  await page.addInitScript(() => {
    const counts = { frames: 0, draws: 0 }
    Object.assign(window, { counts })
    const ask = window.requestAnimationFrame.bind(window)
    window.requestAnimationFrame = (step) =>
      ask((now) => {
        counts.frames++
        step(now)
      })
    for (const name of ['drawElements', 'drawArrays', 'drawElementsInstanced', 'clear'] as const) {
      const plain = WebGL2RenderingContext.prototype[name] as (...given: unknown[]) => void
      Object.assign(WebGL2RenderingContext.prototype, {
        [name](this: WebGL2RenderingContext, ...given: unknown[]) {
          counts.draws++
          return plain.apply(this, given)
        },
      })
    }
  })
  await page.goto(`${stack.web_url}${link}`)
  await page.reload()
  await page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 60_000 })
  const read = () => page.evaluate(() => ({ ...(window as unknown as { counts: object }).counts }))
  await settled(page, 'idle')
  await page.waitForTimeout(3000)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  const busy = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
  }
  const before = { ...(await read()), busy: await busy() }
  expect(before).toMatchObject({ draws: expect.any(Number) })
  await page.waitForTimeout(3000)
  const after = { ...(await read()), busy: await busy() }
  expect({ ...after, busy: 0 }).toEqual({ ...before, busy: 0 })
  // Seconds of work in three of rest; what is left is the question itself.
  expect(after.busy - before.busy).toBeLessThan(0.1)
  // And it wakes when it is touched.
  await drag(page, 80, 0)
  await expect
    .poll(async () => ((await read()) as { draws: number }).draws)
    .toBeGreaterThan((after as unknown as { draws: number }).draws)
  await page.context().close()
})

test('while the object loads its poster stands there, with how much has arrived', async () => {
  const { page } = await openPage(browser, stack)
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(/\.ply(\?|$)/, async (route) => {
    await held
    await route.continue()
  })
  await page.goto(`${stack.web_url}${link}`)
  const poster = page.locator('.stage-poster')
  await poster.waitFor()
  await expect
    .poll(() => poster.evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBeGreaterThan(100)
  await page.getByText(/Loading the object, \d+ %/).waitFor()
  release()
  await page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 60_000 })
  await poster.waitFor({ state: 'detached' })
  await page.context().close()
})

test('fingers turn it with one and come closer with two', async () => {
  const { page } = await openViewer({ viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true })
  await page.getByRole('button', { name: 'Mesh', exact: true }).tap()
  const start = await settled(page, 'touch-start')
  const { x, y } = await middleOf(page)
  const devtools = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [number, number][]) =>
    devtools.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: points.map(([px, py], id) => ({ x: px, y: py, id })),
    })
  await touch('touchStart', [x, y])
  for (const dx of [20, 40, 60, 80]) await touch('touchMove', [x + dx, y])
  await touch('touchEnd')
  const turned = await settled(page, 'touch-turned')
  expect(difference(start, turned)).toBeGreaterThan(0.02)
  await touch('touchStart', [x - 30, y], [x + 30, y])
  for (const reach of [40, 50, 60, 75]) await touch('touchMove', [x - reach, y], [x + reach, y])
  await touch('touchEnd')
  expect(place(await settled(page, 'touch-closer')).cover).toBeGreaterThan(place(turned).cover * 1.3)
  await page.context().close()
})

test('over the photo the object agrees with what was selected, and a slider lets the photo through', async () => {
  const photo = join(mkdtempSync(join(tmpdir(), 'gen3d-photo-')), 'duck.jpg')
  writeFileSync(photo, encodeJpeg(duck.image, 92))
  const { page, complaints } = await openPage(browser, stack)
  await signInOnPage(page, stack)
  await choosePhoto(page, photo)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  await makeObject(page)
  await page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Over the photo' }).click()
  const said = page.getByText(/Outline agrees with the selection to/)
  await said.waitFor({ timeout: 30_000 })
  const share = Number.parseFloat(/([\d.]+) %/.exec((await said.textContent()) ?? '')?.[1] ?? '0')
  expect(share).toBeGreaterThanOrEqual(95)
  const slider = page.getByRole('slider', { name: 'Object' })
  await slider.fill('0')
  expect(await viewer(page).evaluate((canvas) => getComputedStyle(canvas).opacity)).toBe('0')
  await slider.fill('1')
  expect(await viewer(page).evaluate((canvas) => getComputedStyle(canvas).opacity)).toBe('1')
  expect(complaints).toEqual([])
  await page.context().close()
})
