/** examples/typed-client as another project has it: outside of the repository, with the packed client and nothing else. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { validateBytes } from 'gltf-validator'
import { afterAll, expect, inject, test } from 'vitest'
import { packClient } from '../../scripts/pack-client.ts'
import { ROOT, runStep } from '../../scripts/steps.ts'
import { drawDuck } from '../fixtures/duck.ts'

const work = mkdtempSync(join(tmpdir(), 'gen3d-example-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

async function run(name: string, command: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, output } = await runStep({ name, command, cwd: work, env })
  expect({ name, code, output: code === 0 ? '' : output }).toEqual({ name, code: 0, output: '' })
  return output
}

test('a project of its own installs the packed client without a registry, compiles and makes a mesh', async () => {
  const stack = inject('stack')
  const example = join(ROOT, 'examples', 'typed-client')
  for (const name of ['tsconfig.json', 'make.ts']) cpSync(join(example, name), join(work, name))
  // The compiler and Node's types are this repository's, so that no registry is asked.
  const { devDependencies: _, ...manifest } = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'))
  writeFileSync(join(work, 'package.json'), JSON.stringify(manifest))
  await packClient(work)
  await run('install', ['npm', 'install', '--offline', '--no-audit', '--no-fund'])
  await run('compile', ['tsc', '--typeRoots', join(ROOT, 'node_modules', '@types')])

  const duck = drawDuck()
  writeFileSync(join(work, 'photo.jpg'), encodeJpeg(duck.image, 92))
  writeFileSync(join(work, 'mask.png'), writeMaskPng(duck.mask))
  const said = await run('make', ['node', 'dist/make.js', 'photo.jpg', 'mask.png', 'object.glb'], {
    GEN3D_PAGE: stack.web_url,
    GEN3D_EMAIL: stack.username,
    GEN3D_PASSWORD: stack.password,
  })
  expect(said).toContain('COMPLETED')
  const { issues } = await validateBytes(new Uint8Array(readFileSync(join(work, 'object.glb'))))
  expect(issues.numErrors).toBe(0)
})

test('a wrong field does not compile', async () => {
  writeFileSync(
    join(work, 'wrong.ts'),
    "import type { Client } from '@gen3d/client/client'\nexport const f = (c: Client) => c.createUpload({ file_name: 'a', content_type: 'image/gif', size_bytes: 1 })\n",
  )
  const { code, output } = await runStep({
    name: 'wrong',
    command: ['tsc', '--noEmit', '--typeRoots', join(ROOT, 'node_modules', '@types')],
    cwd: work,
  })
  expect(code).not.toBe(0)
  expect(output).toContain('\'"image/gif"\' is not assignable')
})
