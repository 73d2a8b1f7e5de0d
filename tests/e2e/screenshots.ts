// `pnpm screenshots`: every screen of the page at three sizes, light and dark, into output/screenshots, to be looked
// at; and the README's two pictures. Runs a stack of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeImage } from '@gen3d/image/decode'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { encodePng } from '@gen3d/image/encode-png'
import type { Page } from 'playwright-core'
import { ROOT } from '../../scripts/steps.ts'
import { drawDuck } from '../fixtures/duck.ts'
import { signalEngines } from './engine-process.ts'
import { choosePhoto, clickPhoto, openBrowser, openPage, signInOnPage } from './page.ts'
import { newStackFolder, removeStackFolder, startTestStack } from './test-stack.ts'

const FOLDER = join(ROOT, 'output', 'screenshots')
const IMAGES = join(ROOT, 'docs', 'images')
/** CSS pixels; the narrowest that the page has to fit is 320. */
const SIZES = { phone: [320, 640], tablet: [820, 1100], desktop: [1280, 800] } as const
/** Until a viewer of a new size has drawn. */
const SETTLE_MS = 900

/** A pixel of the duck's shadow, which belongs to the selection as long as nobody says that it does not. */
const SHADOW = [371, 350] as const

/** Of a picture in the README, bytes, and the steps that its colours are rounded to: nobody sees them, PNG does. */
const MAX_README_BYTES = 250_000
const COLOUR_STEP = 4

let count = 0

async function shoot(page: Page, screen: string): Promise<void> {
  const number = String(++count).padStart(2, '0')
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    await page.setViewportSize({ width, height })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForTimeout(SETTLE_MS)
      const path = join(FOLDER, `${number}-${screen}-${size}-${colorScheme}.png`)
      // The whole height on small screens, where most of a screen lies below; a window stands before what is seen.
      const window = await page.locator('dialog[open]').count()
      await page.screenshot({ path, fullPage: size !== 'desktop' && window === 0 })
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  console.log(`  ${number} ${screen}`)
}

/** A picture for the README, as small as it looks the same. */
async function illustrate(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 1120, height: 720 })
  // A click may have scrolled, and nothing is pointed at.
  await page.mouse.move(0, 0)
  await page.evaluate(() => window.scrollTo(0, 0))
  await page.waitForTimeout(2 * SETTLE_MS)
  const image = await decodeImage(await page.screenshot())
  const data = image.data.map((value) => Math.round(value / COLOUR_STEP) * COLOUR_STEP)
  const bytes = encodePng({ ...image, data })
  if (bytes.length > MAX_README_BYTES) throw new Error(`${name} has ${bytes.length} bytes.`)
  writeFileSync(join(IMAGES, name), bytes)
}

rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })
mkdirSync(IMAGES, { recursive: true })
const duck = drawDuck()
const photo = join(mkdtempSync(join(tmpdir(), 'gen3d-photo-')), 'duck.jpg')
writeFileSync(photo, encodeJpeg(duck.image, 92))
const folder = newStackFolder()
const stack = await startTestStack(folder)
const browser = await openBrowser()
try {
  const { page } = await openPage(browser, stack.file)
  const open = (hash: string) => page.goto(`${stack.file.web_url}${hash}`)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await shoot(page, 'arrive')
  await open('#/sign-up')
  await shoot(page, 'sign-up')
  await open('#/forgot')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await shoot(page, 'forgot')
  await open('api.html')
  await shoot(page, 'api')
  await open('#/sign-in')
  await signInOnPage(page, stack.file)
  await shoot(page, 'home-empty')
  const sessionId = await choosePhoto(page, photo)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  await clickPhoto(page, duck.image, SHADOW, 0)
  await page.locator('button[type=submit][aria-disabled=false]').waitFor()
  await illustrate(page, 'select.png')
  await shoot(page, 'select')
  await page.locator('form.make summary').click()
  await shoot(page, 'make-options')
  // The engine stands still while what is there meanwhile is drawn.
  await signalEngines(folder, 'SIGSTOP')
  try {
    await page.getByRole('button', { name: 'Make 3D' }).click()
    await page.getByText('Rough preview, made in your browser.').waitFor({ timeout: 60_000 })
    await page.locator('[data-testid=viewer][data-ready=true]').waitFor()
    await shoot(page, 'rough')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await shoot(page, 'cancelled')
  } finally {
    await signalEngines(folder, 'SIGCONT')
  }
  // Afresh, so that the time it took is the engine's own.
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: 'Keep it' }).waitFor({ timeout: 60_000 })
  await page.locator('[data-testid=viewer][data-ready=true]').waitFor()
  await illustrate(page, 'object.png')
  await shoot(page, 'object')
  await page.getByRole('button', { name: 'Over the photo' }).click()
  await shoot(page, 'over-photo')
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  const link = await page.getByLabel('Link', { exact: true }).inputValue()
  await shoot(page, 'share')
  await page.goto(link)
  await page.locator('[data-testid=viewer][data-ready=true]').waitFor()
  await shoot(page, 'shared')
  await page.getByLabel('Size of the splats').selectOption('Points')
  await page.getByRole('button', { name: 'Grid' }).click()
  await shoot(page, 'points')
  await page.getByRole('button', { name: 'Mesh', exact: true }).click()
  await page.getByRole('button', { name: 'Light from the side' }).click()
  await shoot(page, 'lit')
  await open('#/sessions')
  await page.locator(`a[href*="${sessionId}"] img`).waitFor()
  await shoot(page, 'gallery')
  await page
    .getByRole('button', { name: /^Delete/ })
    .first()
    .click()
  await shoot(page, 'delete')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await open('#/account')
  await shoot(page, 'account')
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click()
  await page.getByRole('img', { name: 'QR code' }).waitFor()
  await shoot(page, 'authenticator')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Delete my account' }).click()
  await shoot(page, 'delete-account')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await open('#/nowhere')
  await shoot(page, 'unknown')
  await open('#/shared/0123456789012345678901234567890123456789012')
  await page.getByText('This link does not work any more.').waitFor()
  await shoot(page, 'link-gone')
  await open('#/sessions')
  await page.locator(`a[href*="${sessionId}"] img`).waitFor()
  await page.context().setOffline(true)
  await page.getByText('You are offline.').waitFor()
  await shoot(page, 'offline')
} finally {
  await browser.close()
  await stack.stop()
  removeStackFolder(folder)
}
console.log(`Look at ${FOLDER}`)
