/** What holds on every screen: nobody is kept out, nothing is refused, and nothing goes to strangers. */
import { expect, test } from 'vitest'
import { findBarriers } from './axe.ts'
import { choosePhoto, clickPhoto, openPage, signInOnPage } from './page.ts'
import { usePage } from './page-suite.ts'

const { stack, duck, photo, browser } = usePage()

test('the policy of the served page names the hosts of its deployment and nothing else', async () => {
  const html = await (await fetch(stack.web_url)).text()
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1]
  const api = new URL(stack.api_url).origin
  expect(policy?.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "style-src 'self'",
    `img-src 'self' blob: ${stack.s3_endpoint}`,
    `connect-src 'self' blob: ${api} ${stack.cognito_endpoint} ${stack.s3_endpoint}`,
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
  ])
})

test('the browser keeps the policy: a stranger cannot be asked, and no code runs from a text', async () => {
  const { page, complaints } = await openPage(browser(), stack)
  const refused = await page.evaluate(async (stranger) => {
    const asked = await fetch(stranger).then(
      () => 'answered',
      () => 'refused',
    )
    const script = document.createElement('script')
    script.textContent = 'document.title = "inline"'
    document.head.append(script)
    return [asked, document.title]
  }, stack.inbox_url)
  expect(refused).toEqual(['refused', expect.not.stringContaining('inline')])
  for (const directive of ['connect-src', 'script-src'])
    expect(complaints.filter((line) => line.includes(directive))).not.toHaveLength(0)
  await page.context().close()
})

test('no screen keeps anybody out, in light and in dark, and the page talks to its deployment only', async () => {
  const { page, complaints, origins } = await openPage(browser(), stack)
  const barriers: string[] = []
  const look = async (screen: string) => barriers.push(...(await findBarriers(page, screen)))

  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await look('arrive')
  for (const screen of ['sign-up', 'confirm', 'forgot', 'reset']) {
    await page.goto(`${stack.web_url}#/${screen}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await look(screen)
  }
  await page.goto(`${stack.web_url}#/sign-in`)
  await signInOnPage(page, stack)
  await look('home')

  const sessionId = await choosePhoto(page, photo)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  await page.getByText('Keys and gestures').click()
  await look('select')

  // A slow network: on a quick one the real object may be there before the rough preview.
  await page.route(/\/reconstruct$/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 5000))
    await route.continue()
  })
  await page.getByRole('button', { name: 'Make 3D' }).click()
  await page.getByText('Rough preview, made in your browser.').waitFor()
  await look('rough preview')
  await page.getByRole('heading', { name: 'Keep it' }).waitFor({ timeout: 60_000 })
  await look('object')

  await page.goto(`${stack.web_url}#/sessions`)
  await page.getByRole('button', { name: 'Delete' }).first().click()
  await look('delete')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.locator(`a[href*="${sessionId}"]`).waitFor()
  await look('gallery')

  await page.goto(`${stack.web_url}#/account`)
  await page.getByRole('heading', { name: 'Account' }).waitFor()
  await look('account')
  await page.goto(`${stack.web_url}#/nowhere`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await look('unknown address')

  expect(barriers).toEqual([])
  expect(complaints).toEqual([])
  const own = [stack.web_url, stack.api_url, stack.cognito_endpoint, stack.s3_endpoint]
  expect([...origins].sort()).toEqual(own.map((url) => new URL(url).origin).sort())
  await page.context().close()
})
