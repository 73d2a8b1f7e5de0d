/** What a person does with the page, in the words of the tests. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { StackFile } from '../../scripts/stack-file.ts'
import { ROOT } from '../../scripts/steps.ts'
import { BROWSER_ARGS, findBrowser } from './browser.ts'

/** Screenshots to look at; git-ignored. */
const PICTURES = join(ROOT, 'output', 'e2e')
/** Between the photo, when it is shown whole, and the stage's edge; CSS pixels. */
const STAGE_MARGIN = 12

/** `args` come on top of what every test's browser gets. */
export async function openBrowser(args: readonly string[] = []): Promise<Browser> {
  const executablePath = findBrowser()
  if (!executablePath)
    throw new Error('No browser was found. Install Chromium, or set GEN3D_BROWSER to its path.')
  return chromium.launch({ executablePath, args: [...BROWSER_ARGS, ...args] })
}

/** A phone in a hand: fingers, a narrow screen, three device pixels a CSS pixel. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 3,
  hasTouch: true,
  isMobile: true,
}

/** Opens the page and collects what a person would not forgive: errors of scripts and refused contents. */
export async function openPage(
  browser: Browser,
  stack: Pick<StackFile, 'web_url'>,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[]; origins: Set<string> }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  // Of the page and its Workers; a blob: address carries its page's origin.
  const origins = new Set<string>()
  context.on('request', (request) => origins.add(new URL(request.url()).origin))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(stack.web_url)
  return { page, complaints, origins }
}

export async function signInOnPage(
  page: Page,
  stack: Pick<StackFile, 'username' | 'password'>,
): Promise<void> {
  await page.getByLabel('E-mail').fill(stack.username)
  await page.getByLabel('Password', { exact: true }).fill(stack.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Start with a photo' }).waitFor()
}

/** Gives the page a photo and waits until it can be clicked on. Returns the session's id. */
export async function choosePhoto(page: Page, file: string): Promise<string> {
  await page.locator('input[type=file]').first().setInputFiles(file)
  await page.getByTestId('stage').waitFor()
  await page.getByText('Click on the object.', { exact: true }).waitFor({ timeout: 60_000 })
  await page.waitForURL(/#\/sessions\/[0-9A-Z]{26}/)
  return /[0-9A-Z]{26}/.exec(page.url())?.[0] ?? ''
}

type Pixel = readonly [number, number]
interface Size {
  readonly width: number
  readonly height: number
}

/** Where a pixel of the photo, which is shown whole on the stage, stands on the screen; CSS pixels. */
export async function placeOf(page: Page, photo: Size, pixel: Pixel): Promise<{ x: number; y: number }> {
  const stage = await page.getByTestId('stage').boundingBox()
  if (!stage) throw new Error('the stage is not on the page')
  const scale = Math.min(
    (stage.width - 2 * STAGE_MARGIN) / photo.width,
    (stage.height - 2 * STAGE_MARGIN) / photo.height,
  )
  return {
    x: stage.x + stage.width / 2 + (pixel[0] + 0.5 - photo.width / 2) * scale,
    y: stage.y + stage.height / 2 + (pixel[1] + 0.5 - photo.height / 2) * scale,
  }
}

/** Clicks on a pixel of the photo: left for what belongs to it, right for what does not. */
export async function clickPhoto(page: Page, photo: Size, pixel: Pixel, label: 0 | 1 = 1): Promise<void> {
  const { x, y } = await placeOf(page, photo, pixel)
  await page.mouse.click(x, y, { button: label === 1 ? 'left' : 'right' })
}

/** The same with a finger, which has no right button. */
export async function tapPhoto(page: Page, photo: Size, pixel: Pixel): Promise<void> {
  const { x, y } = await placeOf(page, photo, pixel)
  await page.touchscreen.tap(x, y)
}

/** Presses the button once it can be pressed, and waits until the object's files are there. */
export async function makeObject(page: Page): Promise<void> {
  await pressMake(page)
  await page.getByRole('heading', { name: 'Keep it' }).waitFor({ timeout: 60_000 })
}

export async function pressMake(page: Page): Promise<void> {
  await page.locator('button[type=submit][aria-disabled=false]', { hasText: 'Make' }).click()
}

/** What is selected of the active object, as the page says it to a screen reader; per cent of the photo. */
export async function selectedShare(page: Page): Promise<number> {
  const said = page.getByTestId('spoken').filter({ hasText: 'of the photo is selected' })
  await said.waitFor({ state: 'attached' })
  return Number.parseFloat((await said.textContent()) ?? '')
}

/** Errors of scripts and refused contents, without the console's lines about answers that a test provoked. */
export function withoutRefusals(complaints: readonly string[]): string[] {
  return complaints.filter((line) => !line.startsWith('Failed to load resource'))
}

/** Keeps a screenshot for people, and returns it; a CSS pixel is a pixel of it. */
export async function picture(page: Page, name: string): Promise<Uint8Array> {
  mkdirSync(PICTURES, { recursive: true })
  return new Uint8Array(await page.screenshot({ path: join(PICTURES, `${name}.png`), scale: 'css' }))
}
