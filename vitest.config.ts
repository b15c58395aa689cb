import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'server/**/*.test.ts',
      'cli/**/*.test.ts',
      'tests/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', 'tests/acceptance/**', 'tests/soak/**'],
    globalSetup: ['server/test/global-setup.ts'],
    testTimeout: 15_000,
    hookTimeout: 60_000,
    // Threads are no faster here (22.5 and 31.0 s against 23.5 and 32.4 s), and a crash takes one file's tests only.
    pool: 'forks',
    // Two cores are what a small CI machine has; more workers only make timeouts of them.
    maxWorkers: 2,
  },
})
