/**
 * The built page with a folder of decoder fixtures beside it, and a Worker that runs the page's own chunk of the ONNX
 * decoder on them. The page stands under its own policy, as the stack serves it.
 */
import { spawnSync } from 'node:child_process'
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { SITE_CONFIG_FILE, type SiteConfig } from '@gen3d/shared/site-config'
import { fillIndexHtml } from '@gen3d/web/site/index-html'
import type { Page } from 'playwright-core'
import { CONTAINER, containerTool, setUpContainerTools } from '../../scripts/container-tools.ts'
import { WEB_DIST } from '../../scripts/web.ts'

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}
const FIXTURES = '/fixtures/'
const PROBE = 'probe.js'

/** What tests/make_decoder_fixtures.py of the container writes; `full` for timing alone. Takes about 15 s. */
export function makeDecoderFixtures(folder: string, size: 'tiny' | 'full'): void {
  setUpContainerTools()
  const args = ['-m', 'tests.make_decoder_fixtures', folder, ...(size === 'full' ? ['--full-decoder'] : [])]
  const made = spawnSync(containerTool('python'), args, { cwd: CONTAINER, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`The decoder's fixtures could not be made.\n${made.stderr}`)
}

export interface DecoderCase {
  readonly name: string
  readonly point_coords: readonly (readonly [number, number])[]
  readonly point_labels: readonly number[]
  readonly has_mask: number
}

export function readCases(folder: string): DecoderCase[] {
  return JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'))
}

/** The Worker's script: questions by messages, answers in their order. */
function probeScript(): string {
  const chunk = readdirSync(join(WEB_DIST, 'assets')).find((name) => /^onnx-session-.+\.js$/.test(name))
  if (!chunk) throw new Error('The build has no chunk of the ONNX decoder.')
  return `
    import { openOnnxSession } from './assets/${chunk}'
    const bytes = async (name) => new Uint8Array(await (await fetch('.${FIXTURES}' + name)).arrayBuffer())
    let session
    const calls = {
      async open({ wanted }) {
        const files = await Promise.all([bytes('decoder.onnx'), bytes('embedding.safetensors')])
        const start = performance.now()
        session = await openOnnxSession(...files, wanted)
        return { ms: performance.now() - start, side: session.side, inputSize: session.inputSize, runsOn: session.runsOn }
      },
      async run({ coords, labels, mask }) {
        const start = performance.now()
        const { logits, scores } = await session.run({
          coords: Float32Array.from(coords), labels, mask: mask && Float32Array.from(mask),
        })
        return { ms: performance.now() - start, logits, scores }
      },
    }
    onmessage = async ({ data }) => {
      try { postMessage({ output: await calls[data.call](data.input) }) }
      catch (error) { postMessage({ fault: String(error) }) }
    }
    postMessage({ output: null })
  `
}

/** Serves page and fixtures at `http://127.0.0.1:PORT/`; `name` is another host name for it. */
export async function startDecoderSite(fixtures: string, name = '127.0.0.1') {
  let made: Record<string, string> = {}
  const server = createServer((request, response) => {
    const path = normalize((request.url ?? '/').split('?', 1)[0])
    const file = path.slice(1) || 'index.html'
    const type = { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }
    if (made[file] !== undefined) {
      response.writeHead(200, type).end(made[file])
      return
    }
    const from = path.startsWith(FIXTURES)
      ? join(fixtures, path.slice(FIXTURES.length))
      : join(WEB_DIST, file)
    const size = statSync(from, { throwIfNoEntry: false })?.size
    if (size === undefined) response.writeHead(404).end()
    else createReadStream(from).pipe(response.writeHead(200, { ...type, 'content-length': size }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://${name}:${(server.address() as AddressInfo).port}`
  const config: SiteConfig = {
    api_url: `${origin}/api`,
    region: 'us-east-1',
    user_pool_id: 'us-east-1_none',
    app_client_id: 'none',
    storage_origins: [origin],
    sign_up: 'open',
  }
  made = {
    'index.html': fillIndexHtml(readFileSync(join(WEB_DIST, 'index.html'), 'utf8'), config),
    [SITE_CONFIG_FILE]: JSON.stringify(config),
    [PROBE]: probeScript(),
  }
  return {
    web_url: `${origin}/`,
    fixture: (file: string) => `${origin}${FIXTURES}${file}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface ProbeCalls {
  open: {
    input: { wanted: 'webgpu' | 'wasm' }
    output: { ms: number; side: number; inputSize: number; runsOn: string }
  }
  run: {
    input: { coords: readonly number[]; labels: readonly number[]; mask: readonly number[] | null }
    output: { ms: number; logits: number[][]; scores: number[] }
  }
}

/** Starts the Worker in the page; its answers come with plain arrays. */
export async function startProbe(page: Page) {
  await page.evaluate(
    (script) =>
      new Promise<void>((resolve, reject) => {
        const worker = new Worker(script, { type: 'module' })
        worker.onmessage = () => resolve()
        worker.onerror = (event) => reject(new Error(event.message || 'the Worker did not start'))
        Object.assign(window, { probe: worker })
      }),
    `./${PROBE}`,
  )
  return <Name extends keyof ProbeCalls>(
    call: Name,
    input: ProbeCalls[Name]['input'],
    /** Large answers take long on their way out of the browser. */
    leaveLogits = false,
  ): Promise<ProbeCalls[Name]['output']> =>
    page.evaluate(
      ({ question, leave }) =>
        new Promise<never>((resolve, reject) => {
          const { probe } = window as unknown as { probe: Worker }
          probe.onmessage = ({ data }) => {
            if (data.fault) return reject(new Error(data.fault))
            const { logits, ...rest } = data.output
            const plain = leave ? [] : (logits ?? []).map((each: Float32Array) => Array.from(each))
            resolve({ ...rest, logits: plain } as never)
          }
          probe.postMessage(question)
        }),
      { question: { call, input }, leave: leaveLogits },
    )
}
