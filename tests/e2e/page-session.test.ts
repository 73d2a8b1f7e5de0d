/** What happens in the middle of the work: the sign-in ends, the line breaks, a part of the page does not come. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { findBarriers } from './axe.ts'
import {
  choosePhoto,
  clickPhoto,
  makeObject,
  openPage,
  pressMake,
  selectedShare,
  signInOnPage,
} from './page.ts'
import { usePage } from './page-suite.ts'
import { newAccount, signIn } from './session.ts'

const { stack, duck, photo, browser } = usePage()
const there = { timeout: 60_000 }
const HOURS_MS = 2 * 3600 * 1000

async function selecting(page: Page): Promise<number> {
  await choosePhoto(page, photo)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  await page.locator('button[type=submit][aria-disabled=false]').waitFor(there)
  return selectedShare(page)
}

test('a sign-in that ends in the middle of selecting loses nothing', async () => {
  const account = await newAccount(stack)
  const { page } = await openPage(browser(), stack)
  await signInOnPage(page, { ...stack, ...account })
  // A clock that can be put forward.
  await page.addInitScript(() => {
    const now = Date.now
    Date.now = () => now() + ((globalThis as { ahead?: number }).ahead ?? 0)
  })
  await page.reload()
  const putClock = (ms: number) =>
    page.evaluate((ahead) => {
      Object.assign(globalThis, { ahead })
    }, ms)
  const share = await selecting(page)
  // The refresh token is revoked, and the clock says that the ID token has ended.
  const { auth, tokens } = await signIn(stack, account.username, account.password)
  await auth.signOutEverywhere(tokens.accessToken)
  await putClock(HOURS_MS)
  await page.getByLabel('Name', { exact: true }).fill('Golden duck')
  await pressMake(page)
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await dialog.waitFor()
  expect(await findBarriers(page, 'expired')).toEqual([])
  for (let i = 0; i < 3; i++) await page.keyboard.press('Escape')
  await dialog.getByLabel('Password').fill('not the password')
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.getByText('The address or the password is not right.').waitFor()
  // Back in the present, or the fresh tokens would have ended as well.
  await putClock(0)
  await dialog.getByLabel('Password').fill(account.password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.waitFor({ state: 'detached' })
  // What was pressed before goes on by itself; the selection is the one that was there.
  await page.getByRole('heading', { name: 'Keep it' }).waitFor(there)
  await page.getByRole('link', { name: 'Select' }).click()
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Golden duck')
  expect(await page.getByText(`${share} %`).count()).toBeGreaterThan(0)
  await page.context().close()
})

test('without a connection selecting goes on, the rest says so, and works when it is back', async () => {
  const { page } = await openPage(browser(), stack)
  await signInOnPage(page, stack)
  await selecting(page)
  await page.context().setOffline(true)
  await page.getByText('You are offline.').waitFor()
  const before = await selectedShare(page)
  await clickPhoto(page, duck.image, duck.outside[1])
  await expect.poll(() => selectedShare(page)).not.toBe(before)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => selectedShare(page)).toBe(before)
  expect(await findBarriers(page, 'offline')).toEqual([])
  await pressMake(page)
  await page.getByText('No answer. Check the connection').first().waitFor()
  // The gallery came with the first load; its list did not.
  await page.getByRole('link', { name: 'My objects' }).click()
  await page.getByText('No answer. Check the connection').first().waitFor()
  await page.context().setOffline(false)
  await page.getByText('You are offline.').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('.tile').first().waitFor()
  await page.goBack()
  await page.getByTestId('stage').waitFor()
  await makeObject(page)
  await page.context().close()
})

test('a viewer and a download that break off are tried again', async () => {
  const { page } = await openPage(browser(), stack)
  await signInOnPage(page, stack)
  await selecting(page)
  let broken = 0
  const break1 = '**/assets/viewer-*.js'
  await page.route(break1, (route) => {
    broken += 1
    return route.abort('connectionreset')
  })
  await makeObject(page)
  await page.getByRole('button', { name: 'Try again' }).waitFor(there)
  expect(broken).toBeGreaterThan(0)
  await page.unroute(break1)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('[data-testid=viewer][data-ready=true]').waitFor(there)

  await page.route(`${stack.s3_endpoint}/**/*.glb*`, (route) => route.abort('connectionreset'))
  await page.getByRole('button', { name: 'as GLB' }).click()
  await page.getByText('No answer. Check the connection').waitFor()
  await page.unroute(`${stack.s3_endpoint}/**/*.glb*`)
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'as GLB' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('Object-1.glb')
  await page.context().close()
})
