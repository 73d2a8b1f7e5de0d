import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: [fileURLToPath(new URL('shared-stack.ts', import.meta.url))],
    include: ['tests/e2e/**/*.test.ts'],
    exclude: process.env.GEN3D_PHOTOS ? [] : ['tests/e2e/photos.test.ts'],
    // One stack and one browser at a time: they share the machine's cores.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // As long as a person would wait for what needs no machine.
    expect: { poll: { timeout: 20_000, interval: 100 } },
  },
})
