/** What a person does with what they made: names it, shares it, takes everything along, and brings large photos. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { readHead } from '@gen3d/image/head'
import { resizeImage } from '@gen3d/image/resize'
import { unzipSync } from 'fflate'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { QUARTERS_HEIC } from '../fixtures/heic.ts'
import { findBarriers } from './axe.ts'
import { choosePhoto, clickPhoto, openPage, picture, signInOnPage } from './page.ts'
import { usePage } from './page-suite.ts'
import { signIn } from './session.ts'
import { objectPixels, settled } from './viewer-pixels.ts'

const { stack, duck, photo, work, browser } = usePage()

/** Splats as points cover less, light from the side changes a mesh, the grid says how large its squares are. */
async function lookAround(page: Page): Promise<void> {
  const whole = objectPixels(await settled(page, '7-whole')).length
  await page.getByLabel('Size of the splats').selectOption('Points')
  const points = objectPixels(await settled(page, '8-points')).length
  expect(points).toBeLessThan(whole * 0.9)
  expect(points).toBeGreaterThan(whole * 0.1)
  await page.getByRole('button', { name: 'Mesh', exact: true }).click()
  const plain = await settled(page, '9-mesh')
  await page.getByRole('button', { name: 'Light from the side' }).click()
  const lit = await settled(page, '10-lit')
  const inside = objectPixels(plain)
  const changed = inside.filter((o) => Math.abs(plain.data[o] - lit.data[o]) > 8)
  expect(changed.length).toBeGreaterThan(inside.length * 0.3)
  await page.getByRole('button', { name: 'Grid' }).click()
  await page.getByText('A square of the grid is').waitFor()
  const gridded = objectPixels(await settled(page, '11-grid')).length
  expect(gridded).not.toBe(objectPixels(lit).length)
}

test('an object is renamed, shared, seen without an account until the link is revoked, and exported', async () => {
  const { page, complaints } = await openPage(browser(), stack)
  await signInOnPage(page, stack)
  const sessionId = await choosePhoto(page, photo)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  await page.getByRole('button', { name: 'Make 3D' }).click()
  await page.getByRole('heading', { name: 'Keep it' }).waitFor({ timeout: 60_000 })
  await page.getByText(/^Kept until/).waitFor()

  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('Name of the session').fill('Bath duck')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Bath duck' }).waitFor()
  const { client } = await signIn(stack)
  expect((await client.readSession(sessionId)).name).toBe('Bath duck')

  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  const field = page.getByLabel('Link', { exact: true })
  const link = await field.inputValue()
  expect(await field.evaluate((input: HTMLInputElement) => input.selectionEnd)).toBe(link.length)
  const barriers = await findBarriers(page, 'share')

  const stranger = await openPage(browser(), { web_url: link })
  await stranger.page.getByRole('heading', { level: 1, name: 'Bath duck' }).waitFor()
  await stranger.page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 30_000 })
  await picture(stranger.page, '6-shared')
  barriers.push(...(await findBarriers(stranger.page, 'shared')))
  const [file] = await Promise.all([
    stranger.page.waitForEvent('download'),
    stranger.page.getByRole('button', { name: 'as GLB' }).click(),
  ])
  expect(readFileSync(await file.path()).toString('latin1', 0, 4)).toBe('glTF')
  await lookAround(stranger.page)
  expect(await stranger.page.content()).not.toContain(stack.username)
  expect(stranger.complaints).toEqual([])

  await page.getByRole('button', { name: 'Stop sharing' }).click()
  await page.getByRole('button', { name: 'Make a link' }).waitFor()
  await stranger.page.reload()
  await stranger.page.getByText('This link does not work any more.').waitFor()
  await stranger.page.context().close()
  await page.getByRole('button', { name: 'Close' }).click()

  await page.goto(`${stack.web_url}#/account`)
  const [zip] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export everything' }).click(),
  ])
  const entries = unzipSync(new Uint8Array(readFileSync(await zip.path())))
  const paths = Object.keys(entries).filter((path) => path.includes(sessionId))
  for (const ending of ['glb', 'ply'])
    expect(paths.filter((path) => path.endsWith(`.${ending}`))).not.toHaveLength(0)
  const sent = readFileSync(photo)
  expect(paths.filter((path) => sent.equals(entries[path]))).toHaveLength(1)

  expect(barriers).toEqual([])
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a photo that is too large is made smaller before anything else, and the page says so', async () => {
  const large = join(work, 'large.jpg')
  writeFileSync(large, encodeJpeg(resizeImage(duck.image, 8400, 420), 70))
  const { page, complaints } = await openPage(browser(), stack)
  await signInOnPage(page, stack)
  const sessionId = await choosePhoto(page, large)
  await page.getByText('8400 × 420').waitFor()
  const { client } = await signIn(stack)
  const { photo_url } = await client.readSession(sessionId)
  const stored = new Uint8Array(await (await fetch(photo_url ?? '')).arrayBuffer())
  expect(readHead(stored, { complete: true })).toMatchObject({ format: 'jpeg', width: 8192, height: 410 })
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a HEIC photo is made into a JPEG in the browser, under the page’s own policy, and the page says so', async () => {
  const heic = join(work, 'quarters.heic')
  writeFileSync(heic, QUARTERS_HEIC)
  const { page, complaints, origins } = await openPage(browser(), stack)
  await signInOnPage(page, stack)
  await choosePhoto(page, heic)
  await page.getByText('The HEIC photo (96 × 64').waitFor()
  expect(complaints).toEqual([])
  expect(origins.size).toBe(4)
  await page.context().close()
})
