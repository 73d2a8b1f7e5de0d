/** Files as a renderer that is not ours draws them: PlayCanvas in a browser, through the photo's camera. */
import { fileURLToPath } from 'node:url'
import { decodeImage } from '@gen3d/image/decode'
import type { Image, Mask } from '@gen3d/image/types'
import { serveLoopback } from '@gen3d/local/server'
import type { FileFormat } from '@gen3d/shared/formats'
import type { Camera } from '@gen3d/shared/frames'
import { build } from 'esbuild'
import { openBrowser } from '../e2e/page.ts'

export interface ForeignView {
  /** The picture has the photo's size; alpha 0 where nothing is. */
  draw(format: FileFormat, bytes: Uint8Array, camera: Camera): Promise<Image>
  close(): Promise<void>
}

export async function openForeignView(): Promise<ForeignView> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('foreign-view-page.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  })
  let file: Uint8Array = new Uint8Array()
  const server = await serveLoopback({
    name: 'foreign view',
    port: 0,
    handle({ url }, response) {
      const isScript = url === '/bundle.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      if (isScript) response.end(bundle.outputFiles[0].text)
      else if (url === '/file') response.end(file)
      else response.end('<!doctype html><body><script type="module" src="/bundle.js"></script></body>')
    },
  })
  const browser = await openBrowser()
  const page = await browser.newPage()
  await page.goto(server.endpoint)
  await page.waitForFunction(() => globalThis.drawThroughPhotoCamera !== undefined)
  return {
    async draw(format, bytes, { objectToCamera, ...lens }) {
      file = bytes
      const camera = { ...lens, object_to_camera: objectToCamera }
      const url = await page.evaluate((request) => globalThis.drawThroughPhotoCamera?.(request), {
        url: '/file',
        format,
        camera,
      })
      if (!url) throw new Error('the browser drew nothing')
      return decodeImage(new Uint8Array(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')))
    },
    async close() {
      await browser.close()
      await server.stop()
    },
  }
}

/** Peak signal-to-noise ratio inside the mask, dB; where the picture is clear it counts as black. */
export function psnrInside(picture: Image, photo: Image, mask: Mask): number {
  let squares = 0
  let count = 0
  for (let p = 0; p < mask.data.length; p++) {
    if (mask.data[p] === 0) continue
    const alpha = picture.data[4 * p + 3] / 255
    for (let k = 0; k < 3; k++) {
      const error = picture.data[4 * p + k] * alpha - photo.data[4 * p + k]
      squares += error * error
      count++
    }
  }
  return 10 * Math.log10((255 * 255 * count) / squares)
}
