/** The whole way with fingers on a phone, and that nothing is wider than the narrowest screen. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { findBarriers } from './axe.ts'
import {
  choosePhoto,
  makeObject,
  openPage,
  PHONE,
  picture,
  placeOf,
  selectedShare,
  signInOnPage,
  tapPhoto,
} from './page.ts'
import { usePage } from './page-suite.ts'
import { objectPixels, settled } from './viewer-pixels.ts'

const { stack, duck, photo, browser } = usePage()
const { image } = duck
const NARROWEST = 320

interface Finger {
  readonly x: number
  readonly y: number
}

/** Fingers put down, moved in steps and lifted, as the browser gets them from a screen. */
async function touch(page: Page, path: readonly (readonly Finger[])[]): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', fingers: readonly Finger[]) =>
    session.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: fingers.map(({ x, y }, id) => ({ x, y, id })),
    })
  await send('touchStart', path[0])
  for (const fingers of path.slice(1)) await send('touchMove', fingers)
  await send('touchEnd', [])
}

function line(from: Finger, to: Finger, steps = 6): Finger[] {
  return Array.from({ length: steps + 1 }, (_, i) => ({
    x: from.x + ((to.x - from.x) * i) / steps,
    y: from.y + ((to.y - from.y) * i) / steps,
  }))
}

/** CSS pixels by which the screen is wider than its window. */
async function overhang(page: Page): Promise<number> {
  await page.setViewportSize({ width: NARROWEST, height: 640 })
  const found = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  await page.setViewportSize(PHONE.viewport as { width: number; height: number })
  return found
}

test('a person with a phone selects with taps, pinches, makes an object and turns it', async () => {
  const { page, complaints } = await openPage(browser(), stack, PHONE)
  const wide: Record<string, number> = {}
  const barriers: string[] = []
  const look = async (screen: string) => {
    wide[screen] = await overhang(page)
    barriers.push(...(await findBarriers(page, screen)))
  }
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await look('arrive')
  await signInOnPage(page, stack)
  await look('home')
  await choosePhoto(page, photo)
  await page.getByText('A tap adds or removes').waitFor()
  await tapPhoto(page, image, duck.inside[0])
  await expect.poll(() => selectedShare(page)).toBeGreaterThan(1)
  await tapPhoto(page, image, duck.inside[1])
  await page.getByRole('button', { name: 'Remove', exact: true }).tap()
  await tapPhoto(page, image, duck.outside[1])
  await page.getByRole('button', { name: 'Add', exact: true }).tap()
  await picture(page, 'phone-select')
  await look('select')

  const share = await selectedShare(page)
  const from = await placeOf(page, image, duck.outside[1])
  await touch(
    page,
    line(from, await placeOf(page, image, duck.inside[1])).map((finger) => [finger]),
  )
  // The point that took away lies on the head now.
  await expect.poll(() => selectedShare(page)).toBeLessThan(share)
  await page.getByRole('button', { name: 'Remove the marked or last point' }).tap()
  await expect.poll(() => selectedShare(page)).toBeGreaterThan(share * 0.8)

  const middle = await placeOf(page, image, [320, 240])
  const before = await page.getByTestId('stage').screenshot()
  const near = (by: number) => [
    { x: middle.x - by, y: middle.y },
    { x: middle.x + by, y: middle.y },
  ]
  await touch(page, [20, 40, 60, 80, 100].map(near))
  await page.waitForTimeout(200)
  expect((await page.getByTestId('stage').screenshot()).equals(before)).toBe(false)
  await page.getByRole('button', { name: 'Show the whole photo' }).tap()
  await expect.poll(async () => (await page.getByTestId('stage').screenshot()).equals(before)).toBe(true)

  await makeObject(page)
  await page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 60_000 })
  await page.getByTestId('viewer').scrollIntoViewIfNeeded()
  const still = await settled(page, 'phone-object')
  const box = await page.getByTestId('viewer').boundingBox()
  if (!box) throw new Error('the viewer is not on the page')
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  await touch(
    page,
    line(centre, { x: centre.x + 120, y: centre.y }).map((finger) => [finger]),
  )
  const turned = await settled(page, 'phone-turned')
  const inside = objectPixels(still)
  expect(inside.filter((o) => Math.abs(still.data[o] - turned.data[o]) > 20).length).toBeGreaterThan(
    inside.length * 0.05,
  )
  await look('object')
  await page.getByRole('link', { name: 'My objects' }).tap()
  await page.locator('.tile').first().waitFor()
  await look('gallery')
  await page.getByRole('link', { name: /^Account/ }).tap()
  await page.getByRole('heading', { name: 'Account' }).waitFor()
  await look('account')

  expect(wide).toEqual(Object.fromEntries(Object.keys(wide).map((screen) => [screen, 0])))
  expect(barriers).toEqual([])
  expect(complaints).toEqual([])
  await page.context().close()
})
