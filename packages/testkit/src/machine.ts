import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { whyNoCosmosAccount } from './cosmos-account.ts'
import { isDeep, soakMinutes } from './deep.ts'

/** The outside things that a suite may need and a machine may lack. */
export type Part =
  | 'docker'
  | 'engineNext'
  | 'dockerd'
  | 'dockerdNext'
  | 'chromium'
  | 'vm'
  | 'root'
  | 'account'
  | 'reader'
  | 'sealed'
  | 'acl'
  | 'contained'
  | 'strace'
  | 'schemathesis'
  | 'shellcheck'
  | 'ollama'
  | 'traefik'
  | 'hermesHome'
  | 'hermesReleases'
  | 'otelPython'
  | 'hermesVm'
  | 'deployed'
  | 'guide'
  | 'caddy'
  | 'pebble'
  | 'soak'
  | 'cosmosAccount'

const env = process.env

/** A Caddy 2. */
export const caddyPath = env.CADDY_PATH ?? 'caddy'

/** Pebble, the ACME server for tests by Let's Encrypt, and its DNS server. */
export const pebblePath = env.PEBBLE_PATH ?? 'pebble'
export const pebbleDnsPath = `${pebblePath}-challtestsrv`

/** Where the engine's socket is expected; nothing is promised about whether it answers. */
export const dockerSocket = env.DOCKER_SOCKET ?? '/var/run/docker.sock'

/** Where the second engine's socket is; empty when none is named. */
export const engineNextSocket = env.ENGINE_NEXT_SOCKET ?? ''

/** What starts an engine of the usual kind, and one of the newest, with the options that they need here; empty when none is named. */
export const dockerdCommand = (env.DOCKERD ?? 'dockerd --storage-driver vfs').split(' ')
export const dockerdNextCommand = (env.DOCKERD_NEXT ?? '').split(' ').filter((part) => part !== '')

/** A real Ollama on this machine's loopback, with two models of its own at least; empty when none is named. */
export const ollamaUrl = env.OLLAMA_URL ?? ''

/** The image of a real Traefik that the usual engine has; empty when none is named. */
export const traefikImage = env.TRAEFIK_IMAGE ?? ''

/** A resting home that a real Hermes made, whose owner this process can act as; empty when none is named. */
export const hermesHome = env.HERMES_HOME_MADE ?? ''

/** Pythons that each have a release of hermes-agent, of this account; none when none is named. */
export const hermesReleases = (env.HERMES_RELEASES ?? '').split(':').filter((path) => path !== '')

/** A Python that has opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http; empty when none is named. */
export const otelPython = env.OTEL_PYTHON ?? ''

/** Where a real Hermes is installed, here and in the machine of VM_CONTAINER; empty when none is named. */
export const hermesProgram = env.HERMES_PROGRAM ?? ''

/** An image of the usual engine with systemd as process 1, git, Node and Debian's packages, of which a test makes machines; empty when none is named. */
export const vmImage = env.VM_IMAGE ?? ''

/** The browser to start, or undefined when the machine has none. */
export const chromiumPath = findChromium()

/** The checker of APIs against their documents. */
export const schemathesisPath = env.SCHEMATHESIS_PATH ?? 'schemathesis'

/** Looked up only when a part is asked for: most suites need one or two. */
const lookUp: Record<Part, () => string | undefined> = {
  docker: () => whyNoEngine(dockerSocket),
  engineNext: () => (engineNextSocket === '' ? 'ENGINE_NEXT_SOCKET names no second engine' : whyNoEngine(engineNextSocket)),
  dockerd: () => whyNoOwnEngine(dockerdCommand),
  dockerdNext: () => (dockerdNextCommand.length === 0 ? 'DOCKERD_NEXT names no engine to start' : whyNoOwnEngine(dockerdNextCommand)),
  chromium: whyNoChromium,
  vm: whyNoVm,
  root: () => (process.getuid?.() === 0 ? undefined : 'not running as root'),
  account: whyNoAccount,
  reader: whyNoReader,
  sealed: whyNotSealed,
  acl: whyNoAcl,
  contained: whyNotContained,
  strace: () => (runs('strace', ['-V']) ? undefined : 'no strace on the PATH'),
  schemathesis: () => (runs(schemathesisPath, ['--version']) ? undefined : 'no schemathesis at SCHEMATHESIS_PATH or on the PATH'),
  shellcheck: () => (runs('shellcheck', ['--version']) ? undefined : 'no shellcheck on the PATH'),
  ollama: whyNoOllama,
  traefik: whyNoTraefik,
  hermesHome: whyNoHermesHome,
  hermesReleases: whyNoHermesReleases,
  otelPython: whyNoOtelPython,
  hermesVm: whyNoHermesVm,
  deployed: whyNotDeployed,
  guide: whyNoGuide,
  caddy: () => (runs(caddyPath, ['version']) ? undefined : 'no caddy at CADDY_PATH or on the PATH'),
  pebble: whyNoPebble,
  soak: () => (soakMinutes === null ? 'an hour long: it runs in test:deep, or for as long as SOAK_MINUTES says' : undefined),
  cosmosAccount: whyNoCosmosAccount,
}
const known = new Map<Part, string | undefined>()

/** Every part there is. */
export const parts = Object.keys(lookUp) as Part[]

/** Why a part is missing, in one sentence, or undefined when it is there. Looked up once. */
export function whyMissing(part: Part): string | undefined {
  if (!known.has(part)) known.set(part, lookUp[part]())
  return known.get(part)
}

/** What this machine has. */
export const needs: Readonly<Record<Part, boolean>> = new Proxy({} as Record<Part, boolean>, {
  get: (_, part: string) => (part in lookUp ? whyMissing(part as Part) === undefined : undefined),
})

function whyNoPebble(): string | undefined {
  if (!runs(pebblePath, ['-version'])) return 'no pebble at PEBBLE_PATH or on the PATH'
  return runs(pebbleDnsPath, ['-help']) ? undefined : `no ${pebbleDnsPath} beside it`
}

function whyNoOtelPython(): string | undefined {
  if (otelPython === '') return 'OTEL_PYTHON names no Python with the SDK of OpenTelemetry'
  const asked = 'import opentelemetry.sdk.trace, opentelemetry.exporter.otlp.proto.http.trace_exporter'
  return runs(otelPython, ['-c', asked]) ? undefined : 'the Python of OTEL_PYTHON has no opentelemetry-exporter-otlp-proto-http'
}

/** Checks of code are held in namespaces, and run by npm. */
function whyNotContained(): string | undefined {
  const own = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  if (!runs('unshare', [...own, '--mount', '--net', '--pid', '--fork', 'true'])) return 'no namespaces can be made here'
  const folders = ['/usr/local/lib/node_modules/npm', '/usr/lib/node_modules/npm', '/usr/share/nodejs/npm']
  return folders.some((folder) => existsSync(join(folder, 'bin/npm-cli.js'))) ? undefined : 'npm is in no usual folder'
}

function whyNoOwnEngine([program = '']: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'an engine is started by root alone'
  if (!runs('docker', ['--version'])) return 'no docker on the PATH'
  if (!runs(program, ['--version'])) return `no ${program} that starts`
  if (!runs('unshare', ['--net', 'true'])) return 'no network of its own can be made for an engine here'
  return runsHere('dockerd') ? undefined : 'no dockerd runs on this machine, so nothing shows that one can'
}

/** Whether a program of this name is among the processes that are seen from here. */
function runsHere(name: string): boolean {
  return readdirSync('/proc').some((entry) => {
    try {
      return /^[0-9]+$/.test(entry) && readFileSync(`/proc/${entry}/comm`, 'utf8').trim() === name
    } catch {
      return false
    }
  })
}

function findChromium(): string | undefined {
  const places = [
    env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
  ]
  return places.find((place) => place !== undefined && place !== '' && executable(place))
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function whyNoEngine(socket: string): string | undefined {
  if (!existsSync(socket)) return `no socket at ${socket}`
  if (!runs('docker', ['--version'])) return 'no docker command on the PATH'
  const { status, body } = ask({ socketPath: socket }, '/_ping')
  if (status === 200 && body.trim() === 'OK') return undefined
  return `${socket} did not answer a ping: ${status === 0 ? body : `status ${status}`}`
}

function whyNoTraefik(): string | undefined {
  if (traefikImage === '') return 'TRAEFIK_IMAGE names no image of Traefik'
  const known = runs('docker', ['-H', `unix://${dockerSocket}`, 'image', 'inspect', traefikImage])
  return whyNoEngine(dockerSocket) ?? (known ? undefined : `the engine has no image ${traefikImage}`)
}

function whyNoHermesHome(): string | undefined {
  if (hermesHome === '') return 'HERMES_HOME_MADE names no home of Hermes'
  if (!existsSync(join(hermesHome, 'state.db'))) return `${hermesHome} holds no state.db`
  const { uid } = statSync(hermesHome)
  return process.getuid?.() === 0 || process.getuid?.() === uid ? undefined : `${hermesHome} belongs to another account`
}

function whyNoHermesReleases(): string | undefined {
  if (hermesReleases.length === 0) return 'HERMES_RELEASES names no Python with a release of Hermes'
  const without = hermesReleases.find((python) => !runs(python, ['-c', 'import hermes_state']))
  return without === undefined ? undefined : `${without} has no hermes-agent`
}

/** Two accounts of the machine with systemd that have a home of Hermes each, and the program itself. */
function whyNoHermesVm(): string | undefined {
  if (hermesProgram === '') return 'HERMES_PROGRAM names no Hermes'
  const has = (test: string) => runs('docker', ['exec', env.VM_CONTAINER ?? '', 'sh', '-c', test])
  if (whyNoVm() !== undefined) return whyNoVm()
  if (!has(`test -x '${hermesProgram}'`)) return `the machine has no ${hermesProgram}`
  return has('test -e ~root/.hermes/state.db && test -e ~uma/.hermes/state.db') ? undefined : 'root and uma have no homes of Hermes there'
}

/** Bringing a whole console up takes minutes, so it is done in the deep test or on demand. */
function whyNotDeployed(): string | undefined {
  if (!isDeep && env.DEPLOY !== '1') return 'minutes long: it runs in test:deep, or with DEPLOY=1'
  if (process.getuid?.() !== 0) return 'a console is deployed by root alone'
  for (const plugin of ['compose', 'buildx']) if (!runs('docker', [plugin, 'version'])) return `docker has no ${plugin}`
  return whyNoTraefik()
}

/** Following the guide takes a machine that is made for it, and most of an hour. */
function whyNoGuide(): string | undefined {
  if (vmImage === '') return 'VM_IMAGE names no image with systemd'
  if (!runs('docker', ['image', 'inspect', vmImage])) return `the engine has no image ${vmImage}`
  if (!isDeep && env.GUIDE !== '1') return 'most of an hour long: it runs in test:deep, or with GUIDE=1'
  const without = ['compose', 'buildx'].find((plugin) => !pluginPaths().some((path) => path.endsWith(`docker-${plugin}`)))
  return whyNoTraefik() ?? (without === undefined ? undefined : `docker has no ${without}`)
}

/** Where the plugins of the engine's client lie that a console is deployed by. */
export function pluginPaths(): readonly string[] {
  const told = spawnSync('docker', ['info', '--format', '{{range .ClientInfo.Plugins}}{{.Path}} {{end}}'], { encoding: 'utf8' })
  return (told.stdout ?? '').split(/\s+/).filter((path) => /\/docker-(compose|buildx)$/.test(path))
}

function whyNoOllama(): string | undefined {
  if (ollamaUrl === '') return 'OLLAMA_URL names no Ollama'
  const port = /^http:\/\/127\.0\.0\.1:([0-9]{1,5})$/.exec(ollamaUrl)?.[1]
  if (port === undefined) return `OLLAMA_URL is ${ollamaUrl}, and not of the form http://127.0.0.1:PORT`
  const { status, body } = ask({ port: Number(port) }, '/api/tags')
  if (status !== 200) return `${ollamaUrl} did not answer: ${status === 0 ? body : `status ${status}`}`
  return body.split('"digest"').length > 2 ? undefined : `${ollamaUrl} has fewer than two models to try things with`
}

function whyNoChromium(): string | undefined {
  if (env.E2E === '0') return 'E2E=0 leaves the browser tests out'
  return chromiumPath === undefined ? 'no Chromium at CHROMIUM_PATH or in /usr/bin' : undefined
}

function whyNoVm(): string | undefined {
  const name = env.VM_CONTAINER
  if (name === undefined || name === '') return 'VM_CONTAINER names no machine with systemd'
  const told = spawnSync('docker', ['inspect', '--format', '{{.State.Running}}', name], { encoding: 'utf8', timeout: 5000 })
  return told.stdout?.trim() === 'true' ? undefined : `container ${name} does not run`
}

/** Another account than root's to try things as; every Linux has `nobody`, and only root can become it. */
function whyNoAccount(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can act as another account'
  return runs('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'true']) ? undefined : 'setpriv cannot act as another account'
}

/** The same account, when it can run the project from where it lies: a checkout below a private home is not its to read. */
function whyNoReader(): string | undefined {
  const entry = join(import.meta.dirname, '../../../apps/launcher/src/main.ts')
  const reads = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '--check', entry]
  return whyNoAccount() ?? (runs('setpriv', reads) ? undefined : 'an ordinary account cannot read this checkout')
}

/** A process with mounts and a network of its own, as a container has them. */
function whyNotSealed(): string | undefined {
  const trial = ['--net', '--mount', 'sh', '-c', 'mount -o remount,bind,ro /']
  return whyNoReader() ?? (runs('unshare', trial) ? undefined : 'unshare cannot give a process mounts and a network of its own')
}

/** Access lists on the file system that holds the home folder. */
function whyNoAcl(): string | undefined {
  if (!runs('setfacl', ['--version'])) return 'no setfacl on the PATH'
  const folder = mkdtempSync(join(homedir(), '.acl-trial-'))
  const works = runs('setfacl', ['-m', 'u:65534:rwx', folder])
  rmSync(folder, { recursive: true })
  return works ? undefined : 'the file system of the home folder has no access lists'
}

function runs(program: string, args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 10_000 }).status === 0
}

/** One GET over a unix socket or to loopback, waited for: the parts must be known before a suite is declared, and declaring is synchronous. */
function ask(where: { readonly socketPath: string } | { readonly port: number }, path: string): { status: number; body: string } {
  const script = `
    const [where, path] = process.argv.slice(1)
    const done = (status, body) => { process.stdout.write(JSON.stringify({ status, body: body.slice(0, 20000) })); process.exit(0) }
    const request = require('node:http').get({ host: '127.0.0.1', ...JSON.parse(where), path, timeout: 3000 }, (answer) => {
      let body = ''
      answer.on('data', (bytes) => { body += bytes }).on('end', () => done(answer.statusCode, body))
    })
    request.on('timeout', () => done(0, 'no answer in 3 s')).on('error', (error) => done(0, error.message))`
  const told = spawnSync(process.execPath, ['-e', script, JSON.stringify(where), path], { encoding: 'utf8', timeout: 8000 })
  try {
    return JSON.parse(told.stdout) as { status: number; body: string }
  } catch {
    return { status: 0, body: 'the question could not be asked' }
  }
}
