/** The selection as the page has written it down in the browser, which it reads again after a reload. */
import type { BoxPrompt, PointPrompt, StrokePrompt } from '@gen3d/shared/prompts'
import type { Page } from 'playwright-core'

export interface Draft {
  readonly layers: readonly {
    readonly name: string
    readonly points: readonly PointPrompt[]
    readonly box: BoxPrompt | null
    readonly strokes: readonly StrokePrompt[]
    readonly candidate: number
    readonly inverted: boolean
    readonly shift?: number
  }[]
}

export function readDraft(page: Page, sessionId: string): Promise<Draft> {
  return page.evaluate(
    (key) =>
      new Promise<Draft>((resolve, reject) => {
        const opening = indexedDB.open('gen3d')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const reading = opening.result.transaction('drafts').objectStore('drafts').get(key)
          reading.onerror = () => reject(reading.error)
          reading.onsuccess = () => {
            opening.result.close()
            resolve(reading.result as Draft)
          }
        }
      }),
    sessionId,
  )
}
