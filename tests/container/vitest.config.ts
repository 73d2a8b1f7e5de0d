import { defineConfig } from 'vitest/config'

// A browser and the container's Python environment together: `pnpm test:container` sets that up and runs these.
export default defineConfig({
  test: {
    include: ['tests/container/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000, interval: 100 } },
  },
})
