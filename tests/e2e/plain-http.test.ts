/** The page at a name that is not this machine's, without TLS: the browser gives it no secure context there. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  choosePhoto,
  clickPhoto,
  makeObject,
  openPage,
  PHONE,
  pressMake,
  selectedShare,
  tapPhoto,
} from './page.ts'
import { usePlainPage } from './plain-suite.ts'

const { stack, duck, photo, site, browser, open } = usePlainPage()

async function downloadGlb(page: Page): Promise<void> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'as GLB' }).click(),
  ])
  expect(readFileSync(await file.path()).toString('latin1', 0, 4)).toBe('glTF')
}

const PROFILES = [
  ['a desktop', {}],
  ['a phone', PHONE],
] as const

for (const [profile, options] of PROFILES) {
  const point = 'hasTouch' in options ? tapPhoto : clickPhoto

  test(`on plain http at a foreign name, with ${profile}, a person makes an object and keeps it`, async () => {
    const { page, complaints, origins } = await open(options)
    await choosePhoto(page, photo)
    for (const pixel of duck.inside) await point(page, duck.image, pixel)
    await makeObject(page)
    await page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 30_000 })
    await downloadGlb(page)
    expect(complaints).toEqual([])
    expect([...origins].sort()).toEqual([new URL(site().web_url).origin, stack.cognito_endpoint].sort())
    await page.context().close()
  })

  test(`there, too, with ${profile}, a broken upload and a reload lose nothing, and what http cannot do is said`, async () => {
    const { page } = await open(options)
    await page.route('**/storage/**', (route) => route.abort('connectionreset'))
    await choosePhoto(page, photo)
    for (const pixel of duck.inside) await point(page, duck.image, pixel)
    await page.getByText('No answer. Check the connection').waitFor()
    const share = await selectedShare(page)
    await page.unroute('**/storage/**')
    await page.reload()
    await expect.poll(() => selectedShare(page)).toBe(share)

    // A slow answer, so that there is a wait to come back to.
    await page.route('**/api/status/**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1500))
      await route.continue()
    })
    await pressMake(page)
    await page
      .getByText('This page is not on https')
      .or(page.getByRole('heading', { name: 'Keep it' }))
      .first()
      .waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Keep it' }).waitFor({ timeout: 60_000 })
    await expect.poll(() => page.title()).toContain('✓ Ready')

    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('button', { name: 'Make a link' }).click()
    const field = page.getByLabel('Link', { exact: true })
    const link = await field.inputValue()
    expect(new URL(link).origin).toBe(new URL(site().web_url).origin)
    // Without the clipboard's own way the link is marked, so that one key copies it.
    expect(await page.getByRole('button', { name: 'Copy the link' }).count()).toBe(0)
    expect(await field.evaluate((input: HTMLInputElement) => input.selectionEnd)).toBe(link.length)
    const stranger = await openPage(browser(), { web_url: link }, options)
    await stranger.page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 30_000 })
    await downloadGlb(stranger.page)
    await page.getByRole('button', { name: 'Stop sharing' }).click()
    await page.getByRole('button', { name: 'Make a link' }).waitFor()
    await stranger.page.reload()
    await stranger.page.getByText('This link does not work any more.').waitFor()
    for (const each of [page, stranger.page]) await each.context().close()
  })

  test(`there, too, with ${profile}, a sign-in that ends in the middle is taken up again`, async () => {
    const { page } = await open(options)
    await choosePhoto(page, photo)
    for (const pixel of duck.inside) await point(page, duck.image, pixel)
    await page.locator('button[type=submit][aria-disabled=false]').waitFor()
    // What Cognito answers to a refresh token that has ended; the API refuses the token that is out.
    await page.route(`${stack.cognito_endpoint}/`, (route) =>
      route.request().postData()?.includes('REFRESH_TOKEN_AUTH')
        ? route.fulfill({
            status: 400,
            headers: { 'access-control-allow-origin': '*' },
            json: { __type: 'NotAuthorizedException', message: 'Refresh Token has expired' },
          })
        : route.continue(),
    )
    let refused = false
    await page.route('**/api/reconstruct', (route) => {
      if (refused) return route.continue()
      refused = true
      return route.fulfill({ status: 401, json: { message: 'The incoming token has expired' } })
    })
    await pressMake(page)
    const dialog = page.getByRole('dialog', { name: 'Sign in again' })
    await dialog.getByLabel('Password').fill(stack.password)
    await dialog.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Keep it' }).waitFor({ timeout: 60_000 })
    await page.context().close()
  })
}
