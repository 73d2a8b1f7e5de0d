/** A check that cannot fail is worth nothing: each is run on a copy of the repository with a fault put in. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../scripts/steps.ts'

const LEFT_OUT = new Set(['.git', '.local', '.build', 'dist', 'coverage', '.serverless', '.esbuild'])
let copy = ''

beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), 'gen3d-copy-')))
  const rootModules = join(ROOT, 'node_modules')
  cpSync(ROOT, copy, {
    recursive: true,
    // Workspace links stay links, so that the copy's packages see the copy.
    verbatimSymlinks: true,
    filter: (path) => path !== rootModules && !LEFT_OUT.has(basename(path)),
  })
  symlinkSync(rootModules, join(copy, 'node_modules'), 'junction')
})

afterAll(() => rmSync(copy, { recursive: true, force: true }))

function run(...command: string[]): { code: number | null; output: string } {
  const [program, ...args] = command
  const bin = join(ROOT, 'node_modules', '.bin', program)
  const done = spawnSync(program === 'node' ? process.execPath : bin, args, {
    cwd: copy,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  return { code: done.status, output: `${done.stdout}${done.stderr}` }
}

/** Writes a file into the copy for the time of one check. */
function withFile<T>(path: string, content: string, check: () => T): T {
  const full = join(copy, path)
  let before: string | null = null
  try {
    before = readFileSync(full, 'utf8')
  } catch {
    // The file is new.
  }
  writeFileSync(full, content)
  try {
    return check()
  } finally {
    if (before === null) rmSync(full)
    else writeFileSync(full, before)
  }
}

test('an arrow that points the wrong way fails', () => {
  const fault = "export { createClient } from '../../client/src/client.ts'\n"
  const { code, output } = withFile('packages/image/src/wrong-arrow.ts', fault, () =>
    run('depcruise', '--config', '.dependency-cruiser.mjs', 'packages/image'),
  )
  expect(output).toContain('arrows-of-packages-image')
  expect(code).not.toBe(0)
})

test('an AWS SDK import outside packages/aws fails', () => {
  const fault = "export { S3Client } from '../../aws/node_modules/@aws-sdk/client-s3'\n"
  const { code, output } = withFile('packages/jobs/src/wrong-sdk.ts', fault, () =>
    run('depcruise', '--config', '.dependency-cruiser.mjs', 'packages/jobs'),
  )
  expect(output).toContain('sdk-only-in-aws')
  expect(code).not.toBe(0)
})

test('a generated file that drifts fails', () => {
  const { code, output } = withFile('packages/shared/generated/openapi.json', '{}\n', () =>
    run('node', '--import', 'tsx', 'scripts/generate.ts', '--check'),
  )
  expect(output).toContain('packages/shared/generated/openapi.json')
  expect(code).not.toBe(0)
})

test('an export that nobody uses fails', () => {
  const path = 'packages/shared/src/ids.ts'
  const fault = `${readFileSync(join(copy, path), 'utf8')}\nexport const NOBODY_USES_THIS = 1\n`
  const { code, output } = withFile(path, fault, () => run('knip', '--no-progress'))
  expect(output).toContain('NOBODY_USES_THIS')
  expect(code).not.toBe(0)
})

test('a Node built-in in a pure package does not compile', () => {
  const fault = "import { readFileSync } from 'node:fs'\nexport const wrong = readFileSync\n"
  const { code, output } = withFile('packages/shared/src/wrong-node.ts', fault, () =>
    run('tsc', '-p', 'tsconfig.pure.json'),
  )
  expect(output).toContain('wrong-node.ts')
  expect(code).not.toBe(0)
})
