import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { layOut } from './site.ts'

const work = mkdtempSync(join(tmpdir(), 'gen3d-layout-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const CONFIG = {
  ...{ api_url: 'https://api.example/prod', region: 'us-east-1', user_pool_id: 'p', app_client_id: 'c' },
  ...{ storage_origins: ['https://bucket.example'], sign_up: 'open' as const },
}

it('compresses the scripts, styles and WebAssembly that the service says are compressed, and nothing else', () => {
  const built = join(work, 'built')
  mkdirSync(join(built, 'assets'), { recursive: true })
  const files = {
    'index-a.js': 'let a = 1\n',
    'index-b.css': 'a{}\n',
    'ort-d.wasm': '\0asm',
    'photo-c.jpg': '\xff\xd8',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(built, 'assets', name), content)
  writeFileSync(join(built, 'index.html'), '<meta content="__API__ __SIGN_IN__ __STORAGE__">')
  const keys = layOut(built, join(work, 'site'), CONFIG)
  expect(keys).toEqual(Object.keys(files).map((name) => `public/assets/${name}`))
  const read = (name: string) => readFileSync(join(work, 'site', 'assets', name))
  expect(gunzipSync(read('index-a.js')).toString()).toBe(files['index-a.js'])
  expect(gunzipSync(read('index-b.css')).toString()).toBe(files['index-b.css'])
  expect(gunzipSync(read('ort-d.wasm')).toString()).toBe(files['ort-d.wasm'])
  expect(read('photo-c.jpg').toString()).toBe(files['photo-c.jpg'])

  const yaml = readFileSync(new URL('../../../apps/web/serverless.yml', import.meta.url), 'utf8')
  const [{ params }] = parse(yaml, { merge: true }).custom.s3Sync.buckets
  const everything = { CacheControl: 'public, max-age=31536000, immutable' }
  expect(params).toEqual([
    { '**': everything },
    { '*.{js,css,wasm}': { ...everything, ContentEncoding: 'gzip' } },
  ])
})
