/** Who may import whom, as data. A room is a folder of apps/ or packages/; `node:` stands for everything that Node brings. */
const daemon = [
  'node:',
  '@console/verb-kit',
  '@console/verbs',
  '@console/tokens',
  '@console/audit-chain',
  '@console/series',
  '@console/fan-out',
]
const dashboard = [
  'react',
  'next',
  'nuqs',
  'zod',
  'lucide-react',
  '@tanstack/react-query',
  '@console/console',
  '@console/ui',
  '@console/contracts',
  '@console/log-text',
  '@console/api-client',
]
const service = [
  'node:',
  'zod',
  '@console/contracts',
  '@console/verbs',
  '@console/http-kit',
  '@console/backup-kit',
  '@console/backups',
  '@console/store',
  '@console/series',
  '@console/tokens',
  '@console/audit-chain',
  '@console/fan-out',
]

export const mayImport: Readonly<Record<string, readonly string[]>> = {
  'packages/verbs': [],
  'packages/contracts': ['zod', '@console/verbs'],
  'packages/tokens': ['node:'],
  'packages/audit-chain': ['node:'],
  'packages/series': ['node:'],
  'packages/log-text': [],
  'packages/fan-out': [],
  'packages/web-host': ['node:'],
  // The conformance suite, which every driver runs, is tests to be imported.
  'packages/store': ['node:', '@console/contracts', '@console/tokens', '@azure/cosmos', 'vitest'],
  'packages/backups': ['node:', '@console/store', '@console/audit-chain'],
  'packages/backup-kit': [
    'node:',
    '@console/backups',
    '@console/contracts',
    '@console/http-kit',
    '@console/store',
    '@console/audit-chain',
    '@console/verbs',
  ],
  'packages/verb-kit': ['node:', '@console/verbs', '@console/tokens', '@console/audit-chain'],
  'packages/http-kit': [
    'node:',
    'zod',
    'fastify',
    'fastify-type-provider-zod',
    '@fastify/cors',
    'prom-client',
    '@console/contracts',
    '@console/verbs',
    '@console/tokens',
    '@console/audit-chain',
  ],
  'packages/api-client': ['zod', '@console/contracts'],
  'packages/ui': ['react', '@base-ui/react', 'lucide-react', '@tanstack/react-virtual', 'uplot', '@console/log-text'],
  'packages/console': [
    'react',
    'next',
    'nuqs',
    'zod',
    'qrcode-generator',
    'lucide-react',
    '@base-ui/react',
    '@tanstack/react-query',
    '@console/ui',
    '@console/api-client',
    '@console/contracts',
    '@console/log-text',
  ],
  'packages/testkit': ['node:', 'vitest', 'smtp-server', '@console/tokens', '@console/audit-chain', '@console/verbs'],
  'apps/docker-proxy': [...daemon, '@console/log-text'],
  'apps/host-agent': [...daemon, '@console/log-text'],
  'apps/launcher': ['node:'],
  'apps/devops-backend': [...service, '@console/log-text', '@bufbuild/protobuf', 'croner', 'undici'],
  'apps/platform-service': [
    ...service,
    '@node-rs/argon2',
    'nodemailer',
    '@simplewebauthn/server',
    'openid-client',
    'otpauth',
    'csv-parse',
    'csv-stringify',
    '@zxcvbn-ts/core',
    '@zxcvbn-ts/language-common',
    '@zxcvbn-ts/language-en',
  ],
  'apps/devops-web': dashboard,
  'apps/admin-web': dashboard,
}

/** What tests and fakes of any room may import beside that; the last three are second opinions on formats and on a protocol. */
export const testsMayImport: readonly string[] = [
  'node:',
  'vitest',
  'fast-check',
  '@console/testkit',
  'jose',
  'canonicalize',
  'oidc-provider',
]

/** Programs that look into an app, and why; nothing else imports one. */
export const importsAnApp: Readonly<Record<string, string>> = {
  'bench/fill-identity.ts': 'writes 10,000 people as platform-service keeps them, which by its API would take hours',
  'bench/hermes.ts': 'measures the probe by itself as host-agent starts it, without the agent around it',
  'bench/identity.ts': 'measures the client of devops-backend and the hash of platform-service by themselves',
  'bench/metrics.ts': 'measures reading, rates and history of metrics by themselves, which over the API would take ninety days',
  'scripts/test-deep.ts': 'builds the dashboards for the same reason',
  'scripts/test.ts': 'builds the dashboards as the launcher does, so that the browser tests look at what is shipped',
  'tests/attacks/hermes-signals.test.ts': 'runs the commands that a page prints, as they are printed',
  'scripts/generate.ts': 'makes the reference pages from the rows of the privilege page and the schemas of the environment',
}

/** Code outside a config.ts that reads process.env, and why. */
export const readsEnvironment: Readonly<Record<string, string>> = {
  'apps/docker-proxy/src/main.ts': 'passes it to readConfig',
  'apps/host-agent/src/main.ts': 'passes it to readConfig',
  'apps/devops-backend/src/main.ts': 'passes it to readConfig',
  'apps/platform-service/src/main.ts': 'passes it to readConfig',
  'apps/platform-service/src/platform-cli.ts': 'passes it to readConfig',
  'packages/backups/src/main.ts': 'passes it to readConfig',
  'apps/devops-backend/src/devops-cli.ts': 'passes it to readConfig',
  'apps/launcher/src/main.ts': 'passes it to readConfig',
  'apps/launcher/src/build-dashboards.ts': 'passes it to the builder of the dashboards; scripts/test.ts calls it without a config',
  'apps/host-agent/src/runs/start-child.ts': 'gives PATH, and only that, to the wrapper of a run',
}

export type Ban = { readonly what: string; readonly pattern: RegExp; readonly where: RegExp; readonly except?: RegExp }

const browser = /^(packages\/(ui|console)|apps\/[a-z]+-web)\/src\//
/** Texts that no source may hold. */
export const bans: readonly Ban[] = [
  { what: 'a shell', pattern: /\bshell:\s*true|(?<![.\w])exec(Sync)?\(|child_process[^\n]*\.exec(Sync)?\(/, where: /./ },
  { what: 'exec of node:child_process', pattern: /import\s*\{[^}]*\bexec(Sync)?\b[^}]*\}\s*from '(node:)?child_process'/, where: /./ },
  { what: 'innerHTML', pattern: /\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write\b/, where: browser },
  {
    what: 'dangerouslySetInnerHTML',
    pattern: /dangerouslySetInnerHTML/,
    where: browser,
    except: /^apps\/[a-z]+-web\/src\/app\/layout\.tsx$/,
  },
  { what: 'a style attribute, which the policy refuses in an exported page', pattern: /\sstyle=/, where: browser },
  { what: 'process.env in a page', pattern: /\bprocess\.env\b|from '(node:)?process'/, where: browser },
  { what: 'a URL made from a request', pattern: /new URL\(\s*req/, where: /./ },
  {
    what: 'fetch in a daemon, which would follow redirects and proxies',
    pattern: /(?<![.\w])fetch\(/,
    where: /^(apps\/(docker-proxy|host-agent)|packages\/verb-kit)\//,
  },
  {
    what: 'chance that can be guessed: seeds, codes and tokens come from node:crypto',
    pattern: /\bMath\.random\(/,
    where: /^(apps|packages)\/(?!testkit\/)/,
  },
  { what: 'eval', pattern: /(?<![.\w])eval\(|new Function\(/, where: /./ },
]
