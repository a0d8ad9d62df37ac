import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type RunningConsole = {
  readonly child: ChildProcess
  readonly dataDir: string
  readonly setupToken: string
  readonly output: string[]
  readonly devopsWeb: string
  readonly adminWeb: string
  readonly devopsApi: string
  readonly platformApi: string
  stop(): Promise<void>
}

/** The whole console by its own launcher, on free ports and a data folder of its own. */
export async function startConsole(env: Readonly<Record<string, string>> = {}): Promise<RunningConsole> {
  const root = join(import.meta.dirname, '../../..')
  const dataDir = mkdtempSync(join(tmpdir(), 'console-'))
  const [devops = 0, admin = 0, platform = 0, backend = 0] = await freePorts(4)
  const ports = {
    DEVOPS_WEB_PORT: String(devops),
    ADMIN_WEB_PORT: String(admin),
    PLATFORM_PORT: String(platform),
    BACKEND_PORT: String(backend),
  }
  const child = spawn(process.execPath, [join(root, 'apps/launcher/src/main.ts')], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'development', DATA_DIR: dataDir, ...ports, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  const ready = Promise.withResolvers<void>()
  for (const pipe of [child.stdout, child.stderr])
    createInterface({ input: pipe }).on('line', (line) => {
      output.push(line)
      if (line.startsWith('ready after')) ready.resolve()
    })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void closed.then(() => ready.reject(new Error(`the console did not start:\n${output.join('\n')}`)))
  await ready.promise
  return {
    child,
    dataDir,
    output,
    setupToken: output.map((line) => /^setup token: (\S+)/.exec(line)?.[1]).find(Boolean) ?? '',
    devopsWeb: `http://localhost:${devops}`,
    adminWeb: `http://localhost:${admin}`,
    devopsApi: `http://localhost:${backend}/api/devops`,
    platformApi: `http://localhost:${platform}/platform/api`,
    async stop() {
      if (child.exitCode === null) child.kill('SIGINT')
      await closed
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Ports of loopback that nobody listened on a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
