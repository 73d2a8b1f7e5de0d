/** Every screen of the page by its address, for what has to hold on all of them. */
import type { Page } from 'playwright-core'

export interface Screen {
  readonly name: string
  /** Behind the page's own address. */
  readonly hash: string
  /** Resolves when it stands there. */
  readonly ready: (page: Page) => Promise<unknown>
}

const heading = (name: string) => (page: Page) => page.getByRole('heading', { level: 1, name }).waitFor()

export const OUTSIDE: readonly Screen[] = [
  { name: 'arrive', hash: '#/', ready: (page) => page.getByRole('button', { name: 'Sign in' }).waitFor() },
  { name: 'sign-up', hash: '#/sign-up', ready: (page) => page.getByRole('heading', { level: 1 }).waitFor() },
  { name: 'forgot', hash: '#/forgot', ready: (page) => page.getByRole('heading', { level: 1 }).waitFor() },
  { name: 'api', hash: 'api.html', ready: heading('The API') },
]

/** Of a session that has an object, for whoever is signed in. */
export function insideScreens(sessionId: string): readonly Screen[] {
  return [
    { name: 'home', hash: '#/', ready: heading('Start with a photo') },
    { name: 'gallery', hash: '#/sessions', ready: heading('My objects') },
    {
      name: 'select',
      hash: `#/sessions/${sessionId}/select`,
      ready: (page) => page.getByTestId('stage').waitFor(),
    },
    {
      name: 'object',
      hash: `#/sessions/${sessionId}/object`,
      ready: (page) => page.locator('[data-testid=viewer][data-ready=true]').waitFor({ timeout: 60_000 }),
    },
    { name: 'account', hash: '#/account', ready: heading('Account') },
  ]
}
