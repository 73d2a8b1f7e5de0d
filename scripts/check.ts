// Everything that can be said of the code without running it. Never writes: `pnpm fix` does.
import { runSteps, type Step } from './steps.ts'

const CHECKS: readonly Step[] = [
  { name: 'types (Node)', command: ['tsc', '-p', 'tsconfig.json'] },
  {
    name: 'types (pure packages, no Node)',
    command: ['tsc', '-p', 'tsconfig.pure.json'],
  },
  { name: 'types (page)', command: ['tsc', '-p', 'apps/web/tsconfig.json'] },
  { name: 'format and lint', command: ['biome', 'check', '.'] },
  {
    name: 'arrows between packages',
    command: [
      'depcruise',
      '--config',
      '.dependency-cruiser.mjs',
      'packages',
      'services',
      'apps',
      'tests',
      'scripts',
    ],
  },
  {
    name: 'unused files, exports, dependencies',
    command: ['knip', '--no-progress'],
  },
  {
    name: 'generated files',
    command: ['node', '--import', 'tsx', 'scripts/generate.ts', '--check'],
  },
]

const failed = await runSteps(CHECKS)
if (failed.length > 0) {
  console.error(`\n${failed.length} failed: ${failed.join('; ')}`)
  process.exit(1)
}
