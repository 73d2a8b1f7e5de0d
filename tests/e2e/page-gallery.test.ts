/** What was made before: found by name, opened again, deleted with everything that belongs to it. */
import { expect, test } from 'vitest'
import { findBarriers } from './axe.ts'
import { choosePhoto, clickPhoto, makeObject, openPage, signInOnPage } from './page.ts'
import { usePage } from './page-suite.ts'
import { newAccount, signIn, upload } from './session.ts'

const { stack, duck, photo, bytes, browser } = usePage()
/** One more than a screen of the gallery. */
const MANY = 25

test('a session is found among many, opened where it was left, and deleted with its link', async () => {
  const account = await newAccount(stack)
  const { page, complaints } = await openPage(browser(), stack)
  await signInOnPage(page, { ...stack, ...account })
  await page.getByText('Nothing here yet.').waitFor()
  const sessionId = await choosePhoto(page, photo)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  await makeObject(page)
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  const link = await page.getByLabel('Link', { exact: true }).inputValue()
  await page.getByRole('button', { name: 'Close' }).click()

  const { client } = await signIn(stack, account.username, account.password)
  await client.renameSession(sessionId, { name: 'Oldest duck' })
  for (let i = 0; i < MANY; i++) await upload(client, bytes, 'image/jpeg')
  await page.getByRole('link', { name: 'My objects' }).click()
  await page.getByRole('button', { name: 'Show more' }).waitFor()
  const tile = page.locator(`a[href*="${sessionId}"]`)
  expect(await tile.count()).toBe(0)
  const search = page.getByLabel('Search by name')
  await search.fill('oldest')
  await tile.waitFor()
  expect(await page.locator('.tile').count()).toBe(1)
  await tile.locator('img').waitFor()
  expect(await findBarriers(page, 'search')).toEqual([])
  await search.fill('no such name')
  await page.getByText('Nothing has this name.').waitFor()
  await search.fill('oldest')

  await tile.click()
  await page.getByRole('heading', { name: 'Keep it' }).waitFor()
  await page.getByRole('link', { name: 'Select' }).click()
  await page.getByTestId('stage').waitFor()
  await expect.poll(() => page.getByText('nothing selected').count()).toBe(0)

  await page.getByRole('link', { name: 'My objects' }).click()
  await search.fill('oldest')
  await page.getByRole('button', { name: 'Delete Oldest duck' }).click()
  await page.getByText('are deleted for good, on all your devices; a share link stops working.').waitFor()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await tile.waitFor({ state: 'detached' })
  await page.goto(`${stack.web_url}#/sessions/${sessionId}`)
  await page.getByText('There is no such session for you.').waitFor()
  expect(await findBarriers(page, 'gone')).toEqual([])
  await page.goto(link)
  await page.getByText('This link does not work any more.').waitFor()
  expect(complaints.filter((line) => !line.startsWith('Failed to load resource'))).toEqual([])
  await page.context().close()
})
