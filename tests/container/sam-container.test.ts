/**
 * The job end to end with the container's own server behind the local endpoint: SAM 3 with tiny random weights embeds, the
 * page decodes with ONNX, a FAKE of the GPU worker answers an egg. The masks are noise: what is asserted is that every part
 * meets the next one, the sizes, and that the mask that leaves the page is the one that PyTorch's logits give.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitForJob } from '@gen3d/client/wait'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { readMaskPng } from '@gen3d/image/mask-png'
import type { EmbedResponse, JobStatus, ReconstructRequest } from '@gen3d/shared/api'
import { engineFacts } from '@gen3d/shared/engines'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CONTAINER, containerTool, setUpContainerTools } from '../../scripts/container-tools.ts'
import { ENGINE_COMMAND, ENGINE_NAME } from '../../scripts/engine-command.ts'
import { readDraft } from '../e2e/draft.ts'
import {
  choosePhoto,
  clickPhoto,
  makeObject,
  openBrowser,
  openPage,
  picture,
  signInOnPage,
} from '../e2e/page.ts'
import { mailsAbout, signIn, upload } from '../e2e/session.ts'
import { newStackFolder, removeStackFolder, startTestStack, type TestStack } from '../e2e/test-stack.ts'
import { drawDuck } from '../fixtures/duck.ts'
import { countDiffering } from './draw-plainly.ts'

const work = mkdtempSync(join(tmpdir(), 'gen3d-sam-'))
const stackFolder = newStackFolder()
let stack: TestStack
let browser: Browser

beforeAll(async () => {
  setUpContainerTools()
  const python = containerTool('python')
  const models = join(work, 'models')
  execFileSync(python, [join(CONTAINER, 'tests', 'make_tiny_weights.py'), models], { stdio: 'ignore' })
  const serve = join(CONTAINER, 'tests', 'fake_gpu', 'serve_with_fake_gpu.py')
  stack = await startTestStack(stackFolder, {
    [ENGINE_COMMAND]: JSON.stringify([python, serve, models]),
    [ENGINE_NAME]: 'sam3d',
    OMP_NUM_THREADS: '1',
    PYTHONWARNINGS: 'ignore',
    // Nothing of the tests is left in the image's source.
    PYTHONDONTWRITEBYTECODE: '1',
  })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await stack?.stop()
  removeStackFolder(stackFolder)
  rmSync(work, { recursive: true, force: true })
})

it('the API offers what the engine behind the endpoint makes', async () => {
  const { client } = await signIn(stack.file)
  const { formats } = engineFacts('sam3d')
  expect(await client.readCapabilities()).toMatchObject({ engine: 'sam3d', formats, text_prompts: true })
})

it('words are answered with masks of the photo’s size behind signed addresses, and with no mail', async () => {
  const { client } = await signIn(stack.file)
  const { image } = drawDuck()
  const session_id = await upload(client, new Uint8Array(encodeJpeg(image, 92)), 'image/jpeg')
  let found = 0
  for (const text of ['duck', 'yellow ball', 'red', 'cup', 'dog']) {
    const job = await client.select({ session_id, text })
    expect(job).toMatchObject({ session_id, kind: 'select' })
    const { state, mail, result } = await waitForJob(client, job.job_id)
    expect({ state, mail }).toEqual({ state: 'COMPLETED', mail: 'none' })
    if (!result || !('candidates' in result)) throw new Error('The job made no candidates.')
    for (const { mask_url, score, box } of result.candidates) {
      const mask = readMaskPng(new Uint8Array(await (await fetch(mask_url)).arrayBuffer()))
      expect([mask.width, mask.height]).toEqual([image.width, image.height])
      expect(mask.data.includes(1)).toBe(true)
      expect(score).toBeGreaterThanOrEqual(0.5)
      expect(box[0] <= box[2] && box[2] < image.width && box[1] <= box[3] && box[3] < image.height).toBe(true)
      found++
    }
    const scores = result.candidates.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
  }
  // Which words find anything is chance: the weights are noise.
  expect(found).toBeGreaterThan(0)
  expect(await mailsAbout(stack.file, session_id)).toEqual([])
})

it('on the page, words find objects, and what is taken becomes one with a name and a box', async () => {
  const photo = join(work, 'words.jpg')
  writeFileSync(photo, encodeJpeg(drawDuck().image, 92))
  const { page, complaints } = await openPage(browser, stack.file)
  await signInOnPage(page, stack.file)
  const sessionId = await choosePhoto(page, photo)
  const answer = page.getByText(/^(Nothing like that|One found|\d+ found)/)
  const take = page.getByRole('button', { name: /^Take number 1/ })
  let asked = ''
  // Which words find anything is chance: the weights are noise.
  for (const text of ['duck', 'yellow ball', 'red', 'cup', 'dog']) {
    asked = text
    await page.getByLabel('What to find').fill(text)
    const ended = page.waitForResponse(
      async (response) =>
        response.url().includes('/status/') &&
        ((await response.json().catch(() => null)) as JobStatus | null)?.kind === 'select' &&
        ((await response.json()) as JobStatus).state === 'COMPLETED',
      { timeout: 60_000 },
    )
    await page.getByRole('button', { name: 'Find', exact: true }).click({ timeout: 60_000 })
    await ended
    await answer.waitFor()
    if (await take.isVisible()) break
  }
  await take.click()
  await picture(page, 'sam-container-words')
  await expect.poll(async () => (await readDraft(page, sessionId)).layers[0].box?.length).toBe(4)
  expect((await readDraft(page, sessionId)).layers).toMatchObject([{ name: asked }])
  expect(complaints).toEqual([])
}, 300_000)

it('a photo embedded by SAM 3 is selected on in the page by its ONNX decoder, and becomes an object', async () => {
  const duck = drawDuck()
  const { width, height } = duck.image
  const photo = join(work, 'duck.jpg')
  writeFileSync(photo, encodeJpeg(duck.image, 92))
  const { page, complaints } = await openPage(browser, stack.file)
  await signInOnPage(page, stack.file)
  let result: EmbedResponse | null = null
  let sent: ReconstructRequest | null = null
  page.on('response', async (response) => {
    if (!response.url().includes('/status/') || !response.ok()) return
    const status = (await response.json().catch(() => null)) as JobStatus | null
    if (status?.kind === 'embed' && status.result) result = status.result as EmbedResponse
  })
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/reconstruct')) sent = request.postDataJSON()
  })

  const sessionId = await choosePhoto(page, photo)
  // Nothing is selected yet: the server's decoder is taken over in silence.
  await page.getByText(/tiny-sam3/).waitFor({ timeout: 120_000 })
  await clickPhoto(page, duck.image, duck.inside[0])
  await page.locator('button[type=submit][aria-disabled=false]').waitFor()
  await picture(page, 'sam-container-select')
  await makeObject(page)
  await picture(page, 'sam-container-object')

  if (!result || !sent) throw new Error('The page sent nothing, or learned nothing of the embedding.')
  const { engine, image, decoder, embedding_url } = result as EmbedResponse
  expect(engine.name).toBe('tiny-sam3')
  expect(image).toEqual({ width, height })
  expect(decoder.sha256).toMatch(/^[0-9a-f]{64}$/)
  const [layer] = (await readDraft(page, sessionId)).layers
  const [mask] = (sent as ReconstructRequest).masks
  const drawn = readMaskPng(new Uint8Array(Buffer.from(mask.png_base64, 'base64')))
  expect([drawn.width, drawn.height]).toEqual([width, height])

  // The same point, asked of PyTorch with the same embedding.
  const embedding = join(work, 'embedding.safetensors')
  writeFileSync(embedding, new Uint8Array(await (await fetch(embedding_url)).arrayBuffer()))
  const [{ x, y }] = layer.points
  const asked = execFileSync(
    containerTool('python'),
    [
      '-m',
      'tests.ask_pytorch',
      join(work, 'models'),
      embedding,
      String(x),
      String(y),
      `${width}`,
      `${height}`,
    ],
    { cwd: CONTAINER, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const { logits, scores, side } = JSON.parse(asked) as { logits: number[][]; scores: number[]; side: number }
  const best = logits[scores.indexOf(Math.max(...scores))]
  // Noise crosses 0 often: what lies within the decoders' tolerance of it may be either.
  expect(countDiffering(drawn, best, side, 1e-2)).toBe(0)
  expect(complaints).toEqual([])
}, 300_000)
