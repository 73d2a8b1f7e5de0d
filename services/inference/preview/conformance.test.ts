import { fileURLToPath } from 'node:url'
import { describeEngineProcess } from '../conformance/suite.contract.ts'

const run = (file: string) => ({
  command: [process.execPath, '--import', 'tsx', fileURLToPath(new URL(file, import.meta.url))] as const,
  env: {},
})

describeEngineProcess('the preview engine’s process', {
  ...run('./server.ts'),
  engineName: 'preview',
  faulty: run('../conformance/faulty-process.ts'),
})
