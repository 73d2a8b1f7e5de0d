/** What the viewer shows, as pixels. */
import { decodeImage } from '@gen3d/image/decode'
import type { Image } from '@gen3d/image/types'
import type { Page } from 'playwright-core'
import { picture } from './page.ts'

/** The part of a screenshot in which the object stands, as pixels. */
async function viewerPixels(page: Page, name: string): Promise<Image> {
  const bytes = await picture(page, name)
  const whole = await decodeImage(bytes)
  const box = await page.getByLabel(/The object in 3D/).boundingBox()
  if (!box) throw new Error('the viewer is not on the page')
  const [x0, y0, width, height] = [box.x, box.y, box.width, box.height].map(Math.round)
  const data = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y++) {
    const from = ((y0 + y) * whole.width + x0) * 4
    data.set(whole.data.subarray(from, from + width * 4), y * width * 4)
  }
  return { width, height, data }
}

/** Offsets of the pixels that are not the background, whose colour stands in the top left corner. */
export function objectPixels(view: Image): number[] {
  const ground = view.data.slice(0, 4)
  const found: number[] = []
  for (let o = 0; o < view.data.length; o += 4) {
    const off =
      Math.abs(view.data[o] - ground[0]) +
      Math.abs(view.data[o + 1] - ground[1]) +
      Math.abs(view.data[o + 2] - ground[2])
    if (off > 40) found.push(o)
  }
  return found
}

/** The viewer draws on demand and moves softly: waits until two pictures in a row are the same. */
export async function settled(page: Page, name: string): Promise<Image> {
  let last = await viewerPixels(page, name)
  for (let tries = 0; tries < 40; tries++) {
    await page.waitForTimeout(400)
    const next = await viewerPixels(page, name)
    const same =
      next.data.length === last.data.length && next.data.every((value, i) => value === last.data[i])
    if (same && objectPixels(next).length > 0) return next
    last = next
  }
  throw new Error(`the viewer did not come to rest: ${name}`)
}
