/** Waiting: the truth while a machine is busy, on any device, after a reload; cancelled, failed, tried again; the mail. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { expect, test } from 'vitest'
import { findBarriers } from './axe.ts'
import { useEngine } from './engine.ts'
import { makeObject, openPage, pressMake, signInOnPage } from './page.ts'
import { usePage } from './page-suite.ts'
import { newAccount, signIn, upload } from './session.ts'
import {
  type Account,
  cancelAndTryAgain,
  failAndTryAgain,
  followMail,
  joinWait,
  kept,
  readyToMake,
  there,
  waiting,
} from './wait-steps.ts'

const { stack, stackFolder, duck, photo, bytes, work, browser } = usePage()
const engine = useEngine(stackFolder)
const place = () => ({ browser: browser(), web_url: stack.web_url, stack, engine, duck, photo, bytes })
const ready = (account: Account = stack) => readyToMake(place(), account)

test('who waits may reload, go on at another browser, and learns the end by title, notice and mail', async () => {
  const account = await newAccount(stack)
  const { page, sessionId } = await ready(account)
  await page.context().grantPermissions(['notifications'], { origin: new URL(stack.web_url).origin })
  // Records what the browser would show, for a page that lies in the background.
  await page.addInitScript(() => {
    const shown: string[] = []
    Object.assign(globalThis, { shown })
    const { permission, requestPermission } = Notification
    globalThis.Notification = Object.assign(
      class {
        constructor(title: string, { body }: NotificationOptions) {
          shown.push(`${title}: ${body}`)
        }
      },
      { permission, requestPermission },
    ) as unknown as typeof Notification
    Object.defineProperty(document, 'hidden', { get: () => true })
  })
  await engine.hold()
  await pressMake(page)
  await waiting(page).waitFor()
  await page.getByText(/\d+ s so far/).waitFor()
  await page.reload()
  await waiting(page).waitFor()
  await page.getByText('The browser will tell you when it is done.').waitFor()
  await page.getByText('Rough preview, made in your browser.').waitFor(there)
  expect(await findBarriers(page, 'waiting')).toEqual([])

  const other = await joinWait(place(), account, sessionId)
  await engine.letGo()
  for (const each of [page, other.page]) {
    await kept(each).waitFor(there)
    await expect.poll(() => each.title()).toContain('✓ Ready')
  }
  expect(await page.evaluate(() => (globalThis as unknown as { shown: string[] }).shown)).toEqual([
    '✓ Ready: duck',
  ])
  expect(other.complaints).toEqual([])
  for (const each of [page, other.page]) await each.context().close()

  await followMail(place(), account, sessionId)
})

test('a job is cancelled, and tried again', async () => {
  const { page, complaints, sessionId } = await ready()
  await cancelAndTryAgain(place(), page, stack, sessionId)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a machine that dies at work is told, and a new try makes the object', async () => {
  const { page, complaints } = await ready()
  await failAndTryAgain(place(), page)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a photo that ends in the middle is refused in words, by the page and by the engine', async () => {
  const half = join(work, 'half.jpg')
  writeFileSync(half, bytes.subarray(0, bytes.length >> 1))
  const { page } = await openPage(browser(), stack)
  await signInOnPage(page, stack)
  await page.getByTestId('photo-input').setInputFiles(half)
  await page.getByRole('alert').first().waitFor(there)
  expect((await page.getByRole('alert').first().textContent())?.length).toBeGreaterThan(30)
  expect(await findBarriers(page, 'unreadable photo')).toEqual([])
  await page.context().close()
})

test('before the button stands how long it takes and what it costs, after it what was measured', async () => {
  // The local stack has no price: this is what the API of a deployment with one answers.
  const { page, complaints } = await ready()
  const price = async (url: string, change: (answer: Record<string, unknown>) => void) =>
    page.route(url, async (route) => {
      const response = await route.fetch()
      const json = await response.json()
      change(json)
      await route.fulfill({ response, json })
    })
  await price('**/capabilities', (answer) => {
    answer.estimated_cost_usd = { low: 0.02, high: 0.31 }
    answer.estimated_wait_seconds ??= {
      embed: { low: 1, high: 2, basis: 'assumed' },
      reconstruct: { low: 4, high: 30, basis: 'assumed' },
    }
  })
  await price('**/status/**', (answer) => {
    if (answer.state === 'COMPLETED') answer.cost_usd = 0.0123
  })
  await page.reload()
  await page
    .getByText(
      /^Takes about \S+ s to \S+ (s|min), (as measured here|estimated)\. Costs the operator about \$0\.02 to \$0\.31\.$/,
    )
    .waitFor(there)
  await makeObject(page)
  await page.getByText('What it took').click()
  await page.getByText(/\(.+ to .+ were expected\)/).waitFor()
  await page.getByText('$0.01, the machine’s time at work').waitFor()
  expect(await page.locator('.measured dt').count()).toBeGreaterThan(3)
  expect(await findBarriers(page, 'measured')).toEqual([])
  expect(complaints).toEqual([])
  await page.context().close()
})

test('too many jobs at once, and none left today, are said with what to do', async () => {
  const account = await newAccount(stack)
  const { page } = await ready(account)
  const { client } = await signIn(stack, account.username, account.password)
  await engine.hold()
  const mask = { png_base64: Buffer.from(writeMaskPng(duck.mask)).toString('base64') }
  const { limits } = await client.readCapabilities()
  const session_id = await upload(client, bytes, 'image/jpeg')
  for (let i = 0; i < limits.in_flight_left; i++)
    await client.reconstruct({ session_id, masks: [mask], options: { quality: 'draft', formats: ['glb'] } })
  await pressMake(page)
  await page
    .getByRole('alert')
    .filter({ hasText: /jobs|at once|wait/i })
    .waitFor(there)
  expect(await findBarriers(page, 'limit')).toEqual([])

  // A thousand jobs a day are too many for a test: this is the API's answer to whoever had them.
  await page.route('**/capabilities', async (route) => {
    const response = await route.fetch()
    const json = await response.json()
    json.limits.jobs_today_left = 0
    await route.fulfill({ response, json })
  })
  await page.reload()
  await page.getByText('Your jobs for today are used up.').waitFor(there)
  await client.deleteSession(session_id)
  await page.context().close()
})
