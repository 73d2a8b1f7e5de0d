/** What every suite at a name that is not this machine's, without TLS, needs. */
import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { openPage, signInOnPage } from './page.ts'
import { usePage } from './page-suite.ts'
import { startPlainSite } from './plain-site.ts'

const NAME = 'gen3d.test'

/** Call it at the top of a suite; `site()` and `browser()` answer inside tests. */
export function usePlainPage() {
  const suite = usePage([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`])
  let started: Awaited<ReturnType<typeof startPlainSite>> | undefined
  beforeAll(async () => {
    started = await startPlainSite(suite.stack, NAME)
  })
  afterAll(() => started?.stop())
  const site = () => {
    if (!started) throw new Error('the site starts with the first test')
    return started
  }
  return {
    ...suite,
    site,
    /** Opens the page, which has no secure context there, and signs in. */
    async open(options: BrowserContextOptions = {}) {
      const opened = await openPage(suite.browser(), site(), options)
      expect(await opened.page.evaluate(() => [isSecureContext, typeof crypto.subtle])).toEqual([
        false,
        'undefined',
      ])
      await signInOnPage(opened.page, suite.stack)
      return opened
    },
  }
}
