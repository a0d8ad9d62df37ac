import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'

const all = ['{apps,packages}/*/src/**/*.test.{ts,tsx}', '{scripts,tests}/**/*.test.ts']
/** These tests start no process of ours and change nothing of their own: a worker takes one after the other and keeps what it has read. */
const alike = [
  'apps/{devops-backend,devops-web}/src/**/*.test.{ts,tsx}',
  'apps/docker-proxy/src/{*,gateway/**/*}.test.ts',
  'apps/platform-service/src/{!(command-line|main),{identity,mail,modules}/**/*}.test.ts',
  'packages/{api-client,console,contracts,fan-out,http-kit,log-text,series,tokens,ui,verb-kit,verbs}/src/**/*.test.{ts,tsx}',
]
const isDeep = process.env.CONSOLE_DEEP === '1'
const never = ['**/node_modules/**', '**/.next/**']

export default defineConfig({
  test: {
    // Long, for a busy machine; what promises a time of its own measures it.
    testTimeout: 60_000,
    // The option of the command line for it does not reach the projects.
    hookTimeout: isDeep ? 3_600_000 : 60_000,
    // One more than the smallest machine has cores: at any time one of them waits for a limit, a process or a container.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // A shared machine stalls now and then; the reporter marks what needed its second try.
    retry: process.env.CI ? 1 : 0,
    projects: [
      { extends: true, test: { name: 'apart', include: all, exclude: [...never, ...alike] } },
      { extends: true, test: { name: 'alike', include: alike, exclude: never, isolate: false } },
    ],
  },
})
