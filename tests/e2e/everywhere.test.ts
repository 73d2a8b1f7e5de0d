/**
 * What holds on every screen beside axe's rules: it fits 320 pixels, it keeps still for whoever asks for that, no token
 * stands in an address or in localStorage, and what is shared carries nothing of where the photo was taken.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { unzipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { drawDuck } from '../fixtures/duck.ts'
import { withExif } from '../fixtures/exif.ts'
import { choosePhoto, clickPhoto, makeObject, openBrowser, openPage, signInOnPage } from './page.ts'
import { insideScreens, OUTSIDE, type Screen } from './screens.ts'
import { signIn } from './session.ts'

const PLACE = { latitude: [48, 51, 30], longitude: [2, 17, 40] }
const MAKE = 'Gen3D test camera'
const duck = drawDuck()
const work = mkdtempSync(join(tmpdir(), 'gen3d-photo-'))
const photo = join(work, 'duck.jpg')
const stack = inject('stack')
let browser: Browser

beforeAll(async () => {
  writeFileSync(photo, withExif(encodeJpeg(duck.image, 92), { place: PLACE, make: MAKE }))
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  rmSync(work, { recursive: true, force: true })
})

async function makeOnPage(page: Page): Promise<string> {
  await signInOnPage(page, stack)
  const sessionId = await choosePhoto(page, photo)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  await makeObject(page)
  return sessionId
}

async function visit(page: Page, screens: readonly Screen[], look: (name: string) => Promise<void>) {
  for (const { name, hash, ready } of screens) {
    await page.goto(`${stack.web_url}${hash}`)
    await ready(page)
    await look(name)
  }
}

/** CSS pixels by which a screen is wider than its window, and what stands out of it. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= room) return []
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > room + 0.5)
      .map((element) => `${element.tagName}.${element.className} to ${element.getBoundingClientRect().right}`)
      .slice(0, 5)
      .concat(`${document.documentElement.scrollWidth} of ${room}`)
  })
}

/** What moves without end, or longer than a blink. */
function motions(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document.getAnimations().flatMap((animation) => {
      const { duration, iterations } = animation.effect?.getComputedTiming() ?? {}
      const long = iterations === Number.POSITIVE_INFINITY || Number(duration) > 100
      const target = (animation.effect as KeyframeEffect | null)?.target
      return animation.playState === 'running' && long ? [`${target?.className}: ${duration} ms`] : []
    }),
  )
}

test('every screen fits 320 pixels, and keeps still for whoever wants no motion', async () => {
  const { page } = await openPage(browser, stack, {
    ...{ viewport: { width: 320, height: 640 }, reducedMotion: 'reduce', hasTouch: true, isMobile: true },
  })
  const wide: string[] = []
  const moving: string[] = []
  const look = async (name: string) => {
    for (const found of await overflow(page)) wide.push(`${name}: ${found}`)
    for (const found of await motions(page)) moving.push(`${name}: ${found}`)
  }
  await visit(page, OUTSIDE, look)
  await page.goto(stack.web_url)
  const sessionId = await makeOnPage(page)
  await visit(page, insideScreens(sessionId), look)
  await page.goto(`${stack.web_url}#/sessions/${sessionId}/object`)
  await page.getByRole('button', { name: 'Share' }).click()
  await look('share')
  expect({ wide, moving }).toEqual({ wide: [], moving: [] })
  await page.context().close()
})

test('the example turns for whoever has nothing against it', async () => {
  const { page } = await openPage(browser, stack, { reducedMotion: 'no-preference' })
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(await motions(page)).not.toEqual([])
  await page.context().close()
})

test('no token stands in an address, a history or localStorage, and object URLs are given back', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.addInitScript(() => {
    const open = new Set<string>()
    Object.assign(window, { openUrls: open })
    const [make, revoke] = [URL.createObjectURL, URL.revokeObjectURL]
    URL.createObjectURL = (thing: Blob | MediaSource) => {
      const url = make.call(URL, thing)
      // The 3D engine starts its sorter from a script of its own, a few kB a viewer, and keeps that address.
      if (!(thing instanceof Blob && thing.type === 'application/javascript')) open.add(url)
      return url
    }
    URL.revokeObjectURL = (url: string) => {
      open.delete(url)
      revoke.call(URL, url)
    }
    // What is kept for a minute after a download is kept for a moment here.
    const later = window.setTimeout
    Object.assign(window, {
      setTimeout: (step: () => void, ms?: number, ...rest: unknown[]) =>
        later(step, ms === 60_000 ? 50 : ms, ...rest),
    })
  })
  const asked: string[] = []
  const tokens = new Set<string>()
  context.on('request', (request) => {
    asked.push(request.url())
    const header = request.headers().authorization
    if (header) tokens.add(header.replace('Bearer ', ''))
  })
  context.on('response', async (response) => {
    const body = response.url().startsWith(stack.cognito_endpoint)
      ? await response.text().catch(() => '')
      : ''
    for (const [, token] of body.matchAll(/"(?:Id|Access|Refresh)Token":"([^"]+)"/g)) tokens.add(token)
  })
  await page.goto(stack.web_url)
  const sessionId = await makeOnPage(page)
  for (const name of ['as GLB', 'ZIP']) {
    await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()])
  }
  await visit(page, insideScreens(sessionId), async () => undefined)
  expect(tokens.size).toBeGreaterThanOrEqual(3)
  const leaks = asked.filter((url) => [...tokens].some((token) => url.includes(token)))
  expect(leaks).toEqual([])
  expect(page.url()).not.toMatch(/eyJ/)
  expect(await page.evaluate(() => JSON.stringify(localStorage))).toBe('{}')
  await page.waitForTimeout(300)
  expect(await page.evaluate(() => [...(window as unknown as { openUrls: Set<string> }).openUrls])).toEqual(
    [],
  )
  await context.close()
})

test('a photo with a place in it is kept as it is for its owner, and no shared file knows the place', async () => {
  const { page } = await openPage(browser, stack)
  const sessionId = await makeOnPage(page)
  const { client } = await signIn(stack)
  const { photo_url } = await client.readSession(sessionId)
  const kept = Buffer.from(await (await fetch(photo_url ?? '')).arrayBuffer())
  expect(kept.equals(readFileSync(photo))).toBe(true)

  const { token } = await client.shareSession(sessionId)
  const shared = await client.readShared(token)
  expect(JSON.stringify(shared)).not.toContain('original_image')
  const urls = [
    ...shared.objects.flatMap(({ files }) => files.map(({ url }) => url)),
    ...(shared.scene?.files.map(({ url }) => url) ?? []),
    shared.poster_url ?? '',
  ].filter((url) => url !== '')
  expect(urls.length).toBeGreaterThanOrEqual(3)
  // What the test would find: the photo itself has it.
  expect(traces(kept)).toEqual(['Exif', 'GPS', 'camera'])
  for (const url of urls) {
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
    expect(bytes.length).toBeGreaterThan(100)
    const inside = bytes.subarray(0, 2).toString('latin1') === 'PK' ? Object.values(unzipSync(bytes)) : []
    for (const part of [bytes, ...inside]) expect({ url, traces: traces(part) }).toEqual({ url, traces: [] })
  }
  await page.context().close()
})

/** Of a camera's notes: the segment's name, the place as it is written, the camera. */
function traces(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes)
  const degrees = PLACE.latitude.flatMap((value) => [0, 0, 0, value, 0, 0, 0, 1])
  return [
    ...(text.includes('Exif\0\0') || text.includes('eXIf') ? ['Exif'] : []),
    ...(text.includes(Buffer.from(degrees)) ? ['GPS'] : []),
    ...(text.includes(MAKE) ? ['camera'] : []),
  ]
}
