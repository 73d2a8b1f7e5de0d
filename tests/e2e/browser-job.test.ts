/** The main job as a person does it: sign in, drop a photo, click, make, turn, keep. */
import { readFileSync } from 'node:fs'
import { validateBytes } from 'gltf-validator'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { choosePhoto, clickPhoto, openPage, picture, signInOnPage } from './page.ts'
import { usePage } from './page-suite.ts'
import { eventually, mailsAbout } from './session.ts'
import { objectPixels, settled } from './viewer-pixels.ts'

const { stack, duck, photo, browser } = usePage()

const distance = (a: Uint8ClampedArray, b: Uint8ClampedArray, offset: number) =>
  Math.abs(a[offset] - b[offset]) +
  Math.abs(a[offset + 1] - b[offset + 1]) +
  Math.abs(a[offset + 2] - b[offset + 2])

function meanColour(data: Uint8ClampedArray, offsets: readonly number[]): number[] {
  return [0, 1, 2].map((c) => offsets.reduce((sum, o) => sum + data[o + c], 0) / offsets.length)
}

test('a person makes an object of a photo with two clicks, turns it, keeps it, and gets one mail', async () => {
  const { page, complaints } = await openPage(browser(), stack)
  await picture(page, '1-arrive')
  await signInOnPage(page, stack)
  const sessionId = await choosePhoto(page, photo)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  await page.getByRole('button', { name: 'Make 3D' }).waitFor()
  await picture(page, '2-select')

  await page.getByRole('button', { name: 'Make 3D' }).click()
  // The rough preview bridges the wait; on a quick machine the real object may be there before it.
  const rough = page.getByText('Rough preview, made in your browser.')
  const real = page.getByRole('heading', { name: 'Keep it' })
  await rough.or(real).first().waitFor({ timeout: 60_000 })
  await picture(page, '3-rough-preview')
  await real.waitFor({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Mesh', exact: true }).click()

  const before = await settled(page, '4-object')
  const inside = objectPixels(before)
  expect(inside.length).toBeGreaterThan(before.width * before.height * 0.05)
  // The object's colours are the photo's: yellow, not grey, not blue.
  const photoOffsets = [...duck.mask.data.keys()].filter((i) => duck.mask.data[i] === 1).map((i) => i * 4)
  const wanted = meanColour(duck.image.data, photoOffsets)
  const got = meanColour(before.data, inside)
  for (let c = 0; c < 3; c++) expect(Math.abs(got[c] - wanted[c])).toBeLessThan(40)

  const box = await page.getByLabel(/The object in 3D/).boundingBox()
  if (!box) throw new Error('the viewer is not on the page')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 220, box.y + box.height / 2, { steps: 8 })
  await page.mouse.up()
  const after = await settled(page, '5-turned')
  const changed = inside.filter((o) => distance(before.data, after.data, o) > 30)
  expect(changed.length / inside.length).toBeGreaterThan(0.1)

  const glb = await download(page, 'GLB')
  expect((await validateBytes(glb)).issues.numErrors).toBe(0)
  const ply = await download(page, 'PLY')
  expect(new TextDecoder().decode(ply.subarray(0, 3))).toBe('ply')

  await eventually('the mail', async () => (await mailsAbout(stack, sessionId)).length > 0)
  expect(await mailsAbout(stack, sessionId)).toHaveLength(1)
  expect(complaints).toEqual([])
  await page.context().close()
})

async function download(page: Page, format: string): Promise<Uint8Array> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `as ${format}` }).click(),
  ])
  return new Uint8Array(readFileSync(await file.path()))
}
