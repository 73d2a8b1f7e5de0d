/** The same photo, mask and seed through plain HTTP, through `gen3d submit` and through `gen3d make`: the same bytes. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitForJob } from '@gen3d/client/wait'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import type { ReconstructResponse } from '@gen3d/shared/api'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { ROOT } from '../../scripts/steps.ts'
import { drawDuck } from '../fixtures/duck.ts'
import { signIn, upload } from './session.ts'
import { removeStackFolder } from './test-stack.ts'

const work = mkdtempSync(join(tmpdir(), 'gen3d-cli-'))
const duck = drawDuck()
const photo = new Uint8Array(encodeJpeg(duck.image, 92))
const at = (name: string) => join(work, name)
const stack = inject('stack')

beforeAll(async () => {
  writeFileSync(at('duck.jpg'), photo)
})
afterAll(async () => {
  removeStackFolder(work)
})

/** Runs `gen3d` as a person would, in a folder and with a configuration of its own. */
function gen3d(...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'packages', 'cli', 'bin', 'gen3d.mjs'), ...args], {
    cwd: work,
    env: { ...process.env, GEN3D_CONFIG_DIR: at('config') },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })))
}

test('plain HTTP, gen3d submit and gen3d make give byte-identical meshes and splats', async () => {
  const clicks = duck.inside.flatMap(([x, y]) => ['--click', `${x},${y}`])
  const settings = [...clicks, '--quality', 'draft', '--seed', '7']
  const made = await gen3d(
    'make',
    'duck.jpg',
    ...settings,
    '--save-mask',
    'mask.png',
    '-o',
    'made.glb',
    '-o',
    'made.ply',
  )
  expect(made).toMatchObject({ code: 0 })

  const file = join(inject('stackFolder'), 'stack.json')
  const submitted = await gen3d(
    'submit',
    'duck.jpg',
    '--stack',
    file,
    ...settings,
    '-o',
    'sent.glb',
    '-o',
    'sent.ply',
  )
  expect(submitted).toMatchObject({ code: 0 })

  const { client } = await signIn(stack)
  const session_id = await upload(client, photo, 'image/jpeg')
  const { job_id } = await client.reconstruct({
    session_id,
    masks: [{ png_base64: readFileSync(at('mask.png')).toString('base64') }],
    options: { quality: 'draft', seed: 7, formats: ['glb', 'ply'] },
  })
  const { result } = await waitForJob(client, job_id)
  for (const format of ['glb', 'ply'] as const) {
    const [{ files }] = (result as ReconstructResponse).objects
    const url = files.find((one) => one.format === format)?.url ?? ''
    const fetched = Buffer.from(await (await fetch(url)).arrayBuffer())
    const local = readFileSync(at(`made.${format}`))
    expect(local.length).toBeGreaterThan(10_000)
    expect(local.equals(readFileSync(at(`sent.${format}`)))).toBe(true)
    expect(local.equals(fetched)).toBe(true)
  }
})
