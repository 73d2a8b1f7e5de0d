import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterEach, expect, test } from 'vitest'
import { buildImage, zipFolder } from './image.ts'

const folder = mkdtempSync(join(tmpdir(), 'gen3d-image-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the same source makes the same archive, whenever its files were written; caches stay out', () => {
  mkdirSync(join(folder, 'src', '__pycache__'), { recursive: true })
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n')
  writeFileSync(join(folder, 'src', 'a.py'), 'x = 1\n')
  writeFileSync(join(folder, 'src', '__pycache__', 'a.pyc'), 'x')
  const first = zipFolder(folder)
  utimesSync(join(folder, 'Dockerfile'), 0, 0)
  expect(zipFolder(folder)).toEqual(first)
  expect(Object.keys(unzipSync(first))).toEqual(['Dockerfile', 'src/a.py'])
})

test('without the container’s source it says so', async () => {
  await expect(buildImage({} as never, {} as never, join(folder, 'none'))).rejects.toThrow('no Dockerfile')
})
