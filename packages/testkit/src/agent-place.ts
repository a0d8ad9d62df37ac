import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createHarness, type Harness, until } from './daemon-harness.ts'
import { type Program, startProgram } from './program.ts'
import { inVm } from './vm.ts'
import { startVmRelay } from './vm-relay.ts'

/** A machine on which the real host-agent runs and is asked over its socket: this one, or the one with systemd. */
export type AgentPlace = {
  /** How runs are held there: transient units, or process groups. */
  readonly kind: 'unit' | 'group'
  readonly kit: Harness
  /** Folders over there. */
  readonly scripts: string
  readonly runs: string
  start(): Promise<void>
  /** KILL to the agent alone. */
  kill(): Promise<void>
  /** What a shell over there printed. */
  bash(text: string, ...args: string[]): string
  write(path: string, text: string): void
  /** Ends the agent and takes everything away again. */
  remove(): Promise<void>
}

const project = join(import.meta.dirname, '../../..')
const entry = 'apps/host-agent/src/main.ts'

/** This machine. As root where systemd runs it holds runs in units too. @param env what else stands in the agent's environment */
export async function openLocalPlace(env: Readonly<Record<string, string>> = {}): Promise<AgentPlace> {
  const kit = createHarness('host-agent')
  const base = mkdtempSync(join(tmpdir(), 'agent-place-'))
  // Scripts of other accounts must find their working directory.
  chmodSync(base, 0o755)
  const scripts = join(base, 'scripts')
  mkdirSync(scripts, { mode: 0o755 })
  let agent: Program | undefined
  return {
    kind: process.getuid?.() === 0 && existsSync('/run/systemd/system') ? 'unit' : 'group',
    kit,
    scripts,
    runs: join(kit.dataDir, 'host-agent/runs'),
    async start() {
      agent = await startProgram(entry, { ...kit.env, SCRIPT_ROOTS: scripts, ...env })
    },
    kill: async () => agent?.kill(),
    bash: (text, ...args) => execFileSync('bash', ['-c', text, '_', ...args], { encoding: 'utf8' }),
    write: (path, text) => writeBy(['bash'], path, text),
    async remove() {
      await agent?.stop()
      kit.remove()
      rmSync(base, { recursive: true, force: true })
    },
  }
}

/** Who asks the agent over there: a console that runs has keys, a name and a place for its socket of its own. */
export type Asking = { readonly keysDir: string; readonly socketPath: string; readonly env: Readonly<Record<string, string>> }

/**
 * The machine of VM_CONTAINER: what the agent is made of is copied there, with this Node; it runs as a system service.
 * @param more what else stands in its environment
 * @param asking instead of the harness; what listens at that socket now is not reached any more
 */
export async function openVmPlace(more: Readonly<Record<string, string>> = {}, asking?: Asking): Promise<AgentPlace> {
  const kit = createHarness('host-agent')
  const { keysDir, socketPath, env: theirs } = asking ?? kit
  const container = process.env.VM_CONTAINER ?? ''
  const name = `agent-place-${randomBytes(4).toString('hex')}`
  const base = `/opt/${name}`
  const [node, scripts, socket] = [`${base}/node`, `${base}/scripts`, `${base}/run/host-agent.sock`]
  inVm('mkdir', '-p', scripts, `${base}/keys`, `${base}/project`)
  copyTree(container, { from: keysDir, what: ['.'], to: `${base}/keys` })
  const parts = ['verb-kit', 'verbs', 'tokens', 'audit-chain', 'log-text', 'testkit'].map((part) => `packages/${part}`)
  copyTree(container, { from: project, what: ['package.json', 'vm', 'apps/host-agent', ...parts], to: `${base}/project` })
  execFileSync('docker', ['cp', '--follow-link', process.execPath, `${container}:${node}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  const program = `${base}/project/packages/testkit/src/vm-relay.ts`
  const relay = await startVmRelay(container, { here: socketPath, there: socket, node, program })
  const env = { ...theirs, DATA_DIR: `${base}/data`, KEYS_DIR: `${base}/keys`, SOCKET_DIR: `${base}/run`, SCRIPT_ROOTS: scripts, ...more }
  const isGone = (): boolean => inVm('bash', '-c', 'systemctl is-active "$0" || true', `${name}.service`).trim() !== 'active'
  const end = async (signal: string): Promise<void> => {
    inVm('bash', '-c', 'systemctl kill --kill-who=main --signal="$1" "$0" 2>/dev/null || true', `${name}.service`, signal)
    await until('the agent’s unit ends', isGone, 30_000)
  }
  return {
    kind: 'unit',
    kit,
    scripts,
    runs: `${base}/data/host-agent/runs`,
    async start() {
      const settings = Object.entries(env).map(([key, value]) => `--setenv=${key}=${value}`)
      const command = [node, '--disable-warning=ExperimentalWarning', `${base}/project/${entry}`]
      inVm('systemd-run', '--quiet', '--collect', `--unit=${name}`, ...settings, '--', ...command)
      const answers = (): unknown =>
        asking
          ? inVm('bash', '-c', 'test -S "$0" && echo there || true', socket).trim()
          : kit.ask('runs.list', {}, 'service').then(
              ({ status }) => status === 200,
              () => false,
            )
      await until('the agent answers', answers, 30_000)
    },
    kill: () => end('KILL'),
    bash: (text, ...args) => inVm('bash', '-c', text, '_', ...args),
    write: (path, text) => writeBy(['docker', 'exec', '-i', container, 'bash'], path, text),
    async remove() {
      await end('TERM')
      await relay.close()
      inVm('rm', '-rf', base)
      kit.remove()
    },
  }
}

function writeBy([program = '', ...before]: string[], path: string, text: string): void {
  execFileSync(program, [...before, '-c', 'cat > "$1" && chmod 755 "$1"', '_', path], { input: text })
}

/** As root's own, whoever runs the tests: the agent believes no other owner. */
function copyTree(container: string, { from, what, to }: { from: string; what: readonly string[]; to: string }): void {
  const archive = execFileSync('tar', ['-C', from, '--owner=0', '--group=0', '--exclude=*.test.ts', '-c', ...what], {
    maxBuffer: 64 * 1_048_576,
  })
  execFileSync('docker', ['exec', '-i', container, 'tar', '-C', to, '-x'], { input: archive })
}
