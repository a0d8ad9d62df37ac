/** What is changed by machine, fault by fault, and the tests that must notice. All of a group's tests run the sources in their own process. */
export type MutantGroup = {
  readonly name: string
  readonly what: string
  readonly mutate: readonly string[]
  readonly tests: readonly string[]
  /** The tests wait for nothing outside and take milliseconds: after seconds one of them runs for ever. */
  readonly quick?: true
}

/** A group below this share of noticed faults fails. */
export const leastPercent = 85

export const mutantGroups: readonly MutantGroup[] = [
  {
    name: 'framing',
    what: 'connections of a daemon',
    mutate: ['packages/verb-kit/src/connections.ts'],
    tests: ['packages/verb-kit/src/connections-answers.test.ts', 'packages/verb-kit/src/connections-ends.test.ts'],
  },
  {
    name: 'heads',
    what: 'heads and bodies of a daemon’s requests, and how a refusal is told',
    mutate: ['packages/verb-kit/src/read-request.ts', 'packages/verb-kit/src/problem.ts'],
    tests: ['packages/verb-kit/src/read-request.test.ts', 'packages/verb-kit/src/problem.test.ts'],
    quick: true,
  },
  {
    name: 'requests',
    what: 'who asks a daemon, who may, arguments, and what is written of refusals',
    mutate: [
      'packages/verb-kit/src/caller.ts',
      'packages/verb-kit/src/decide.ts',
      'packages/verb-kit/src/refusals.ts',
      'packages/verbs/src/check-args.ts',
      'packages/verbs/src/json-strict.ts',
    ],
    tests: [
      ...['caller', 'decide', 'refusals'].map((name) => `packages/verb-kit/src/${name}.test.ts`),
      ...['check-args', 'json-strict'].map((name) => `packages/verbs/src/${name}.test.ts`),
    ],
    quick: true,
  },
  {
    name: 'serving',
    what: 'the order of a daemon’s checks, and the rows around what it does',
    mutate: ['packages/verb-kit/src/serve-verb.ts'],
    tests: ['packages/verb-kit/src/serve-verb.test.ts'],
  },
  {
    name: 'limits',
    what: 'sliding windows, budgets of daemons and services',
    mutate: ['packages/verbs/src/sliding-window.ts', 'packages/verb-kit/src/limits.ts', 'packages/http-kit/src/budgets.ts'],
    tests: ['packages/verbs/src/sliding-window.test.ts', 'packages/verb-kit/src/limits.test.ts', 'packages/http-kit/src/budgets.test.ts'],
  },
  {
    name: 'pages',
    what: 'cookies, bearer tokens and pages of our own',
    mutate: ['packages/http-kit/src/origin.ts', 'packages/http-kit/src/credentials.ts'],
    tests: ['packages/http-kit/src/credentials.test.ts'],
  },
  {
    name: 'hooks',
    what: 'the checks before an action of a service: who asks, permission, confirmation, repeats',
    mutate: ['packages/http-kit/src/steps.ts'],
    tests: ['packages/http-kit/src/steps.test.ts'],
    quick: true,
  },
  {
    name: 'mount',
    what: 'every action a route and nothing else, its checks in their order',
    mutate: ['packages/http-kit/src/mount.ts'],
    tests: ['mount', 'planted-faults'].map((name) => `packages/http-kit/src/${name}.test.ts`),
    quick: true,
  },
  {
    name: 'paths',
    what: 'which file is a script, and which row approves it',
    mutate: [
      'apps/host-agent/src/scripts/read-script.ts',
      'apps/host-agent/src/scripts/find-scripts.ts',
      'apps/host-agent/src/scripts/approvals.ts',
    ],
    tests: ['read-script', 'find-scripts', 'approvals'].map((name) => `apps/host-agent/src/scripts/${name}.test.ts`),
  },
  {
    name: 'projects',
    what: 'which folder is a project, and what of it a check gets',
    mutate: ['apps/host-agent/src/code/open-project.ts', 'apps/host-agent/src/code/copy-tree.ts'],
    tests: ['open-project', 'copy-tree', 'copy-tree-swaps'].map((name) => `apps/host-agent/src/code/${name}.test.ts`),
  },
  {
    name: 'log-text',
    what: 'the sanitiser of log lines, and the masks of secrets',
    mutate: [
      'packages/log-text/src/clean-log-text.ts',
      'packages/log-text/src/visible-mark.ts',
      'packages/log-text/src/mask-secrets.ts',
      'apps/host-agent/src/runs/mask-values.ts',
    ],
    tests: ['packages/log-text/src', 'apps/host-agent/src/runs/mask-values.test.ts'],
  },
  {
    name: 'log-frames',
    what: 'lines out of the engine’s frames',
    mutate: [
      'apps/docker-proxy/src/demultiplex.ts',
      'apps/docker-proxy/src/log-lines.ts',
      'apps/docker-proxy/src/json-lines.ts',
      'packages/fan-out/src/block-queue.ts',
      'packages/fan-out/src/recent-blocks.ts',
    ],
    tests: [
      ...['demultiplex', 'log-lines', 'json-lines'].map((name) => `apps/docker-proxy/src/${name}.test.ts`),
      'packages/fan-out/src/block-queue.test.ts',
    ],
  },
  {
    name: 'verifier',
    what: 'what a tampered audit log is found out by',
    mutate: ['packages/audit-chain/src/verifier.ts', 'packages/audit-chain/src/checkpoint.ts'],
    tests: [
      'packages/audit-chain/src/verifier.test.ts',
      'packages/audit-chain/src/verifier-witnesses.test.ts',
      'packages/audit-chain/src/checkpoint.test.ts',
    ],
  },
  {
    name: 'tokens',
    what: 'access tokens, service tokens, grants and CSRF tokens',
    mutate: ['access-token', 'csrf', 'grant', 'jwt', 'keys', 'service-token'].map((name) => `packages/tokens/src/${name}.ts`),
    tests: ['jwt', 'jwt-reasons', 'tokens', 'keys'].map((name) => `packages/tokens/src/${name}.test.ts`),
  },
  {
    name: 'grants',
    what: 'confirmations: fit, burning, digests of plans',
    mutate: [
      'packages/verb-kit/src/grants.ts',
      'packages/http-kit/src/used-grants.ts',
      'packages/verbs/src/canonical.ts',
      'packages/verb-kit/src/plan-shelf.ts',
    ],
    tests: [
      'packages/verb-kit/src/grants.test.ts',
      'packages/http-kit/src/used-grants.test.ts',
      'packages/verbs/src/canonical.test.ts',
      'packages/verb-kit/src/plan-shelf.test.ts',
    ],
  },
]
