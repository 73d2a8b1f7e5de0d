/** What a person feels of the page in a real browser: the pointer's answer, and a slow phone's first screen. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import type { Browser } from 'playwright-core'
import { buildWeb } from '../../scripts/web.ts'
import { choosePhoto, clickPhoto, openBrowser, signInOnPage } from '../e2e/page.ts'
import { measureHover, watchHover } from '../e2e/pointer.ts'
import { newStackFolder, removeStackFolder, startTestStack } from '../e2e/test-stack.ts'
import { drawDuck } from '../fixtures/duck.ts'
import { type Bench, type Figure, quantile } from './figure.ts'
import { measureOnnxDecoder } from './onnx-decoder.ts'

const POINTER_GOAL_MS = 50
const USABLE_GOAL_SECONDS = 1
/** Sides of the photos that the pointer moves over, pixels: a small one, and what a phone's main camera makes. */
const SIDES = [
  [1280, 960],
  [4000, 3000],
] as const
const MOVES = 60
/** Lighthouse's slow 4G: round trip ms, bytes a second down and up; and a phone of a quarter of this machine's speed. */
const SLOW_4G = { latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 }
const CPU_SLOWDOWN = 4
const WINDOW_MS = 2000

type Stack = Awaited<ReturnType<typeof startTestStack>>['file']

export const measureBrowser: Bench = async (repeats) => {
  await buildWeb()
  const folder = newStackFolder()
  const work = mkdtempSync(join(tmpdir(), 'gen3d-bench-'))
  const stack = await startTestStack(folder)
  const browser = await openBrowser()
  try {
    const figures = [await measurePhone(browser, stack.file, repeats)]
    for (const [width, height] of SIDES) {
      const duck = drawDuck(width, height)
      const photo = join(work, `${width}.jpg`)
      writeFileSync(photo, encodeJpeg(duck.image, 90))
      figures.push(await measurePointer(browser, stack.file, photo, duck, repeats))
    }
    figures.push(...(await measureOnnxDecoder(browser)))
    return figures
  } finally {
    await browser.close()
    await stack.stop()
    removeStackFolder(folder)
    rmSync(work, { recursive: true, force: true })
  }
}

/** From the pointer's event to the painted frame, over the whole photo, with one point set: every move of all sessions. */
async function measurePointer(
  browser: Browser,
  stack: Stack,
  photo: string,
  duck: ReturnType<typeof drawDuck>,
  sessions: number,
): Promise<Figure> {
  const times: number[] = []
  let lastMs = 0
  for (let i = 0; i < sessions; i++) {
    const session = await movePointer(browser, stack, photo, duck)
    times.push(...session.times)
    lastMs = session.lastMs
  }
  const megapixels = (duck.image.width * duck.image.height) / 1e6
  const name = `pointer to picture p95, ${megapixels.toFixed(1)} megapixels`
  const named = { group: 'browser', name, unit: 'ms', goal: POINTER_GOAL_MS } as const
  const moves = MOVES * sessions
  const note = `${times.length} of ${moves} moves answered, ${sessions} sessions`
  // The page gives its preview up where the decoder is slow, for example on a busy machine: then the decoder is the figure.
  if (times.length < moves / 2) return { ...named, value: lastMs, note: `decoder alone, ${note}` }
  return {
    ...{ ...named, value: quantile(times, 0.95) },
    note: `p50 ${quantile(times, 0.5).toFixed(1)}, ${note}`,
  }
}

/** One session of its own, with nothing stored: the moves that were answered, and the decoder's last time. */
async function movePointer(
  browser: Browser,
  stack: Stack,
  photo: string,
  { image, inside }: ReturnType<typeof drawDuck>,
): Promise<{ times: number[]; lastMs: number }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await watchHover(page)
  await page.goto(stack.web_url)
  await signInOnPage(page, stack)
  await choosePhoto(page, photo)
  await clickPhoto(page, image, inside[0])
  await page.locator('button[type=submit][aria-disabled=false]').waitFor({ timeout: 60_000 })
  const stage = await page.getByTestId('stage').boundingBox()
  if (!stage) throw new Error('the stage is not on the page')
  const spots = Array.from({ length: MOVES }, (_, i) => {
    const angle = i * 2.4
    const reach = 0.05 + (0.35 * i) / MOVES
    return [
      stage.x + stage.width * (0.5 + reach * Math.cos(angle)),
      stage.y + stage.height * (0.5 + reach * Math.sin(angle)),
    ] as const
  })
  const times = await measureHover(page, spots)
  const lastMs = Number(await page.getByTestId('stage').getAttribute('data-decode-ms'))
  await context.close()
  return { times, lastMs }
}

/** From the address to a first screen that takes what is typed, nothing stored before. */
async function measurePhone(browser: Browser, stack: Stack, repeats: number): Promise<Figure> {
  const usable: number[] = []
  const painted: number[] = []
  for (let i = 0; i < repeats; i++) {
    const context = await browser.newContext({
      ...{ viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true },
    })
    const page = await context.newPage()
    await page.addInitScript(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = () =>
        document.documentElement.setAttribute('data-usable', String(performance.now()))
      const observer = new MutationObserver(() => {
        if (!document.querySelector('input[name=password]')) return
        observer.disconnect()
        // After the frame that shows it.
        requestAnimationFrame(() => channel.port2.postMessage(null))
      })
      observer.observe(document, { childList: true, subtree: true })
    })
    // A new window's own parts, which a phone's browser has not, are loaded beside its first page.
    await page.waitForTimeout(WINDOW_MS)
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.emulateNetworkConditions', { offline: false, ...SLOW_4G })
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN })
    await page.goto(stack.web_url)
    await page.locator('html[data-usable]').waitFor({ timeout: 60_000 })
    await page.getByLabel('E-mail').fill('somebody@example.com')
    usable.push(Number(await page.locator('html').getAttribute('data-usable')) / 1000)
    painted.push(
      await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0),
    )
    await context.close()
  }
  return {
    ...{ group: 'browser', name: 'slow phone, first screen usable p50', unit: 's' },
    ...{ value: quantile(usable, 0.5), goal: USABLE_GOAL_SECONDS },
    note: `first paint ${(quantile(painted, 0.5) / 1000).toFixed(2)}; best ${Math.min(...usable).toFixed(2)}`,
  }
}
