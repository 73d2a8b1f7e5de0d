import { defineConfig } from 'vitest/config'

/** `pnpm test:deploy`: one deployment, step after step; the steps build on each other. */
export default defineConfig({
  test: { include: ['tests/infra/emulator/*.test.ts'], sequence: { concurrent: false }, bail: 1 },
})
