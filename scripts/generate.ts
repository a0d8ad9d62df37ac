/** Writes the reference pages from the registries, and what the scripts of the VM hash to; `--check` names what is stale instead. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Environment as BackendEnvironment } from '../apps/devops-backend/src/config.ts'
import { rowOf } from '../apps/devops-backend/src/modules/privileges/privileges.ts'
import { Environment as PlatformEnvironment } from '../apps/platform-service/src/config.ts'
import { allActions } from '../packages/contracts/src/all-actions.ts'
import { commonErrors, moduleErrors } from '../packages/contracts/src/errors.ts'
import { allVerbs } from '../packages/verbs/src/all.ts'
import { pastReports } from '../tests/attacks/past-cves.ts'

type Described = { readonly shape: Readonly<Record<string, { readonly description?: string | undefined }>> }

/** Programs without a schema, because they have no outside dependency; tests/docs-fresh.test.ts compares the names with what their code reads. */
const plain: readonly (readonly [program: string, name: string, means: string])[] = [
  ['docker-proxy', 'NODE_ENV', '`production` makes every start-up warning a refusal.'],
  ['docker-proxy', 'DATA_DIR', 'Folder for the journal and the service key; `data` where it is not set.'],
  ['docker-proxy', 'KEYS_DIR', 'Folder of the public keys of all parts; `DATA_DIR/keys` where it is not set.'],
  ['docker-proxy', 'SOCKET_DIR', 'Folder of its own socket; `DATA_DIR/run` where it is not set.'],
  ['docker-proxy', 'DOCKER_SOCKET', 'The engine’s socket; `/var/run/docker.sock` where it is not set.'],
  [
    'docker-proxy',
    'GATEWAY_SOCKET',
    'A second socket on which a Traefik asks what to route to: five reads and nothing else. Not set: there is none.',
  ],
  ['docker-proxy', 'PRODUCT_ID', 'The product whose tokens are accepted; `bytelyst-devops` where it is not set.'],
  ['host-agent', 'NODE_ENV', '`production` makes every start-up warning a refusal, a missing script root excepted.'],
  ['host-agent', 'DATA_DIR', 'Folder for the journal, the service key, approvals and runs; `data` where it is not set.'],
  ['host-agent', 'KEYS_DIR', 'Folder of the public keys of all parts; `DATA_DIR/keys` where it is not set.'],
  ['host-agent', 'SOCKET_DIR', 'Folder of its own socket; `DATA_DIR/run` where it is not set.'],
  ['host-agent', 'PRODUCT_ID', 'The product whose tokens are accepted; `bytelyst-devops` where it is not set.'],
  [
    'host-agent',
    'SCRIPT_ROOTS',
    'Folders that may hold scripts, separated by colons; `/opt/bytelyst` where it is not set, `examples` under `start`.',
  ],
  ['host-agent', 'CODE_ROOTS', 'Folders below which code may be checked, separated by colons; `SCRIPT_ROOTS` where it is not set.'],
  ['host-agent', 'CODE_ACCOUNT', 'Account that checks of code run as where the agent is root; `bytelyst-run` where it is not set.'],
  [
    'host-agent',
    'CODE_MEMORY_MB',
    'Mebibytes of memory that the checks of one run may take together, where runs are units of systemd; 4096 where it is not set.',
  ],
  ['host-agent', 'CODE_LIMIT_SEC', 'Seconds that the checks of one run may take together; 1200 where it is not set.'],
  [
    'host-agent',
    'NPM_DIR',
    'Folder of npm, with `bin/npm-cli.js` in it; looked for beside Node and where systems put it where it is not set.',
  ],
  [
    'host-agent',
    'PROBE_ORIGINS',
    'Loopback origins that health checks may reach, separated by commas. Not set: none in production, elsewhere every loopback port but the console’s own.',
  ],
  [
    'host-agent',
    'HOST_ROOT',
    'Folder below which `/proc`, `/sys` and `/var/log` of the host lie, where host-agent runs in a container; `/` where it is not set.',
  ],
  ['host-agent', 'OLLAMA_PORT', 'Port of Ollama on 127.0.0.1; 11434 where it is not set. No other host is ever asked.'],
  [
    'host-agent',
    'OLLAMA_REGISTRIES',
    'Hosts from which models may be pulled, separated by commas; `registry.ollama.ai,hf.co` where it is not set. Names without a host come from `registry.ollama.ai`.',
  ],
  [
    'host-agent',
    'HERMES_INSTANCES',
    'JSON file that lists the agents of Hermes on this host, belonging to root or the agent’s account. Not set: `vm`, the agent’s own account, and `uma`, each with `~/.hermes`.',
  ],
  ['host-agent', 'CONSOLE_PORTS', 'The console’s own ports, separated by commas, which health checks may not reach; `start` sets it.'],
  ['web-host', 'WEB_ROOT', 'Folder of the exported dashboard; the first argument where it is not set.'],
  ['web-host', 'WEB_PREVIOUS', 'Folder of the export before, so that open tabs still find their files.'],
  ['web-host', 'PORT', 'Port of the dashboard; 3000 where it is not set.'],
  ['web-host', 'HOST', 'Addresses to listen on, separated by commas; both loopback ones where it is not set.'],
  ['web-host', 'WEB_HOSTS', 'Further host names under which it may be asked, separated by commas.'],
  [
    'web-host',
    'WEB_WORKER',
    '`off` takes the pages that browsers keep for when they are offline away again, and the worker that keeps them; `on` where it is not set.',
  ],
  ['web-host', 'WEB_NAME', 'Name in its log lines; `web-host` where it is not set.'],
  ['web-host', 'NEXT_PUBLIC_DEVOPS_API_URL', 'Base address of the DevOps API, as `/settings.json` tells it to the dashboard.'],
  ['web-host', 'NEXT_PUBLIC_PLATFORM_URL', 'Base address of platform-service, as `/settings.json` tells it.'],
  ['web-host', 'NEXT_PUBLIC_ADMIN_WEB_URL', 'Address of Platform Admin, as `/settings.json` tells it.'],
  ['web-host', 'NEXT_PUBLIC_DEVOPS_WEB_URL', 'Address of the DevOps Dashboard, as `/settings.json` tells it.'],
  ['web-host', 'NEXT_PUBLIC_PRODUCT_ID', 'The product that the dashboard is for; `bytelyst-devops` where it is not set.'],
  ['web-host', 'NEXT_PUBLIC_PRODUCT_NAME', 'Name shown to people; `ByteLyst DevOps Dashboard` where it is not set.'],
  ['start', 'DATA_DIR', 'Folder of everything that is kept, below this folder if it is relative; `data` where it is not set.'],
  ['start', 'KEYS_DIR', 'Folder of the public keys; `DATA_DIR/keys` where it is not set.'],
  [
    'start',
    'SOCKET_DIR',
    'Folder of the sockets; `DATA_DIR/run`, or a short one under the temporary folder where that is too long for a socket.',
  ],
  ['start', 'DEVOPS_WEB_PORT', 'Port of the DevOps Dashboard; 3000 where it is not set.'],
  ['start', 'ADMIN_WEB_PORT', 'Port of Platform Admin; 3001 where it is not set.'],
  ['start', 'PLATFORM_PORT', 'Port of platform-service; 4003 where it is not set.'],
  ['start', 'BACKEND_PORT', 'Port of devops-backend; 4004 where it is not set.'],
  ['start', 'DOCKER_SOCKET', 'The engine’s socket, given to docker-proxy; `/var/run/docker.sock` where it is not set.'],
]

const root = join(import.meta.dirname, '..')
const pages: Record<string, string> = {
  'docs/reference/actions.md': actionsPage(),
  'docs/reference/privileges.md': privilegesPage(),
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/environment.md': environmentPage(),
  'docs/reference/past-cves.md': pastCvesPage(),
  'apps/host-agent/src/vm/known-scripts.ts': knownScriptsSource(),
}
const check = process.argv.includes('--check')
const stale = Object.entries(pages).filter(([name, text]) => read(name) !== text)
if (!check) {
  for (const [name, text] of stale) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}
if (check && stale.length > 0) {
  console.log(`stale: ${stale.map(([name]) => name).join(', ')}. Run: npx pnpm@12 generate`)
  process.exit(1)
}

function actionsPage(): string {
  const rows = allActions.map(({ id, api, method, path, risk, role, verb, summary }) => [
    `\`${id}\``,
    api,
    `\`${method} ${path}\``,
    risk,
    role,
    verb ? `\`${verb.id}\`` : '',
    summary,
  ])
  return page(
    'Actions',
    'Every operation of both APIs. The id is the permission, the name in the audit log and the `operationId` in OpenAPI.',
    ['action', 'API', 'route', 'risk', 'least role', 'verb', 'what it does'],
    rows,
  )
}

function privilegesPage(): string {
  const rows = allVerbs
    .map(rowOf)
    .map(({ id, daemon, risk, role, service, grant, recorded, args, limits, runs, actions }) => [
      `\`${id}\``,
      daemon,
      risk + (risk === 'read' && recorded ? ', recorded' : ''),
      role + (service ? ', backend’s key' : ''),
      grant ? 'yes' : '',
      args.map(({ name, rule, optional }) => `${name}${optional ? '?' : ''}: ${rule}`).join('; '),
      limits.map(({ per, max, windowMs }) => `${max} in ${windowMs / 1_000} s per ${per}`).join('; '),
      runs,
      actions.join(', '),
    ])
  return page(
    'Privileges',
    'Everything that a daemon can be asked to do on the host. The backend itself has no such row.',
    ['verb', 'daemon', 'risk', 'who', 'confirmed', 'arguments', 'limits', 'what runs', 'actions'],
    rows,
  )
}

function errorsPage(): string {
  const rows = Object.entries({ ...commonErrors, ...moduleErrors }).map(([code, { status, means }]) => [
    `\`${code}\``,
    String(status),
    means,
  ])
  return page('Errors', 'Codes of problem bodies (RFC 9457). They are permanent.', ['code', 'status', 'what it means'], rows)
}

function environmentPage(): string {
  const of = (program: string, { shape }: Described): string[][] =>
    Object.entries(shape).map(([name, { description = '' }]) => [program, `\`${name}\``, description])
  return page(
    'Environment',
    'What each program reads. `npx pnpm@12 start` needs none of it: it sets what the parts must agree on and passes the rest on.',
    ['program', 'variable', 'what it is'],
    [
      ...of('devops-backend', BackendEnvironment as unknown as Described),
      ...of('platform-service', PlatformEnvironment as unknown as Described),
      ...plain.map(([program, name, means]) => [program, `\`${name}\``, means]),
    ],
  )
}

function pastCvesPage(): string {
  return page(
    'Past reports',
    'What became known of other products, what it teaches here, and the cases of `tests/attacks` that would go red if it were forgotten.',
    ['report', 'product', 'what it teaches', 'cases'],
    pastReports.map(({ id, product, lesson, cases }) => [id, product, lesson, cases.join(', ')]),
  )
}

/** The agent runs exactly these texts, so a changed script needs this file made anew, and a changed host is noticed. */
function knownScriptsSource(): string {
  const names = readdirSync(join(root, 'vm')).filter((name) => name.endsWith('.sh'))
  const hash = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(root, 'vm', name)))
      .digest('hex')
  const rows = names.sort().map((name) => `  '${name}': '${hash(name)}',\n`)
  return `/** What the scripts of the VM hash to. Made by scripts/generate.ts; a test holds it to the files. */\nexport const knownScripts = {\n${rows.join('')}} as const\nexport type ScriptName = keyof typeof knownScripts\n`
}

function page(title: string, lead: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return `# ${title}\n\n${lead} Made by \`scripts/generate.ts\`; a test holds it to the code.\n\n${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}

function read(name: string): string | null {
  try {
    return readFileSync(join(root, name), 'utf8')
  } catch {
    return null
  }
}
