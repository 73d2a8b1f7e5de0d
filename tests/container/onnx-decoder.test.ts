/**
 * The page's ONNX decoder in a real browser against PyTorch: the container's own export with tiny random weights, so the
 * masks are noise and only their equality says something.
 */

import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readMaskPng } from '@gen3d/image/mask-png'
import { readSafetensors, toFloats } from '@gen3d/preview/safetensors'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWeb } from '../../scripts/web.ts'
import { openBrowser, openPage } from '../e2e/page.ts'
import {
  type DecoderCase,
  makeDecoderFixtures,
  readCases,
  startDecoderSite,
  startProbe,
} from './decoder-site.ts'
import { countDiffering } from './draw-plainly.ts'
import { startWorker } from './page-worker.ts'

const TOLERANCE = 1e-3
/** Random weights give logits up to 190, and rounding grows with them: they are compared as if the largest were this. */
const LARGEST_LOGIT = 20
const PLAIN_NAME = 'decoder.test'
describe('the ONNX decoder in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-decoder-'))
  let browser: Browser
  let site: Awaited<ReturnType<typeof startDecoderSite>>
  let cases: DecoderCase[]
  let expected: Record<string, Float32Array>

  beforeAll(async () => {
    await buildWeb()
    makeDecoderFixtures(folder, 'tiny')
    cases = readCases(folder)
    const { tensors } = readSafetensors(new Uint8Array(readFileSync(join(folder, 'expected.safetensors'))))
    expected = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toFloats(tensor)]))
    // A foreign name is no secure context, as on plain http: no crypto.subtle, no Cache API, no WebGPU.
    site = await startDecoderSite(folder, PLAIN_NAME)
    browser = await openBrowser([`--host-resolver-rules=MAP ${PLAIN_NAME} 127.0.0.1`])
  })
  afterAll(async () => {
    await browser?.close()
    await site?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(): Promise<{ page: Page; complaints: string[] }> {
    const { page, complaints } = await openPage(browser, site)
    expect(await page.evaluate(() => isSecureContext)).toBe(false)
    return { page, complaints }
  }

  it('gives PyTorch’s logits and scores for points, box, both, and a previous mask', async () => {
    const { page, complaints } = await open()
    const probe = await startProbe(page)
    const { side, runsOn } = await probe('open', { wanted: 'wasm' })
    expect(runsOn).toBe('wasm')
    expect(cases.map(({ name }) => name)).toEqual([
      ...['one point', 'three points', 'box', 'box and points', 'point and previous mask'],
    ])
    for (const [i, { name, point_coords, point_labels, has_mask }] of cases.entries()) {
      const mask = has_mask ? [...expected[`mask_input.${i}`]] : null
      const answer = await probe('run', { coords: point_coords.flat(), labels: point_labels, mask })
      expect(answer.logits.map((each) => each.length)).toEqual(Array(3).fill(side * side))
      const logits = expected[`masks.${i}`]
      const range = Math.max(LARGEST_LOGIT, ...logits.map(Math.abs))
      const error = (furthest(answer.logits.flat(), logits) * LARGEST_LOGIT) / range
      // Equality of zeros would prove nothing.
      expect(range).toBeGreaterThan(LARGEST_LOGIT)
      expect(error, `logits of ${name}`).toBeLessThan(TOLERANCE)
      expect(furthest(answer.scores, expected[`scores.${i}`]), `scores of ${name}`).toBeLessThan(TOLERANCE)
    }
    expect(complaints).toEqual([])
  })

  it('draws the masks of the page’s own Worker from those logits, in the photo’s size', async () => {
    const { page, complaints } = await open()
    const call = await startWorker(page)
    const photo = readFileSync(join(folder, 'photo.jpg'))
    const { width, height } = await call('load', { photo })
    const decoder = serverDecoder()
    const embedding = readFileSync(join(folder, 'embedding.safetensors'))
    await call('compareEmbedding', { embedding, decoder, choices: [] })
    await call('useServerEmbedding', {})
    const prompts = { points: [{ x: 20, y: 11, label: 1 as const }], box: null, strokes: [] }
    const { others } = await call('decode', { prompts, shift: 0 })
    expect(others).toBe(2)
    const drawn = readMaskPng(await call('writeMask', { prompts, shift: 0, candidate: 0, inverted: false }))
    expect([drawn.width, drawn.height]).toEqual([width, height])

    const probe = await startProbe(page)
    const { side, inputSize } = await probe('open', { wanted: 'wasm' })
    const coords = [(20.5 * inputSize) / width - 0.5, (11.5 * inputSize) / height - 0.5, 0, 0]
    const { logits, scores } = await probe('run', { coords, labels: [1, -1], mask: null })
    const best = logits[scores.indexOf(Math.max(...scores))]
    // Within rounding of 0 it may be either.
    expect(countDiffering(drawn, best, side, 1e-3)).toBe(0)
    expect(complaints).toEqual([])
  })

  it('refuses a decoder whose bytes are not those that the server named', async () => {
    const { page } = await open()
    const call = await startWorker(page)
    await call('load', { photo: readFileSync(join(folder, 'photo.jpg')) })
    const decoder = { ...serverDecoder(), sha256: '0'.repeat(64) }
    const embedding = readFileSync(join(folder, 'embedding.safetensors'))
    await expect(call('compareEmbedding', { embedding, decoder, choices: [] })).rejects.toThrow(
      'The decoder that came is not the one that the server named.',
    )
  })

  it('fetches the decoder once', async () => {
    const { page } = await open()
    let fetched = 0
    page.context().on('request', (request) => {
      if (request.url().endsWith('decoder.onnx')) fetched++
    })
    for (let visit = 0; visit < 2; visit++) {
      const call = await startWorker(page)
      await call('load', { photo: readFileSync(join(folder, 'photo.jpg')) })
      const embedding = readFileSync(join(folder, 'embedding.safetensors'))
      await call('compareEmbedding', { embedding, decoder: serverDecoder(), choices: [] })
      await page.reload()
    }
    expect(fetched).toBe(1)
  })

  function serverDecoder() {
    const bytes = readFileSync(join(folder, 'decoder.onnx'))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { name: 'sam3', version: '1', url: site.fixture('decoder.onnx'), sha256 }
  }
})

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let error = 0
  for (let i = 0; i < a.length; i++) error = Math.max(error, Math.abs(a[i] - b[i]))
  return error
}
