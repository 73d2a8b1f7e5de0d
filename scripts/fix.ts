// Mends what a machine can mend: format, lint, generated files.
import { runSteps } from './steps.ts'

const failed = await runSteps([
  {
    name: 'generated files',
    command: ['node', '--import', 'tsx', 'scripts/generate.ts'],
  },
  {
    name: 'format and lint',
    command: ['biome', 'check', '--write', '.'],
    live: true,
  },
])
process.exit(failed.length > 0 ? 1 : 0)
