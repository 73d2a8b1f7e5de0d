import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ROOT } from '../../scripts/steps.ts'

const MADE_BY_RUNS = new Set(['.serverless', '.esbuild', '.build', 'dist'])

/** A copy of the services for one run, so that runs and a person's own deploy do not write into each other's folders. */
export function makeTree(name: string): string {
  const tree = join(ROOT, '.build', 'trees', name)
  rmSync(tree, { recursive: true, force: true })
  mkdirSync(tree, { recursive: true })
  for (const folder of ['services', join('apps', 'web')]) {
    cpSync(join(ROOT, folder), join(tree, folder), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !MADE_BY_RUNS.has(basename(path)),
    })
  }
  for (const shared of ['node_modules', 'packages', 'deploy'])
    symlinkSync(join(ROOT, shared), join(tree, shared), 'junction')
  for (const file of ['package.json', 'serverless-compose.yml', 'tsconfig.base.json'])
    if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(tree, file))
  return tree
}
