// `pnpm test:deploy`: sets up the emulator and runs a real deployment into it. Needs Python 3.10 or newer and a Chromium-like browser.
import { setUpInfraTools } from './infra-tools.ts'
import { runStep, VITEST } from './steps.ts'

setUpInfraTools()
const { code } = await runStep({
  name: 'deployment into an emulator',
  command: [...VITEST, '--config', 'tests/infra/emulator/vitest.config.ts'],
  live: true,
})
process.exit(code)
