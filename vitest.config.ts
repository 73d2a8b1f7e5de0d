import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/**/*.test.ts',
      'services/**/*.test.ts',
      'apps/**/*.test.ts',
      'tests/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      'tests/e2e/**',
      'tests/infra/emulator/**',
      'tests/container/**',
      'services/inference/container/**',
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**', 'services/**/*.ts', 'apps/web/src/**'],
      exclude: ['**/*.test.ts', '**/*.contract.ts', '**/generated/**'],
      reporter: ['text-summary', 'html'],
    },
  },
})
