/** The page at a name that is not this machine's, without TLS: the browser gives it no secure context there. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { expect, inject, test } from 'vitest'
import { drawDuck } from '../fixtures/duck.ts'
import { choosePhoto, clickPhoto, openBrowser, openPage, signInOnPage } from './page.ts'
import { startPlainSite } from './plain-site.ts'

const NAME = 'gen3d.test'

test('on plain http at a foreign name a person signs in, selects, makes an object and keeps it', async () => {
  const stack = inject('stack')
  const duck = drawDuck()
  const photo = join(mkdtempSync(join(tmpdir(), 'gen3d-photo-')), 'duck.jpg')
  writeFileSync(photo, encodeJpeg(duck.image, 92))
  const site = await startPlainSite(stack, NAME)
  const browser = await openBrowser([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`])
  try {
    const { page, complaints, origins } = await openPage(browser, site)
    expect(await page.evaluate(() => [isSecureContext, typeof crypto.subtle])).toEqual([false, 'undefined'])
    await signInOnPage(page, stack)
    await choosePhoto(page, photo)
    for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
    await page.getByRole('button', { name: 'Make 3D' }).click()
    await page.getByRole('heading', { name: 'Keep it' }).waitFor({ timeout: 60_000 })
    await page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 30_000 })
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'as GLB' }).click(),
    ])
    expect(readFileSync(await file.path()).toString('latin1', 0, 4)).toBe('glTF')
    expect(complaints).toEqual([])
    expect([...origins].sort()).toEqual([new URL(site.web_url).origin, stack.cognito_endpoint].sort())
  } finally {
    await browser.close()
    await site.stop()
  }
})
