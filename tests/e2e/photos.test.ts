/**
 * The main job in the browser on other photos: GEN3D_PHOTOS=DIR, whose dev/index.json lists {id, image, mask}. The
 * pictures in output/e2e are to be looked at.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeImage } from '@gen3d/image/decode'
import { readMaskPng } from '@gen3d/image/mask-png'
import { createDecoder } from '@gen3d/preview/decode'
import { embedPhoto } from '@gen3d/preview/embed'
import type { PointPrompt } from '@gen3d/shared/prompts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Robot } from '../../packages/preview/train/robot.ts'
import { choosePhoto, clickPhoto, openBrowser, openPage, picture, signInOnPage } from './page.ts'

// Without GEN3D_PHOTOS the suite's configuration leaves this file out.
const folder = join(process.env.GEN3D_PHOTOS ?? '', 'dev')
const HOW_MANY = 4

const all = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
  id: string
  image: string
  mask: string
}[]
const step = Math.max(1, Math.floor(all.length / HOW_MANY))
const rows = all.filter((_, i) => i % step === 0).slice(0, HOW_MANY)
const stack = inject('stack')
let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

test.each(rows)('two clicks on $id give an object', async ({ id, image, mask }) => {
  const truth = readMaskPng(new Uint8Array(readFileSync(join(folder, mask))))
  const { page, complaints } = await openPage(browser, stack)
  await signInOnPage(page, stack)
  await choosePhoto(page, join(folder, image))
  // The robot user of the click protocol, against the same engine in Node: its masks are the page's.
  const photo = await decodeImage(new Uint8Array(readFileSync(join(folder, image))))
  const decoder = createDecoder(embedPhoto(photo), photo)
  const robot = new Robot({ width: truth.width, height: truth.height, mask: truth.data })
  const points: PointPrompt[] = []
  let guess = new Uint8Array(truth.data.length)
  for (let click = robot.next(guess); click && points.length < 2; click = robot.next(guess)) {
    points.push(click)
    await clickPhoto(page, truth, [click.x, click.y], click.label)
    guess = new Uint8Array(decoder.decode({ points })[0].mask)
  }
  await picture(page, `photo-${id.replaceAll('/', '-')}-select`)
  await page.getByRole('button', { name: 'Make 3D' }).click()
  await page.getByRole('heading', { name: 'Keep it' }).waitFor({ timeout: 90_000 })
  await page.waitForTimeout(2000)
  await picture(page, `photo-${id.replaceAll('/', '-')}-object`)
  expect(complaints).toEqual([])
  await page.context().close()
})
