import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type People, peopleOf } from './people.ts'

export type Ports = { readonly devopsWeb: number; readonly adminWeb: number; readonly platform: number; readonly backend: number }
export type RunningConsole = {
  /** The launcher. */
  readonly child: ChildProcess
  readonly dataDir: string
  readonly ports: Ports
  readonly setupToken: string
  /** Every line at the terminal. */
  readonly output: string[]
  readonly devopsWeb: string
  readonly adminWeb: string
  readonly devopsApi: string
  readonly platformApi: string
  readonly people: People
  /** Ends it as Ctrl-C does, or by another signal to the launcher alone, and leaves its data. */
  end(signal?: NodeJS.Signals): Promise<void>
  /** Another console on the same data and ports; this one must have ended. */
  again(): Promise<RunningConsole>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}
type Options = {
  readonly dataDir?: string
  readonly ports?: Ports
  /** A command in front of Node, such as one that changes the account. */
  readonly before?: readonly string[]
}

export const root = join(import.meta.dirname, '../../..')

/** The whole console by its own launcher, on free ports and a data folder of its own. @throws Error with its output when it ends before it is ready */
export async function startConsole(env: Readonly<Record<string, string>> = {}, options: Options = {}): Promise<RunningConsole> {
  const { dataDir = mkdtempSync(join(tmpdir(), 'console-')), ports = await consolePorts() } = options
  const { child, output, closed, ready } = launch({ DATA_DIR: dataDir, ...environmentOf(ports), ...env }, options.before)
  await ready
  const devopsWeb = `http://localhost:${ports.devopsWeb}`
  const end = async (signal: NodeJS.Signals = 'SIGINT'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await closed
  }
  return {
    child,
    dataDir,
    ports,
    output,
    setupToken: output.map((line) => /^setup token: (\S+)/.exec(line)?.[1]).find(Boolean) ?? '',
    devopsWeb,
    adminWeb: `http://localhost:${ports.adminWeb}`,
    devopsApi: `http://localhost:${ports.backend}/api/devops`,
    platformApi: `http://localhost:${ports.platform}/platform/api`,
    people: peopleOf({ devopsPort: ports.backend, platformPort: ports.platform, origin: devopsWeb }),
    end,
    again: () => startConsole(env, { ...options, dataDir, ports }),
    async stop() {
      await end()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export type Launch = {
  readonly child: ChildProcess
  readonly output: string[]
  /** The exit status, or the signal that ended it. */
  readonly closed: Promise<number | NodeJS.Signals | null>
  readonly ready: Promise<void>
}

/** The launcher with exactly these variables besides the test's own, whether it gets ready or not. */
export function launch(env: Readonly<Record<string, string>>, before: readonly string[] = []): Launch {
  const [program = process.execPath, ...args] = [...before, process.execPath, join(root, 'apps/launcher/src/main.ts')]
  const child = spawn(program, args, {
    cwd: root,
    // What is compiled is kept over all consoles; the launcher would keep it in the data folder, which is a new one each time.
    env: { ...process.env, NODE_ENV: 'development', NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined)
  for (const pipe of [child.stdout, child.stderr])
    createInterface({ input: pipe }).on('line', (line) => {
      output.push(line)
      if (line.startsWith('ready after')) ready.resolve()
    })
  const closed = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => {
      ready.reject(new Error(`the console did not start:\n${output.join('\n')}`))
      resolve(code ?? signal)
    }),
  )
  return { child, output, closed, ready: ready.promise }
}

/** What tells the launcher its ports. */
export function environmentOf(ports: Ports): Record<string, string> {
  return {
    DEVOPS_WEB_PORT: String(ports.devopsWeb),
    ADMIN_WEB_PORT: String(ports.adminWeb),
    PLATFORM_PORT: String(ports.platform),
    BACKEND_PORT: String(ports.backend),
  }
}

export async function consolePorts(): Promise<Ports> {
  const [devopsWeb = 0, adminWeb = 0, platform = 0, backend = 0] = await freePorts(4)
  return { devopsWeb, adminWeb, platform, backend }
}

/** The processes of a console by the names of its parts, as the system lists them; what has ended is not there. */
export function partPids(dataDir: string): Map<string, number> {
  const mark = `CONSOLE_PART_OF=${realpathSync(dataDir)}`
  const found = new Map<string, number>()
  for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
    const env = textOf(`/proc/${pid}/environ`).split('\0')
    if (!env.includes(mark)) continue
    const web = env.map((line) => /^WEB_ROOT=.*\/apps\/([a-z-]+)\/out$/.exec(line)?.[1]).find(Boolean)
    const name = web ?? /\/apps\/([a-z-]+)\/src\/main\.ts/.exec(textOf(`/proc/${pid}/cmdline`))?.[1] ?? `process ${pid}`
    found.set(name, Number(pid))
  }
  return found
}

/** @throws Error when the part does not run: no signal may ever go to process 0, which is the whole group of the test */
export function partPid(dataDir: string, part: string): number {
  const pid = partPids(dataDir).get(part)
  if (pid === undefined) throw new Error(`${part} does not run`)
  return pid
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Ports of loopback that nobody listened on a moment ago. They lie below those that the system gives to outgoing connections, so that
 * none of these takes one while a console starts again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers: ReturnType<typeof createServer>[] = []
  const ports: number[] = []
  while (ports.length < count) {
    const port = randomInt(12_000, 32_000)
    const server = await listenOn(port)
    if (!server) continue
    servers.push(server)
    ports.push(port)
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function listenOn(port: number): Promise<ReturnType<typeof createServer> | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
