/** Every command of the README is run here, or said why not. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { afterAll, expect, test } from 'vitest'
import { readStackFile } from '../../scripts/stack-file.ts'
import { ROOT } from '../../scripts/steps.ts'
import { drawDuck } from '../fixtures/duck.ts'
import { eventually } from './session.ts'
import { freePort, removeStackFolder } from './test-stack.ts'

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  block.trim().split('\n'),
)
const work = mkdtempSync(join(tmpdir(), 'gen3d-readme-'))
afterAll(() => removeStackFolder(work))

/** Run elsewhere: by the runner itself, by the suite named, or only with an account. */
const ELSEWHERE: Record<string, string> = {
  'npm test': 'this very run',
  'npm run sls -- deploy --stage prod':
    'pnpm test:deploy runs it against an emulator; for real it needs an account',
  'cd services/api && npx sls invoke local --stage local -f wrapper --path events/get-capabilities.json':
    'invoke-local.test.ts',
}
const HERE = [
  'npm start',
  'npm run --silent gen3d -- make photo.jpg --click 400,300 -o thing.glb -o thing.ply',
]

test('the README has no command that nobody runs', () => {
  expect([...commands].sort()).toEqual([...HERE, ...Object.keys(ELSEWHERE)].sort())
  expect(readme.split('\n').length).toBeLessThanOrEqual(121)
})

test('the README links to files that exist', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path)
  expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

test('gen3d make makes its files', () => {
  const duck = drawDuck()
  writeFileSync(join(work, 'photo.jpg'), encodeJpeg(duck.image, 92))
  const [x, y] = duck.inside[0]
  const command = HERE[1]
    .replace('400,300', `${x},${y}`)
    .replace(/photo\.jpg|thing\.\w+/g, (name) => JSON.stringify(join(work, name)))
  const done = spawnSync(command, {
    cwd: ROOT,
    shell: true,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  expect({ status: done.status, stderr: done.status === 0 ? '' : done.stderr }).toEqual({
    status: 0,
    stderr: '',
  })
  expect(readFileSync(join(work, 'thing.glb')).toString('latin1', 0, 4)).toBe('glTF')
  expect(readFileSync(join(work, 'thing.ply')).toString('latin1', 0, 3)).toBe('ply')
})

test('npm start says where everything is, refuses a second one, and ends with Ctrl-C', async () => {
  const folder = join(work, 'local')
  const port = await freePort()
  const env = { ...process.env, GEN3D_LOCAL_FOLDER: folder }
  const options = {
    cwd: ROOT,
    env,
    shell: process.platform === 'win32',
    detached: process.platform !== 'win32',
  }
  const child = spawn('npm', ['start', '--', '--port', String(port)], { ...options, stdio: 'ignore' })
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  try {
    const file = await eventually('the start', async () => readStackFile(folder), 90)
    expect(file.web_url).toBe(`http://127.0.0.1:${port}/`)
    const second = spawnSync('npm', ['start'], {
      cwd: ROOT,
      env,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    })
    expect(second.status).not.toBe(0)
    expect(second.stderr).toContain(`runs already: ${file.web_url}`)
    // A terminal sends Ctrl-C to the whole group.
    if (process.platform === 'win32') process.kill(file.pid, 'SIGINT')
    else process.kill(-(child.pid as number), 'SIGINT')
    await ended
    await eventually('the end', async () => readStackFile(folder) === null)
    for (const url of [file.web_url, file.s3_endpoint, file.inbox_url])
      await expect(fetch(url)).rejects.toThrow()
  } finally {
    if (child.exitCode === null && process.platform !== 'win32') {
      try {
        process.kill(-(child.pid as number), 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
  }
})
