/** At a foreign name without TLS: waiting, failing, coming back elsewhere and deleting, at a desk and in a hand. */
import { expect, test } from 'vitest'
import { useEngine } from './engine.ts'
import { deleteInGallery, shareLink } from './keep-steps.ts'
import { PHONE, pressMake, withoutRefusals } from './page.ts'
import { usePlainPage } from './plain-suite.ts'
import { newAccount, signIn, upload } from './session.ts'
import {
  cancelAndTryAgain,
  failAndTryAgain,
  followMail,
  joinWait,
  kept,
  readyToMake,
  there,
  waiting,
} from './wait-steps.ts'

const { site, stack, stackFolder, duck, photo, bytes, browser } = usePlainPage()
const engine = useEngine(stackFolder)
const place = () => ({
  browser: browser(),
  web_url: site().web_url,
  stack,
  engine,
  duck,
  photo,
  bytes,
})

for (const [profile, options, elsewhere] of [
  ['a desktop', {}, PHONE],
  ['a phone', PHONE, {}],
] as const) {
  test(`on plain http, who waits at ${profile} goes on elsewhere, and the mail opens that session`, async () => {
    const account = await newAccount(stack)
    const { page, complaints, sessionId } = await readyToMake(place(), account, options)
    // A newer one, which the mail's link must not open.
    const { client } = await signIn(stack, account.username, account.password)
    await upload(client, bytes, 'image/jpeg')
    await engine.hold()
    await pressMake(page)
    await waiting(page).waitFor()
    await page.reload()
    await waiting(page).waitFor()
    await page.getByText('This page is not on https').waitFor()
    const other = await joinWait(place(), account, sessionId, elsewhere)
    expect(await other.page.evaluate(() => isSecureContext)).toBe(false)
    await engine.letGo()
    for (const each of [page, other.page]) {
      await kept(each).waitFor(there)
      await expect.poll(() => each.title()).toContain('✓ Ready')
    }
    for (const each of [page, other.page]) await each.context().close()
    await followMail(place(), account, sessionId, elsewhere)
    expect([...complaints, ...other.complaints]).toEqual([])
  })

  test(`there, too, with ${profile}, a job is cancelled and tried again, and what it made is deleted`, async () => {
    const { page, complaints, sessionId } = await readyToMake(place(), stack, options)
    await cancelAndTryAgain(place(), page, stack, sessionId)
    expect(complaints).toEqual([])
    const link = await shareLink(page)
    const { client } = await signIn(stack)
    await client.renameSession(sessionId, { name: `Duck of ${profile}` })
    await page.getByRole('link', { name: 'My objects' }).click()
    await deleteInGallery(page, { webUrl: site().web_url, sessionId, name: `Duck of ${profile}`, link })
    expect(withoutRefusals(complaints)).toEqual([])
    await page.context().close()
  })

  test(`there, too, with ${profile}, a machine that dies is told, and a new try makes the object`, async () => {
    const { page, complaints } = await readyToMake(place(), stack, options)
    await failAndTryAgain(place(), page)
    expect(complaints).toEqual([])
    await page.context().close()
  })
}
