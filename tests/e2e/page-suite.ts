/** What every suite of the page needs: the shared stack, one browser, and a photo of our own in a file. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, inject } from 'vitest'
import { drawDuck } from '../fixtures/duck.ts'
import { openBrowser, picture } from './page.ts'

/** Call it at the top of a suite; `browser()` answers inside tests. `args` come on top of what every browser gets. */
export function usePage(args: readonly string[] = []) {
  const duck = drawDuck()
  const work = mkdtempSync(join(tmpdir(), 'gen3d-photo-'))
  const photo = join(work, 'duck.jpg')
  const bytes = new Uint8Array(encodeJpeg(duck.image, 92))
  writeFileSync(photo, bytes)
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await openBrowser(args)
  })
  // What a failed test left open is looked at once and closed, so that it holds up no other.
  afterEach(async ({ task }) => {
    for (const context of browser?.contexts() ?? []) {
      for (const [index, page] of context.pages().entries()) {
        if (task.result?.state === 'fail')
          await picture(page, `failed-${task.name.slice(0, 40)}-${index}`).catch(() => {})
      }
      await context.close()
    }
  })
  afterAll(async () => {
    await browser?.close()
  })
  return {
    stack: inject('stack'),
    stackFolder: inject('stackFolder'),
    duck,
    /** The photo's path, and its bytes. */
    photo,
    bytes,
    /** A folder for more files. */
    work,
    browser: () => {
      if (!browser) throw new Error('the browser starts with the first test')
      return browser
    },
  }
}
