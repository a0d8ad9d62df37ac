import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'

export default defineConfig({
  test: {
    include: [
      'apps/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.tsx',
      'packages/*/src/**/*.test.ts',
      'packages/*/src/**/*.test.tsx',
      'scripts/**/*.test.ts',
      'tests/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/.next/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // One more than the smallest machine has cores: at any time one of them waits for a limit, a process or a container.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // A shared machine stalls now and then; the reporter marks what needed its second try.
    retry: process.env.CI ? 1 : 0,
  },
})
