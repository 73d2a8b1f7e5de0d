/** The engine is deterministic across machines: Node and Chromium make the same bytes of the same photo. */
import { fileURLToPath } from 'node:url'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { serveLoopback } from '@gen3d/local/server'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { drawDuck } from '../fixtures/duck.ts'
import { fingerprint } from './fingerprint.ts'
import { openBrowser } from './page.ts'

test('photo, embedding, masks and files have the same bytes in Node and in Chromium', async () => {
  const duck = drawDuck()
  const photo = encodeJpeg(duck.image, 92)
  const clicks = [
    { x: duck.inside[0][0], y: duck.inside[0][1], label: 1 as const },
    { x: duck.outside[1][0], y: duck.outside[1][1], label: 0 as const },
    { x: duck.inside[1][0], y: duck.inside[1][1], label: 1 as const },
  ]
  const wanted = await fingerprint(photo, clicks)

  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('fingerprint.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  })
  const server = await serveLoopback({
    name: 'bundle',
    port: 0,
    handle(request, response) {
      const isScript = request.url === '/bundle.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(isScript ? bundle.outputFiles[0].text : '<script type="module" src="/bundle.js"></script>')
    },
  })
  const browser = await openBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(server.endpoint)
    await page.waitForFunction(() => globalThis.takeFingerprint !== undefined)
    const got = await page.evaluate(
      ([bytes, prompts]) => globalThis.takeFingerprint?.(Uint8Array.from(bytes), prompts),
      [[...photo], clicks] as const,
    )
    expect(got).toEqual(wanted)
    // Sums that tell nothing apart would be equal everywhere, too.
    expect(new Set(Object.values(wanted)).size).toBeGreaterThan(9)
  } finally {
    await browser.close()
    await server.stop()
  }
})
