import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Not part of the root's run: it needs the Python environment that `pnpm test:container` sets up.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
})
