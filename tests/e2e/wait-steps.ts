/** What a person does while an object is made, at whatever address the page is served. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { StackFile } from '../../scripts/stack-file.ts'
import type { drawDuck } from '../fixtures/duck.ts'
import { findBarriers } from './axe.ts'
import type { useEngine } from './engine.ts'
import { choosePhoto, clickPhoto, openPage, pressMake, signInOnPage, tapPhoto } from './page.ts'
import { eventually, mailsAbout, readMail, signIn, upload } from './session.ts'

export const there = { timeout: 60_000 }

export interface Account {
  readonly username: string
  readonly password: string
}

/** Where the page is, and what it is given. */
export interface Place {
  readonly browser: Browser
  /** The page's address: the stack's own, or that of another server before it. */
  readonly web_url: string
  readonly stack: StackFile
  readonly engine: ReturnType<typeof useEngine>
  readonly duck: ReturnType<typeof drawDuck>
  readonly photo: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export const waiting = (page: Page) =>
  page
    .getByText(/^(Waiting for a machine|Working|\d+ before you in the queue|Next in the queue|Describe|Load)/)
    .first()
export const kept = (page: Page) => page.getByRole('heading', { name: 'Keep it' })

/** Up to the button, with the photo stored and its embedding made, so that the engine is free. */
export async function readyToMake(place: Place, account: Account, options: BrowserContextOptions = {}) {
  const opened = await openPage(place.browser, place, options)
  await signInOnPage(opened.page, account)
  const sessionId = await choosePhoto(opened.page, place.photo)
  const point = options.hasTouch ? tapPhoto : clickPhoto
  for (const pixel of place.duck.inside) await point(opened.page, place.duck.image, pixel)
  await opened.page.getByText('The stored embedding gives the same selection.').waitFor(there)
  return { ...opened, sessionId }
}

/** Another browser, which finds a session that waits in the gallery and waits with it. */
export async function joinWait(
  place: Place,
  account: Account,
  sessionId: string,
  options: BrowserContextOptions = {},
) {
  const other = await openPage(place.browser, place, options)
  await signInOnPage(other.page, account)
  const tile = other.page.locator(`a[href*="${sessionId}"]`)
  await tile.getByText('Waiting').waitFor()
  await tile.click()
  await waiting(other.page).waitFor()
  return other
}

/** Opens the newest mail's link where nobody is signed in: after the sign-in stands that session with its object. */
export async function followMail(
  place: Place,
  account: Account,
  sessionId: string,
  options: BrowserContextOptions = {},
): Promise<void> {
  await eventually('the mail', async () => (await mailsAbout(place.stack, sessionId)).length > 0)
  const link = await readMail(place.stack, account.username, /(http\S+#\/sessions\/\S+)/)
  expect(link.startsWith(place.stack.web_url)).toBe(true)
  // The stack writes its own address; a server before it has the same page at another.
  const web_url = place.web_url + link.slice(place.stack.web_url.length)
  const { page, complaints } = await openPage(place.browser, { web_url }, options)
  await page.getByLabel('E-mail').fill(account.username)
  await page.getByLabel('Password', { exact: true }).fill(account.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'duck' }).waitFor()
  expect(page.url()).toContain(sessionId)
  await kept(page).waitFor(there)
  expect(complaints).toEqual([])
  await page.context().close()
}

/** From the button: queued behind somebody quicker, cancelled, tried again, made. */
export async function cancelAndTryAgain(place: Place, page: Page, account: Account, sessionId: string) {
  const { client } = await signIn(place.stack, account.username, account.password)
  const other = await upload(client, place.bytes, 'image/jpeg')
  await place.engine.hold()
  await client.initialize({ session_id: other })
  await pressMake(page)
  await page.getByText(/\d+ before you in the queue/).waitFor(there)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Cancelled.', { exact: true }).waitFor()
  await expect.poll(() => page.title()).toContain('Cancelled')
  await place.engine.letGo()
  await page.getByRole('button', { name: 'Try again' }).click()
  await kept(page).waitFor(there)
  const { jobs } = await client.readSession(sessionId)
  expect(
    jobs
      .filter((job) => job.kind === 'reconstruct')
      .map((job) => job.state)
      .sort(),
  ).toEqual(['CANCELLED', 'COMPLETED'])
}

/** From the button: the machine dies at work, the page says so, a new try makes the object. */
export async function failAndTryAgain({ engine }: Place, page: Page): Promise<void> {
  await engine.hold()
  await pressMake(page)
  await waiting(page).waitFor()
  // A call has to be under way, or there is nothing to fail.
  await page.waitForTimeout(1500)
  await engine.kill()
  await page.getByText('This did not work.').waitFor(there)
  await expect.poll(() => page.title()).toContain('✗ Failed')
  expect(await findBarriers(page, 'failed')).toEqual([])
  await page.getByRole('button', { name: 'Try again' }).click()
  await kept(page).waitFor({ timeout: 120_000 })
}
