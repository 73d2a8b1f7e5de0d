import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ROOT } from '../../scripts/steps.ts'

const MADE_BY_RUNS = new Set(['.serverless', '.esbuild', '.build', 'dist'])

/** A copy of the services for one run, so that runs and a person's own deploy do not write into each other's folders. */
export function makeTree(name: string): string {
  const tree = join(ROOT, '.build', 'trees', name)
  rmSync(tree, { recursive: true, force: true })
  mkdirSync(tree, { recursive: true })
  for (const folder of ['services', join('apps', 'web'), 'deploy']) {
    cpSync(join(ROOT, folder), join(tree, folder), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !MADE_BY_RUNS.has(basename(path)),
    })
  }
  for (const shared of ['node_modules', 'packages'])
    symlinkSync(join(ROOT, shared), join(tree, shared), 'junction')
  for (const file of ['package.json', 'serverless-compose.yml', 'tsconfig.base.json'])
    if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(tree, file))
  return tree
}

/** Gives a stage its own section in the tree's deploy/parameters.yml, as an operator does. */
export function setParameters(
  tree: string,
  stage: string,
  parameters: Readonly<Record<string, string>>,
): void {
  const common = readFileSync(join(ROOT, 'deploy', 'parameters.yml'), 'utf8')
  const lines = Object.entries(parameters).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`)
  writeFileSync(join(tree, 'deploy', 'parameters.yml'), `${common}\n${stage}:\n${lines.join('')}`)
}
