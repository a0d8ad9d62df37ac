/** The deep test in parts of about an hour at most, so that each can be run and run again alone. */
export type DeepPart = {
  readonly name: string
  readonly what: string
  /** Files of tests, and options of the runner that choose among their tests. */
  readonly tests: readonly string[]
  readonly minutes: number
}

const killed = ['platform-service', 'devops-backend', 'docker-proxy', 'host-agent', 'the launcher'] as const

export const deepParts: readonly DeepPart[] = [
  {
    name: 'contracts',
    what: 'both APIs against their own documents: examples, negative data, sequences of calls (schemathesis)',
    tests: ['tests/contracts.test.ts'],
    minutes: 60,
  },
  ...killed.map((part) => ({
    name: `kills-${part.replace('the ', '')}`,
    what: `kill -9 of ${part} in the middle of deployments and writes, 200 times`,
    tests: ['tests/faults/kills.test.ts', '-t', part],
    minutes: 50,
  })),
  {
    name: 'homes',
    what: 'looks at homes of Hermes that its own gateway and another program write, at resting ones, and at those of other releases: as many as the figures say',
    tests: [
      'tests/hermes-machine.test.ts',
      'apps/host-agent/src/hermes/real-home.test.ts',
      'apps/host-agent/src/hermes/released-homes.test.ts',
    ],
    minutes: 60,
  },
  {
    name: 'scripts',
    what: 'scripts swapped while they are approved and begun, and read while another process swaps file, link and folder',
    tests: ['tests/attacks/scripts-races.test.ts', 'apps/host-agent/src/scripts/read-script.test.ts'],
    minutes: 60,
  },
  {
    name: 'audit',
    what: 'each tampering at every place, and ten thousand rows at once',
    tests: ['tests/attacks/audit-log-tampering.test.ts', 'tests/attacks/audit-log-running.test.ts'],
    minutes: 30,
  },
  {
    name: 'audit-crash',
    what: 'kill -9, and a failing disk, at every system call of an append',
    tests: ['tests/attacks/audit-crash.test.ts', 'packages/audit-chain/src/crash.test.ts'],
    minutes: 40,
  },
  {
    name: 'grants',
    what: 'ten thousand confirmations, each used twice at once',
    tests: ['tests/attacks/grant-races.test.ts'],
    minutes: 20,
  },
  {
    name: 'metrics',
    what: 'ninety days of a hundred containers, every ten seconds, and parsers of kernel files fed with two thousand texts that are none',
    tests: ['packages/series/src/metric-files.test.ts', 'apps/host-agent/src/metrics'],
    minutes: 20,
  },
  {
    name: 'streams',
    what: 'a million empty frames, five million lines beside a slow reader, a thousand viewers that leave, connections that come and go',
    tests: [
      'tests/attacks/docker-streams.test.ts',
      'tests/attacks/slow-readers.test.ts',
      'tests/attacks/proxy-connections.test.ts',
      'tests/attacks/log-viewer-files.test.ts',
    ],
    minutes: 30,
  },
  {
    name: 'non-interference',
    what: 'a hundred thousand requests that were changed at random, and every byte that the engine gets',
    tests: ['tests/attacks/non-interference.test.ts'],
    minutes: 30,
  },
  {
    name: 'engines',
    what: 'every operation of the oldest and the newest engine with every method, and planted secrets, on both engines',
    tests: [
      'tests/attacks/real-engines.test.ts',
      'tests/attacks/docker-routes.test.ts',
      'tests/attacks/docker-leaks.test.ts',
      'tests/attacks/gateway-socket.test.ts',
      'tests/attacks/gateway-engines.test.ts',
    ],
    minutes: 20,
  },
  {
    name: 'cleanup',
    what: 'two hundred containers, images, volumes and records of the build cache, protected ones among them, on engines of its own that also end in the middle',
    tests: ['apps/docker-proxy/src/cleanup/cleanup-engines.test.ts'],
    minutes: 60,
  },
  {
    name: 'recovery',
    what: 'the engine away and back a hundred times: known again within five seconds each time, without a restart of ours',
    tests: ['apps/docker-proxy/src/docker-proxy.test.ts'],
    minutes: 20,
  },
  {
    name: 'lost-events',
    what: 'an engine away for a second, a minute and ten, and a storm of events of 5,000 containers; away for a minute at the most from both engines',
    tests: ['tests/attacks/docker-model.test.ts', 'tests/attacks/docker-engine.test.ts', 'tests/attacks/altered-engines-model.test.ts'],
    minutes: 30,
  },
  {
    name: 'models',
    what: 'live model, log segments, samples and canonical texts against models of themselves, as often as was promised',
    tests: [
      'apps/docker-proxy/src/model-lost-events.test.ts',
      'apps/docker-proxy/src/demultiplex.test.ts',
      'packages/audit-chain/src/segments.test.ts',
      'packages/audit-chain/src/canonical-text.test.ts',
      'packages/series/src/sample-files-model.test.ts',
      'packages/verbs/src/canonical.test.ts',
      'packages/verbs/src/sliding-window.test.ts',
    ],
    minutes: 60,
  },
  {
    name: 'slow-clients',
    what: 'two hundred clients that drip, one that never reads, and what they cost the others',
    tests: ['tests/attacks/slow-clients.test.ts'],
    minutes: 10,
  },
  {
    name: 'full-rate',
    what: 'what one person at the highest rate that is allowed costs the others',
    tests: ['tests/attacks/full-rate.test.ts'],
    minutes: 5,
  },
  {
    name: 'sign-in',
    what: 'the time that a sign-in takes, for known and unknown e-mails',
    tests: ['apps/platform-service/src/modules/sign-in'],
    minutes: 15,
  },
  { name: 'away', what: 'the console without platform-service for more than a minute', tests: ['tests/faults/away.test.ts'], minutes: 5 },
  {
    name: 'soak',
    what: 'the whole console at work for as long as its figures say: a hundred containers that come and go, twenty browsers, a deployment a minute; nothing grows',
    tests: ['tests/soak.test.ts'],
    minutes: 80,
  },
  {
    name: 'archives',
    what: 'backups cut and changed at every byte, ten gigabytes packed to ten megabytes, a hundred thousand documents, also walked through, exported and copied between stores',
    tests: ['packages/backups', 'tests/attacks/backup-archives.test.ts', 'packages/store/src/many-documents.test.ts'],
    minutes: 20,
  },
  {
    name: 'hosted',
    what: 'a deployed console whose documents move from SQLite to Cosmos DB and back, whose secrets come from Key Vault, with backups, a vault that is away, and a secret that is changed while it runs; both are stand-ins',
    tests: ['tests/deployed-hosted.test.ts'],
    minutes: 60,
  },
  {
    name: 'deployed',
    what: 'a console that deploy/deploy.sh brings up from this checkout behind a real Traefik: signed in over https, what its containers may read from /proc, what is reached from where, secrets looked for; replaced by a newer version, also by its own button, and put back where that does not start; from a bundle, and in the other ways to reach it',
    tests: [
      'tests/deployed.test.ts',
      'tests/deployed-images.test.ts',
      'tests/deployed-changes.test.ts',
      'tests/deployed-own.test.ts',
      'tests/deployed-modes.test.ts',
      'tests/attacks/deployed.test.ts',
      '--no-file-parallelism',
    ],
    minutes: 35,
  },
  {
    name: 'deployed-use',
    what: 'twenty clients that read, change and follow while every container of a deployed console is replaced; a live log for a quarter of an hour',
    tests: ['tests/deployed-use.test.ts'],
    minutes: 45,
  },
  {
    name: 'guide',
    what: 'the guide, each command as it stands there, on a machine with systemd and an engine of its own that has nothing of the console',
    tests: ['tests/guide.test.ts'],
    minutes: 30,
  },
  {
    name: 'runbooks',
    what: 'the incidents of the runbooks on such a machine, each made, seen and ended by the commands of its runbook, one after the other',
    tests: ['tests/guide-runbooks.test.ts'],
    minutes: 60,
  },
]
