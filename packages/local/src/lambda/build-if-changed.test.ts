import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildIfChanged } from './build-if-changed.ts'

let folder: string
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const out = () => join(folder, 'out')
const made = () => readFileSync(join(out(), 'main.js'), 'utf8')
const build = (more: object = {}) =>
  buildIfChanged(out(), {
    absWorkingDir: folder,
    entryPoints: ['main.ts'],
    outfile: join(out(), 'main.js'),
    bundle: true,
    ...more,
  })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gen3d-build-'))
  write('main.ts', "import { word } from './word.ts'\nconsole.log(word)")
  write('word.ts', "export const word = 'one'")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('leaves a bundle alone whose files have not changed', async () => {
  await build()
  const { mtimeMs } = statSync(join(out(), 'main.js'))
  await build()
  expect(statSync(join(out(), 'main.js')).mtimeMs).toBe(mtimeMs)
})

it('builds again when a file, an option or the lock file has changed', async () => {
  await build()
  write('word.ts', "export const word = 'three'")
  await build()
  expect(made()).toContain('three')
  await build({ banner: { js: '// banner' } })
  expect(made()).toContain('// banner')
  write('pnpm-lock.yaml', 'a')
  await build()
  writeFileSync(join(out(), 'main.js'), 'spoilt')
  await build()
  expect(made()).toBe('spoilt')
  write('pnpm-lock.yaml', 'another')
  await build()
  expect(made()).toContain('three')
})

it('says what is wrong with a file every time', async () => {
  await build()
  write('word.ts', 'export const')
  const refused = build({ logLevel: 'silent' })
  await expect(refused).rejects.toThrow('word.ts')
  await expect(build({ logLevel: 'silent' })).rejects.toThrow('word.ts')
})
