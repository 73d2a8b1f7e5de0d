/** docs/operations: every command is run by a test, or marked **(account)** because only a real account can run it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../scripts/steps.ts'

const DOCS = join(ROOT, 'docs', 'operations')
const MARK = '(account)'
const PROGRAMS = /^(?:npx|npm|pnpm|gen3d|sls|aws|git|cd|docker|export)\s+[\w.-]+/

/** Beginning of a command, the file that runs it, and the words by which it does. */
const RUN: readonly (readonly [command: string, file: string, words: string])[] = [
  ['npm start', 'tests/e2e/test-stack.ts', "'start.ts'"],
  ['npm test', '.ci/run', 'npm test'],
  ['npx pnpm test:deploy', '.ci/run', 'npm run test:deploy'],
  ['pnpm test:deploy', '.ci/run', 'npm run test:deploy'],
  ['npx pnpm sls package --stage prod', 'tests/infra/templates.ts', "['package', '--package'"],
  ['npx pnpm sls deploy --stage prod', 'tests/infra/emulator/deploy.test.ts', "sls(['deploy'])"],
  ['sls deploy', 'tests/infra/emulator/deploy.test.ts', "sls(['deploy'])"],
  ['npx pnpm sls …', 'tests/infra/emulator/deploy.test.ts', "sls(['deploy'])"],
  ['npx pnpm sls remove', 'tests/infra/emulator/deploy.test.ts', 'removeDeployment(place'],
  ['sls remove', 'tests/infra/emulator/deploy.test.ts', 'removeDeployment(place'],
  ['sls invoke local', 'tests/e2e/invoke-local.test.ts', "'invoke'"],
  ['gen3d admin remove', 'tests/infra/emulator/deploy.test.ts', 'removeDeployment(place'],
  ['gen3d admin doctor', 'tests/infra/emulator/operator-steps.ts', "'admin', 'doctor'"],
  ['gen3d admin user', 'tests/infra/emulator/operator-steps.ts', "'admin', 'user'"],
  ['gen3d admin image', 'tests/infra/emulator/operator-steps.ts', 'buildImage(place'],
  ['gen3d admin weights --token-stdin', 'tests/infra/emulator/operator-steps.ts', "'--token-stdin'"],
  ['gen3d admin weights', 'tests/infra/emulator/operator-steps.ts', 'putWeights(place'],
]

interface Found {
  readonly at: string
  readonly command: string
  readonly marked: boolean
}

/** Lines of `sh` blocks, and code in running text that begins with a program. A mark in a heading counts below it. */
function findCommands(file: string): Found[] {
  const found: Found[] = []
  let heading = ''
  let block = false
  for (const [i, line] of readFileSync(join(DOCS, file), 'utf8').split('\n').entries()) {
    const marked = (heading + line).includes(MARK)
    const add = (command: string) => found.push({ at: `${file}:${i + 1}`, command, marked })
    if (line.startsWith('```')) block = line.startsWith('```sh')
    else if (block)
      line
        .split('&&')
        .map((one) => one.replace(/\s+#.*/, '').trim())
        .filter(Boolean)
        .forEach(add)
    else if (line.startsWith('#')) heading = line
    else
      for (const [, code] of line.matchAll(/`([^`]+)`/g))
        if (PROGRAMS.test(code))
          code
            .split('&&')
            .map((one) => one.trim())
            .forEach(add)
  }
  return found
}

const COMMANDS = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .flatMap(findCommands)

const runBy = (command: string) =>
  RUN.find(([start]) => command.replace(/^npx pnpm (?=gen3d)/, '').startsWith(start))

test('there are commands', () => {
  expect(COMMANDS.length).toBeGreaterThan(30)
})

test('every command is run by a test, or marked as needing an account', () => {
  const loose = COMMANDS.filter(({ command, marked }) => !marked && !runBy(command))
  expect(loose.map(({ at, command }) => `${at} ${command}`)).toEqual([])
})

test('the tests that are said to run them do', () => {
  for (const [command, file, words] of RUN) {
    expect(existsSync(join(ROOT, file)), file).toBe(true)
    expect(readFileSync(join(ROOT, file), 'utf8'), `${command} in ${file}`).toContain(words)
  }
})

/** Paths of the repository's own files. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (/^(node_modules|dist|output|\..+)$/.test(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? listFiles(path) : [path]
  })
}

test('what the list of traps names exists: files, and the tests in them by their titles', () => {
  const files = listFiles(ROOT)
  const rows = readFileSync(join(DOCS, 'traps.md'), 'utf8').match(/^\| .+ \| .+ \|$/gm) ?? []
  expect(rows.length).toBeGreaterThan(45)
  for (const row of rows) {
    for (const [, name, title] of row.matchAll(/`([\w./-]+\.(?:ts|mjs|cjs|py|yml|md))`(?: "([^"]+)")?/g)) {
      const found = files.filter((path) => path.endsWith(join('/', name)))
      expect(found, row).not.toEqual([])
      if (title)
        expect(
          found.some((path) => readFileSync(path, 'utf8').includes(title)),
          row,
        ).toBe(true)
    }
  }
})
