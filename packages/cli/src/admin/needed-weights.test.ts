import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test-terminal.ts'
import { findWeightsFaults } from './needed-weights.ts'
import { describeWeights, readWeightsManifest } from './weights-manifest.ts'

test('each file that is missing is named with where it comes from and where its licence is accepted', () => {
  const faults = findWeightsFaults(temporaryFolder())
  expect(faults).toContain(
    'sam3/model.safetensors is missing (from facebook/sam3 at 3c879f39826c, licence at https://huggingface.co/facebook/sam3)',
  )
  expect(faults).toContain('sam3d/moge/model.pt is missing (from Ruicheng/moge-vitl at ad326bfb61fa)')
  expect(faults).toHaveLength(readWeightsManifest().sources.flatMap(({ files }) => files).length)
})

test('a file that was cut short is named, a whole one is not', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'sam3', 'model.safetensors')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'half')
  expect(findWeightsFaults(folder).join()).toContain(
    'sam3/model.safetensors has 4 bytes, 3439938512 are published',
  )
  // A hole of a file: it has the size and takes no disk.
  truncateSync(file, 3_439_938_512)
  expect(findWeightsFaults(folder).join()).not.toContain('sam3/model.safetensors')
})

test('before anything is fetched stands how much, what it costs, and where each licence is accepted', () => {
  expect(describeWeights(readWeightsManifest())).toEqual([
    '17.0 GB are published; about 15.3 GB are kept in the bucket, about $0.35 a month.',
    'facebook/sam3, SAM License: accept it at https://huggingface.co/facebook/sam3',
    'facebook/sam-3d-objects, SAM License: accept it at https://huggingface.co/facebook/sam-3d-objects',
    'Ruicheng/moge-vitl, MIT: there is nothing to accept',
  ])
})

test('what a commit, a size and a hash must look like', () => {
  for (const { revision, files } of readWeightsManifest().sources) {
    expect(revision).toMatch(/^[0-9a-f]{40}$/)
    for (const { bytes, sha256 } of files) {
      expect(bytes).toBeGreaterThan(100)
      if (sha256 !== null) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    }
  }
})
