import { createHash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { checkHub } from './hub.ts'
import { type HubFile, startHub } from './test-hub.ts'
import type { WeightsManifest } from './weights-manifest.ts'

const REVISION = 'c'.repeat(40)
const LARGE = Buffer.from('large weights '.repeat(50))
const SMALL = Buffer.from('{"a": 1}')
const FILES: readonly HubFile[] = ['facebook/sam3', 'facebook/sam-3d-objects', 'Ruicheng/moge-vitl'].flatMap(
  (repository) => [
    { repository, revision: REVISION, name: 'config.json', content: SMALL },
    { repository, revision: REVISION, name: 'folder/model.safetensors', content: LARGE, large: true },
  ],
)
const GATED = ['facebook/sam3', 'facebook/sam-3d-objects']
const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

const MANIFEST: WeightsManifest = {
  sources: ['facebook/sam3', 'facebook/sam-3d-objects', 'Ruicheng/moge-vitl'].map((repository) => ({
    folder: repository.split('/')[1],
    repository,
    revision: REVISION,
    licence: 'one',
    accept_at: GATED.includes(repository) ? `https://huggingface.co/${repository}` : null,
    files: [
      { name: 'config.json', bytes: SMALL.length, sha256: null },
      { name: 'folder/model.safetensors', bytes: LARGE.length, sha256: sha256(LARGE) },
    ],
  })),
  models: {},
}

async function open(files = FILES) {
  const hub = await startHub({
    files,
    gated: GATED,
    tokens: { all: GATED, one: ['facebook/sam3'], none: [] },
  })
  onTestFinished(() => void hub.stop())
  return hub
}

/** The lines with which the check ends; none when all is well. */
async function complaints(token: string, manifest = MANIFEST, files = FILES): Promise<string[]> {
  const { url } = await open(files)
  return checkHub(manifest, { token, endpoint: url }).then(
    () => [],
    (error: Error) => error.message.split('\n'),
  )
}

test('a token that may read everything: each file is asked for once, none is fetched', async () => {
  const hub = await open()
  await checkHub(MANIFEST, { token: 'all', endpoint: hub.url })
  expect(hub.asked().filter((line) => line.includes('/resolve/'))).toHaveLength(6)
  expect(hub.asked().every((line) => line.startsWith('HEAD '))).toBe(true)
})

test('each licence that is not accepted is named with its page', async () => {
  const one = await complaints('one')
  expect(one).toHaveLength(1)
  expect(one[0]).toMatch(
    /^facebook\/sam-3d-objects is not open to this token: accept its licence at https:\/\/huggingface\.co\/facebook\/sam-3d-objects,/,
  )
  expect(await complaints('none')).toHaveLength(2)
})

test('a token that the publisher does not know is said to be none', async () => {
  const lines = await complaints('typo')
  expect(lines[0]).toBe(
    'facebook/sam3: the token is not valid. Make one at https://huggingface.co/settings/tokens.',
  )
})

test('a file that is another, or not there any more, is named', async () => {
  const others = FILES.map((file) =>
    file.repository === 'facebook/sam3' && file.large
      ? { ...file, content: Buffer.from(LARGE).fill(0, 0, 1) }
      : file,
  )
  const [changed] = await complaints('all', MANIFEST, others)
  expect(changed).toMatch(
    /^sam3\/folder\/model\.safetensors: the hub has another file \(700 bytes, [0-9a-f]{64}\) than weights\.json/,
  )
  const [gone] = await complaints(
    'all',
    MANIFEST,
    FILES.filter(({ name }) => name !== 'config.json'),
  )
  expect(gone).toBe(`sam3/config.json: facebook/sam3 has no config.json at ${REVISION}.`)
})

test('a publisher that does not answer is said so', async () => {
  const { url, stop } = await open()
  await stop()
  await expect(checkHub(MANIFEST, { token: 'all', endpoint: url })).rejects.toThrow(
    `${url} does not answer. Is this machine online?`,
  )
})
