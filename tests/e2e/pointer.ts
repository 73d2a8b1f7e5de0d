/** How long a person waits for what the pointer asks for, from the event to the painted frame. */
import type { Page } from 'playwright-core'

declare global {
  interface Window {
    /** When the last frame with a dashed hover outline had been painted; the page's own clock, ms. */
    hoverPainted?: number
    /** When the last event of the pointer came. */
    pointerMoved?: number
  }
}

/**
 * The page draws what one more click would select as a dashed line: the frame in which that is drawn is the answer.
 * Before the first navigation.
 */
export async function watchHover(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      window.hoverPainted = performance.now()
    }
    const plain = CanvasRenderingContext2D.prototype.setLineDash
    CanvasRenderingContext2D.prototype.setLineDash = function (dashes) {
      // A message that is sent while a frame is drawn arrives after it.
      if ([...dashes].length > 0) channel.port2.postMessage(null)
      plain.call(this, dashes)
    }
    addEventListener('pointermove', (event) => (window.pointerMoved = event.timeStamp), true)
  })
}

/** Moves the pointer over the stage, again when the last answer is there; milliseconds for each spot that answered. */
export async function measureHover(
  page: Page,
  spots: readonly (readonly [number, number])[],
): Promise<number[]> {
  const times: number[] = []
  for (const [x, y] of spots) {
    await page.evaluate(() => {
      window.hoverPainted = undefined
    })
    await page.mouse.move(x, y)
    for (let tries = 0; tries < 100; tries++) {
      const took = await page.evaluate(() => (window.hoverPainted ?? Number.NaN) - (window.pointerMoved ?? 0))
      if (took >= 0) {
        times.push(took)
        break
      }
      await page.waitForTimeout(10)
    }
  }
  return times
}
