/** Looks for what keeps people out: axe's rules on a screen as it stands, in both themes. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** One line a violation: theme, rule, where; empty when there is none. */
export async function findBarriers(page: Page, screen: string): Promise<string[]> {
  const found: string[] = []
  // Evaluated from outside, so that the page's policy needs no exception.
  await page.evaluate(SOURCE)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Colours change softly, and half of the way has no contrast to judge.
    await page.waitForTimeout(300)
    const { violations } = (await page.evaluate('axe.run()')) as AxeResults
    for (const { id, nodes } of violations) {
      const places = nodes.map((node) => `${node.target.join(' ')} (${node.failureSummary})`)
      found.push(`${screen}, ${colorScheme}: ${id} at ${places.join('; ')}`)
    }
  }
  await page.emulateMedia({ colorScheme: null })
  return found
}
