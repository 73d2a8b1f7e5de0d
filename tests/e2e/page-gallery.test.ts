/** What was made before: found by name, opened again, deleted with everything that belongs to it. */
import { expect, test } from 'vitest'
import { findBarriers } from './axe.ts'
import { deleteInGallery, shareLink } from './keep-steps.ts'
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
  const link = await shareLink(page)

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
  await deleteInGallery(page, { webUrl: stack.web_url, sessionId, name: 'Oldest duck', link })
  expect(complaints.filter((line) => !line.startsWith('Failed to load resource'))).toEqual([])
  await page.context().close()
})
