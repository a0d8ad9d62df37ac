import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'

/** These tests start no process of ours and change nothing of their own: a worker takes one after the other and keeps what it has read. */
const alike = [
  'apps/{devops-backend,devops-web,platform-service}/src/**/*.test.{ts,tsx}',
  'apps/docker-proxy/src/**/*.test.ts',
  'packages/{api-client,console,contracts,fan-out,http-kit,log-text,series,tokens,ui,verb-kit,verbs}/src/**/*.test.{ts,tsx}',
]
/** Of those folders, what runs real programs. */
const apart = ['apps/docker-proxy/src/cleanup/**', 'apps/platform-service/src/{command-line,main}.test.ts']
const never = ['**/node_modules/**', '**/.next/**']

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // One more than the smallest machine has cores: at any time one of them waits for a limit, a process or a container.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // A shared machine stalls now and then; the reporter marks what needed its second try.
    retry: process.env.CI ? 1 : 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: [
            ...apart.map((glob) => glob.replace(/\*\*$/, '**/*.test.ts')),
            'apps/{host-agent,launcher}/src/**/*.test.ts',
            'packages/{audit-chain,store,testkit,web-host}/src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'tests/**/*.test.ts',
          ],
          exclude: never,
        },
      },
      { extends: true, test: { name: 'alike', include: alike, exclude: [...never, ...apart], isolate: false } },
    ],
  },
})
