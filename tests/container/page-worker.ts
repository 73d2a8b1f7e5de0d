/** The page's decoding Worker, spoken to as the page does, without the page. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { DecoderCall, DecoderCalls } from '../../apps/web/src/select/decoder-protocol.ts'
import { WEB_DIST } from '../../scripts/web.ts'

/** Bytes do not pass through the browser's protocol: they go as a list. */
type Plain = { readonly bytes: readonly number[] }

const toPlain = (_: string, value: unknown): unknown => {
  // JSON.stringify hands a Buffer over as what its toJSON made.
  const made = value as { type?: string; data?: number[] } | null
  return made?.type === 'Buffer' ? ({ bytes: made.data ?? [] } satisfies Plain) : value
}

/** Starts a Worker in the page; one call at a time. */
export async function startWorker(page: Page) {
  const script = readdirSync(join(WEB_DIST, 'assets')).find((name) => /^decoder-worker-.+\.js$/.test(name))
  await page.evaluate((address) => {
    Object.assign(window, { pageWorker: new Worker(address, { type: 'module' }) })
  }, `./assets/${script}`)
  let last = 0
  return async <Name extends DecoderCall>(
    call: Name,
    input: DecoderCalls[Name]['input'],
  ): Promise<DecoderCalls[Name]['output']> => {
    const question = JSON.stringify({ id: ++last, call, input }, toPlain)
    const answer = await page.evaluate(
      (text) =>
        new Promise<string>((resolve, reject) => {
          const { pageWorker } = window as unknown as { pageWorker: Worker }
          const asked = JSON.parse(text, (_, value) => (value?.bytes ? Uint8Array.from(value.bytes) : value))
          pageWorker.onerror = (event) => reject(new Error(event.message || 'the Worker did not start'))
          pageWorker.onmessage = ({ data }) => {
            if (data.id !== asked.id) return
            if (data.fault) reject(new Error(data.fault))
            else
              resolve(
                JSON.stringify(data.output, (_, value) =>
                  ArrayBuffer.isView(value) ? { bytes: Array.from(value as Uint8Array) } : value,
                ),
              )
          }
          pageWorker.postMessage(asked)
        }),
      question,
    )
    return JSON.parse(answer, (_, value) => (value?.bytes ? Uint8Array.from(value.bytes) : value))
  }
}
