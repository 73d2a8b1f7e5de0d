/** What a person does with what was made, at whatever address the page is served. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { findBarriers } from './axe.ts'

/** Makes a link to share of the session on the screen, and returns it. */
export async function shareLink(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  const link = await page.getByLabel('Link', { exact: true }).inputValue()
  await page.getByRole('button', { name: 'Close' }).click()
  return link
}

/** Deletes a session in the gallery on the screen: it is gone from there, at its own address, and at its link. */
export async function deleteInGallery(
  page: Page,
  { webUrl, sessionId, name, link }: { webUrl: string; sessionId: string; name: string; link: string },
): Promise<void> {
  await page.getByRole('button', { name: `Delete ${name}` }).click()
  await page.getByText('are deleted for good, on all your devices; a share link stops working.').waitFor()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.locator(`a[href*="${sessionId}"]`).waitFor({ state: 'detached' })
  await page.goto(`${webUrl}#/sessions/${sessionId}`)
  await page.getByText('There is no such session for you.').waitFor()
  expect(await findBarriers(page, 'gone')).toEqual([])
  await page.goto(link)
  await page.getByText('This link does not work any more.').waitFor()
}
