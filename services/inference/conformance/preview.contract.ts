/** The preview engine's process, as it is started for the suite. */
import { fileURLToPath } from 'node:url'
import { engineFacts } from '@gen3d/shared/engines'
import type { Start } from './engine.contract.ts'
import type { Target } from './suite.contract.ts'

/** A heap that `fault:oom` fills within a second or two, and that every good job fits into. */
const FAULTY_HEAP = '--max-old-space-size=256'

const run = (file: string, ...options: string[]): Start => ({
  command: [process.execPath, ...options, '--import', 'tsx', fileURLToPath(new URL(file, import.meta.url))],
  env: {},
})

export const PREVIEW: Target = {
  ...run('../preview/server.ts'),
  engineName: 'preview',
  formats: engineFacts('preview').formats,
  textPrompts: engineFacts('preview').textPrompts,
  faulty: run('./faulty-process.ts', FAULTY_HEAP),
}
