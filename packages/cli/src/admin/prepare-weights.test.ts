import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Terminal } from '../terminal.ts'
import { gen3d, temporaryFolder } from '../test-terminal.ts'
import { NEW_ENOUGH, PYTHONS, prepareWeights, readLock } from './prepare-weights.ts'
import { makeSmallWeights } from './test-weights.ts'

/** The rest of the tests needs Node alone. */
const withPython = test.skipIf(PYTHONS.every((name) => spawnSync(name, ['-c', NEW_ENOUGH]).status !== 0))

function createTerminal(env: NodeJS.ProcessEnv = process.env) {
  const notes: string[] = []
  const terminal: Terminal = {
    out: () => {},
    note: (text) => void notes.push(text),
    draw: null,
    stdin: Readable.from([]),
    stderr: new PassThrough(),
    env,
    folder: process.cwd(),
    signal: new AbortController().signal,
  }
  return { terminal, notes: () => notes.join('\n') }
}

withPython(
  'published files become what the container loads, with a lock that names each; a second call finds them',
  async () => {
    const { container, published, files } = makeSmallWeights(temporaryFolder())
    const first = createTerminal()
    const made = await prepareWeights(published, first.terminal, container)
    expect(first.notes()).toContain('2/3 sam3/model.safetensors (0.0 MB)')
    const lock = readLock(made)
    expect(Object.keys(lock.files)).toEqual([
      'sam3/config.json',
      'sam3/model.safetensors.index.json',
      'sam3/tracker.safetensors',
      'sam3/vision.safetensors',
      'sam3d/moge/model.pt',
    ])
    for (const [name, { bytes, sha256 }] of Object.entries(lock.files)) {
      const content = readFileSync(join(made, name))
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256])
    }
    for (const { path, revision, sha256 } of files)
      expect(lock.sources[path]).toMatchObject({ revision, sha256 })
    // 1, 2.5 and -3 in 16 bits.
    expect(readFileSync(join(made, 'sam3/vision.safetensors')).subarray(-6).toString('hex')).toBe(
      '003c0041' + '00c2',
    )
    const again = createTerminal()
    expect(await prepareWeights(published, again.terminal, container)).toBe(made)
    expect(again.notes()).toBe(`${made} holds converted weights`)
    expect(await prepareWeights(made, again.terminal, container)).toBe(made)
  },
)

withPython('what an earlier release has converted is converted again', async () => {
  const { container, published } = makeSmallWeights(temporaryFolder())
  const made = await prepareWeights(published, createTerminal().terminal, container)
  const lock = readLock(made)
  const old = { ...lock, sources: { ...lock.sources, 'sam3/config.json': { revision: 'older' } } }
  writeFileSync(join(made, 'weights.lock.json'), JSON.stringify(old))
  const { terminal, notes } = createTerminal()
  expect(await prepareWeights(published, terminal, container)).toBe(made)
  expect(notes()).toContain('3/3 sam3d/moge/model.pt')
  expect(readLock(made)).toEqual(lock)
})

withPython('a file that is not the published one is named and nothing is made of it', async () => {
  const { container, published } = makeSmallWeights(temporaryFolder())
  const file = join(published, 'sam3/model.safetensors')
  const content = readFileSync(file)
  writeFileSync(file, content.fill(1, content.length - 1))
  const convert = () => prepareWeights(published, createTerminal().terminal, container)
  await expect(convert()).rejects.toThrow(
    'The weights were not converted. sam3/model.safetensors is not what weights.json expects',
  )
  expect(existsSync(join(published, 'prepared', 'weights.lock.json'))).toBe(false)
  appendFileSync(file, 'x')
  await expect(convert()).rejects.toThrow(/sam3\/model\.safetensors has \d+ bytes, \d+ are published/)
  rmSync(file)
  await expect(convert()).rejects.toThrow(
    'sam3/model.safetensors is missing (from facebook/sam3 at 3c879f39826c',
  )
})

test('without a Python it says what helps', async () => {
  const { container, published } = makeSmallWeights(temporaryFolder())
  const { terminal } = createTerminal({ PATH: temporaryFolder() })
  await expect(prepareWeights(published, terminal, container)).rejects.toThrow(
    'Converting needs Python 3.10 or newer, without any package: install it or name it with GEN3D_PYTHON.',
  )
})

test('gen3d admin weights says licences and size before it looks for a file, and names those that are missing', async () => {
  const folder = temporaryFolder()
  const { exit, notes } = await gen3d(folder, ['admin', 'weights', '--from', 'nothing', '--stage', 'dev'])
  expect(exit).toBe(1)
  expect(notes).toContain('17.0 GB are published; about 15.3 GB are kept in the bucket, about $0.35 a month.')
  expect(notes).toContain('facebook/sam3, SAM License: accept it at https://huggingface.co/facebook/sam3')
  expect(notes).toContain(`"${join(folder, 'nothing')}" is not whole:`)
})

test('gen3d admin weights without a token on standard input says where one is made', async () => {
  const { exit, notes } = await gen3d(
    temporaryFolder(),
    ['admin', 'weights', '--token-stdin', '--stage', 'dev'],
    {
      input: ' \n',
    },
  )
  expect(exit).toBe(2)
  expect(notes).toContain(
    'Standard input holds no token: make one at https://huggingface.co/settings/tokens.',
  )
})
