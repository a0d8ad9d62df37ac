import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pluginPaths, vmImage } from './machine.ts'
import { root } from './start-console.ts'

export type Said = { readonly status: number; readonly output: string }
/** A machine with systemd and an engine of its own, as an operator gets it: no console, no checkout, nothing of this one but images and plugins that no registry is asked for. */
export type GuideMachine = {
  readonly name: string
  /** Its address on the network of the engine that it runs in. */
  readonly address: string
  /**
   * Runs text as root by bash, in a folder, and ends with the first command that fails. `answer`: what is typed at a terminal; without
   * it there is none. `seconds`: ended by then, which is status 124.
   */
  run(text: string, how?: { readonly cwd?: string; readonly answer?: string; readonly seconds?: number }): Promise<Said>
  /** What it printed. @throws Error with all of it where it failed */
  must(text: string): Promise<string>
  write(path: string, text: string | Buffer): void
  remove(): void
}

/** The home of root, where somebody is before there is a checkout. */
export const home = '/root'
const baseImages = ['node:24-bookworm-slim', 'traefik:v3.7', 'docker/dockerfile:1']
// All that an engine inside needs; the kernel stays the one of this machine, and no file of it is reached.
const rights = [
  ...['--cap-add', 'ALL', '--cap-drop', 'SYS_RESOURCE', '--cgroupns', 'host', '--volume', '/sys/fs/cgroup:/sys/fs/cgroup'],
  ...['--tmpfs', '/run', '--tmpfs', '/run/lock'],
  ...['seccomp', 'apparmor', 'systempaths'].flatMap((what) => ['--security-opt', `${what}=unconfined`]),
]

/** Starts one from VM_IMAGE and installs Debian's engine in it; takes about a minute. */
export async function startGuideMachine(): Promise<GuideMachine> {
  const name = `guide-${randomBytes(4).toString('hex')}`
  docker('volume', 'create', name)
  try {
    docker('run', '--detach', '--name', name, '--hostname', 'console-host', ...rights, '--volume', `${name}:/var/lib/docker`, vmImage)
    const machine = guideMachineOf(name)
    await machine.must(
      'for _ in $(seq 120); do systemctl is-system-running 2>/dev/null | grep -qE "running|degraded" && exit 0; sleep 0.5; done; exit 1',
    )
    await machine.must(
      'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io openssl curl git',
    )
    await machine.must('mkdir -p /usr/libexec/docker/cli-plugins')
    for (const path of pluginPaths()) docker('cp', '--follow-link', path, `${name}:/usr/libexec/docker/cli-plugins/`)
    await loadImages(name)
    return machine
  } catch (error) {
    guideMachineOf(name).remove()
    throw error
  }
}

/** One that runs already. */
export function guideMachineOf(name: string): GuideMachine {
  const run: GuideMachine['run'] = (text, { cwd = home, answer, seconds = 1_800 } = {}) => {
    // A terminal of its own where somebody is asked: what has none is refused without --yes.
    const inner =
      answer === undefined
        ? 'exec bash -euo pipefail -c "$TEXT"'
        : `printf '${answer}\\n' | script -qec 'bash -euo pipefail -c "$TEXT"' /dev/null`
    return new Promise((resolve) => {
      const args = ['exec', '-w', cwd, '-e', `TEXT=${text}`, '-e', 'TERM=dumb', name, 'timeout', String(seconds), 'bash', '-c', inner]
      const child = execFile('docker', args, { maxBuffer: 64 * 1_048_576, encoding: 'utf8' }, (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}`.replaceAll('\r', '') }),
      )
      child.stdin?.end()
    })
  }
  return {
    name,
    get address() {
      return docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', name)
    },
    run,
    async must(text) {
      const { status, output } = await run(text)
      if (status !== 0) throw new Error(`${text}\nended with ${status}:\n${output}`)
      return output
    },
    write: (path, text) =>
      void execFileSync('docker', ['exec', '-i', name, 'bash', '-c', 'mkdir -p "$(dirname "$1")" && cat >"$1"', '_', path], {
        input: text,
      }),
    remove() {
      spawnSync('docker', ['rm', '--force', '--volumes', name], { stdio: 'ignore' })
      spawnSync('docker', ['volume', 'rm', name], { stdio: 'ignore' })
    },
  }
}

/** This checkout as it is now, what is not committed too, as a repository of the machine; a second time with one commit more. */
export async function publishSources(machine: GuideMachine, repository: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'guide-sources-'))
  try {
    const env = { ...process.env, GIT_INDEX_FILE: join(folder, 'index') }
    const git = (...args: readonly string[]) => execFileSync('git', ['-C', root, ...args], { env, encoding: 'utf8' }).trim()
    git('read-tree', 'HEAD')
    git('add', '--all')
    const who = ['-c', 'user.name=guide', '-c', 'user.email=guide@example.net']
    const commit = git(...who, 'commit-tree', git('write-tree'), '-p', 'HEAD', '-m', `the sources of ${Date.now()}`)
    const archive = join(folder, 'sources.bundle')
    git('update-ref', 'refs/guide/sources', commit)
    git('bundle', 'create', '--quiet', archive, 'refs/guide/sources')
    git('update-ref', '-d', 'refs/guide/sources')
    docker('cp', archive, `${machine.name}:/var/tmp/sources.bundle`)
    await machine.must(`[ -d ${repository} ] || git init --quiet --bare --initial-branch main ${repository}
      git -C ${repository} fetch --quiet --force /var/tmp/sources.bundle refs/guide/sources:refs/heads/main && rm /var/tmp/sources.bundle`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A port of loopback that leads to one of the machine. */
export async function portTo(machine: GuideMachine, port: number): Promise<{ readonly port: number; close(): void }> {
  const address = machine.address
  const server = createServer((socket) => {
    const behind = connect(port, address)
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      one.on('error', () => other.destroy())
      one.once('close', () => other.destroy())
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

function loadImages(name: string): Promise<void> {
  const save = spawn('docker', ['save', ...baseImages], { stdio: ['ignore', 'pipe', 'inherit'] })
  const load = spawn('docker', ['exec', '-i', name, 'docker', 'load', '--quiet'], { stdio: [save.stdout, 'ignore', 'inherit'] })
  return new Promise((resolve, reject) => load.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('docker load failed')))))
}
