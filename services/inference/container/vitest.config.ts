import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Not part of the root's run: it needs the Python environment that `pnpm test:container` sets up.
export default defineConfig({
  // Beside the others’: no folder of Vite’s may end up in the image’s source.
  cacheDir: fileURLToPath(new URL('../../../node_modules/.vite/container', import.meta.url)),
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 320_000,
  },
})
