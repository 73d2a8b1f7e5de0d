/**
 * Lighthouse on the main screens of the built page, as a phone on slow 4G: nobody is kept out, nothing is bad practice,
 * and what is sent and when it is seen stay within their budgets. The performance score is printed and judges nothing:
 * it moves with the machine. Reports: output/lighthouse.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitForJob } from '@gen3d/client/wait'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import lighthouse from 'lighthouse'
import { type BrowserContext, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { ROOT } from '../../scripts/steps.ts'
import { drawDuck } from '../fixtures/duck.ts'
import { BROWSER_ARGS, findBrowser } from './browser.ts'
import { signInOnPage } from './page.ts'
import { signIn, upload } from './session.ts'
import { freePort } from './test-stack.ts'

/** On the wire, compressed as the bucket has them; bytes. */
const MAX_SCRIPT_BYTES = 42_000
const MAX_FIRST_BYTES = 180_000
/** Of the first screen, as Lighthouse reckons it for slow 4G and a quarter of the processor. */
const MAX_LCP_MS = 2500

const REPORTS = join(ROOT, 'output', 'lighthouse')
const stack = inject('stack')
const profile = mkdtempSync(join(tmpdir(), 'gen3d-lighthouse-'))
let context: BrowserContext
let port = 0
let sessionId = ''
let token = ''

/** A finished object, made through the API: the screens are what is looked at here. */
async function makeObject(): Promise<void> {
  const { client } = await signIn(stack)
  const duck = drawDuck()
  sessionId = await upload(client, new Uint8Array(encodeJpeg(duck.image, 92)), 'image/jpeg')
  await client.initialize({ session_id: sessionId })
  const png_base64 = Buffer.from(writeMaskPng(duck.mask)).toString('base64')
  const { job_id } = await client.reconstruct({
    session_id: sessionId,
    masks: [{ png_base64 }],
    options: { quality: 'draft', formats: ['ply', 'glb', 'png'] },
  })
  expect((await waitForJob(client, job_id)).state).toBe('COMPLETED')
  token = (await client.shareSession(sessionId)).token
}

beforeAll(async () => {
  await makeObject()
  port = await freePort()
  // Lighthouse opens tabs of its own, so the sign-in has to outlive one.
  context = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowser() ?? undefined,
    args: [...BROWSER_ARGS, `--remote-debugging-port=${port}`],
  })
})
afterAll(async () => {
  await context?.close()
  rmSync(profile, { recursive: true, force: true })
})

async function look(screen: string, hash: string) {
  const run = await lighthouse(
    `${stack.web_url}${hash}`,
    { port, logLevel: 'error', output: 'json' },
    {
      extends: 'lighthouse:default',
      settings: {
        onlyCategories: ['accessibility', 'best-practices', 'performance'],
        // The account stays signed in.
        disableStorageReset: true,
        disableFullPageScreenshot: true,
      },
    },
  )
  if (!run) throw new Error('Lighthouse gave no report.')
  const { categories, audits, runtimeError } = run.lhr
  expect({ screen, error: runtimeError?.message }).toEqual({ screen, error: undefined })
  mkdirSync(REPORTS, { recursive: true })
  writeFileSync(join(REPORTS, `${screen}.json`), String(run.report))
  const failed = (['accessibility', 'best-practices'] as const).flatMap((name) =>
    categories[name].auditRefs
      .filter(({ id, weight }) => weight > 0 && (audits[id].score ?? 1) < 1)
      .map(
        ({ id }) => `${id}: ${audits[id].title} ${JSON.stringify(audits[id].details ?? '').slice(0, 400)}`,
      ),
  )
  const score = (name: string) => Math.round((categories[name].score ?? 0) * 100)
  const requests = audits['network-requests'].details as unknown as {
    items: { resourceType?: string; transferSize: number }[]
  }
  const bytes = (type?: string) =>
    requests.items
      .filter(({ resourceType }) => type === undefined || resourceType === type)
      .reduce((sum, { transferSize }) => sum + transferSize, 0)
  const seen = {
    ...{ accessibility: score('accessibility'), practices: score('best-practices') },
    ...{
      performance: score('performance'),
      lcpMs: Math.round(audits['largest-contentful-paint'].numericValue ?? 0),
    },
    ...{ scriptBytes: bytes('Script'), allBytes: bytes(), failed },
  }
  const { failed: _, ...figures } = seen
  console.log(`Lighthouse, ${screen}: ${JSON.stringify(figures)}`)
  return seen
}

const perfect = { accessibility: 100, practices: 100, failed: [] }

test('the first screen of somebody new is within its budgets, and perfect for everybody', async () => {
  const seen = await look('arrive', '')
  expect(seen).toMatchObject(perfect)
  expect(seen.scriptBytes).toBeGreaterThan(20_000)
  expect(seen.scriptBytes).toBeLessThan(MAX_SCRIPT_BYTES)
  expect(seen.allBytes).toBeLessThan(MAX_FIRST_BYTES)
  expect(seen.lcpMs).toBeGreaterThan(0)
  expect(seen.lcpMs).toBeLessThan(MAX_LCP_MS)
})

test('the page of the API and what a share link shows are perfect for everybody', async () => {
  expect(await look('api', 'api.html')).toMatchObject(perfect)
  expect(await look('shared', `#/shared/${token}`)).toMatchObject(perfect)
})

test('the screens behind the sign-in are perfect for everybody', async () => {
  const page = await context.newPage()
  await page.goto(stack.web_url)
  await page.getByLabel('Stay signed in on this device').check()
  await signInOnPage(page, stack)
  await page.close()
  for (const [screen, hash] of [
    ['gallery', '#/sessions'],
    ['select', `#/sessions/${sessionId}/select`],
    ['object', `#/sessions/${sessionId}/object`],
  ]) {
    expect({ screen, ...(await look(screen, hash)) }).toMatchObject({ screen, ...perfect })
  }
  // Whether it was that screen that was looked at, and not the sign-in.
  const check = await context.newPage()
  await check.goto(`${stack.web_url}#/sessions`)
  await check.getByRole('heading', { name: 'My objects' }).waitFor()
})
