import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findWeightsFaults } from './needed-weights.ts'

const folder = mkdtempSync(join(tmpdir(), 'gen3d-weights-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('each file that is missing is named with where it comes from and where its licence is accepted', () => {
  const faults = findWeightsFaults(folder)
  expect(faults).toContain(
    'sam3/model.safetensors is missing (from facebook/sam3, licence at huggingface.co/facebook/sam3)',
  )
  expect(faults).toContain('sam3d/moge/model.pt is missing (from Ruicheng/moge-vitl)')
  expect(faults.length).toBeGreaterThan(10)
})

test('a file that was cut short is named, a whole one is not', () => {
  const file = join(folder, 'sam3', 'model.safetensors')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'half')
  expect(findWeightsFaults(folder).join()).toContain(
    'sam3/model.safetensors has 4 bytes, at least 3000000000',
  )
  // A hole of a file: it has the size and takes no disk.
  truncateSync(file, 3_400_000_000)
  expect(findWeightsFaults(folder).join()).not.toContain('sam3/model.safetensors')
})
