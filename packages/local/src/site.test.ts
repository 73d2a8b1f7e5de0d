import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LoopbackServer } from './server.ts'
import { startSite } from './site.ts'

const folder = mkdtempSync(join(tmpdir(), 'gen3d-site-'))
const SCRIPT = 'export const a = 1\n'.repeat(200)
let site: LoopbackServer

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'assets', 'index-abcdefgh.js'), SCRIPT)
  writeFileSync(join(folder, 'index.html'), 'as built')
  site = await startSite({ port: 0, folder, made: { 'index.html': 'as filled' } })
})
afterAll(async () => {
  await site.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Without fetch, which would decode the body and hide how it came. */
function ask(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status?: number; encoding?: string; length?: string; body: Buffer }>((resolve) =>
    get(site.endpoint + path, { headers }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part) => parts.push(part))
      answer.on('end', () => {
        const { 'content-encoding': encoding, 'content-length': length } = answer.headers
        resolve({ status: answer.statusCode, encoding, length, body: Buffer.concat(parts) })
      })
    }),
  )
}

it('sends scripts compressed, as a deploy puts them into the bucket', async () => {
  const { encoding, length, body } = await ask('/assets/index-abcdefgh.js', { 'accept-encoding': 'gzip' })
  expect([encoding, Number(length)]).toEqual(['gzip', body.length])
  expect(gunzipSync(body).toString()).toBe(SCRIPT)
  expect(body.length).toBeLessThan(SCRIPT.length / 4)
})

it('sends them as they are to whoever does not say that they take gzip', async () => {
  const { encoding, body } = await ask('/assets/index-abcdefgh.js')
  expect([encoding, body.toString()]).toEqual([undefined, SCRIPT])
})

it('prefers what was made for this stack, and leads nowhere outside of its folder', async () => {
  expect((await ask('/')).body.toString()).toBe('as filled')
  expect((await ask('/assets/../../etc/passwd')).status).toBe(404)
})
