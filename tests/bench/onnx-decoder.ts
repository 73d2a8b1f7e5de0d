/** SAM 3's decoder at its published size, with random weights, in the page's own chunk: how long a person waits for a click. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { containerTool } from '../../scripts/container-tools.ts'
import { makeDecoderFixtures, readCases, startDecoderSite, startProbe } from '../container/decoder-site.ts'
import { type Figure, quantile } from './figure.ts'

const GOAL_MS = { wasm: 250, webgpu: 60 } as const
/** From the file's bytes to the first answer. */
const FIRST_GOAL_SECONDS = 1
const DECODES = 40

/** Needs the container's Python environment, which makes the decoder; without it nothing is measured, and it says so. */
export async function measureOnnxDecoder(browser: Browser): Promise<Figure[]> {
  if (!existsSync(containerTool('python'))) {
    console.error('SKIPPED the ONNX decoder: `pnpm test:container` sets up what makes it.')
    return []
  }
  const fixtures = mkdtempSync(join(tmpdir(), 'gen3d-bench-decoder-'))
  try {
    makeDecoderFixtures(fixtures, 'full')
    const wasm = await measure(browser, fixtures, 'wasm')
    const webgpu = await measure(browser, fixtures, 'webgpu')
    if (webgpu.length === 0) console.error('NOT MEASURED the ONNX decoder on WebGPU: no adapter here.')
    return [...wasm, ...webgpu]
  } finally {
    rmSync(fixtures, { recursive: true, force: true })
  }
}

async function measure(browser: Browser, fixtures: string, wanted: 'wasm' | 'webgpu'): Promise<Figure[]> {
  const site = await startDecoderSite(fixtures)
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(site.web_url)
    const probe = await startProbe(page)
    const opened = await probe('open', { wanted })
    if (opened.runsOn !== wanted) return []
    const cases = readCases(fixtures)
    const times: number[] = []
    for (let i = 0; i <= DECODES; i++) {
      const { point_coords, point_labels } = cases[i % cases.length]
      const asked = { coords: point_coords.flat(), labels: point_labels, mask: null }
      times.push((await probe('run', asked, true)).ms)
    }
    const [first, ...rest] = times
    const group = 'browser'
    return [
      {
        ...{ group, name: `SAM 3's decoder, random weights, ${wanted}, p95`, unit: 'ms' },
        ...{ value: quantile(rest, 0.95), goal: GOAL_MS[wanted] },
        note: `p50 ${quantile(rest, 0.5).toFixed(0)}, best ${Math.min(...rest).toFixed(0)}; clicks, box, both`,
      },
      {
        ...{ group, name: `SAM 3's decoder, ${wanted}, first answer`, unit: 's' },
        ...{ value: first / 1000, goal: FIRST_GOAL_SECONDS },
        note: `after ${(opened.ms / 1000).toFixed(2)} s of opening runtime and file`,
      },
    ]
  } finally {
    await context.close()
    await site.stop()
  }
}
