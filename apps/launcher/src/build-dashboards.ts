import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile } from './lock.ts'

const endWithLauncher = join(import.meta.dirname, 'end-with-launcher.ts')
const dashboards = ['devops-web', 'admin-web'] as const
/** What a dashboard is made of; a change below any of these makes the built pages stale. */
const sharedRooms = [
  'packages/ui',
  'packages/console',
  'packages/api-client',
  'packages/contracts',
  'packages/verbs',
  'packages/log-text',
  'packages/web-host/src/worker',
]
const finishSite = 'packages/web-host/src/finish-site.ts'

/**
 * Builds the dashboards whose sources changed since they were last built. Two starts of one checkout take turns: the second finds
 * everything built. @throws Error with the builder's output.
 */
export async function buildDashboards({ root, say }: { root: string; say: (line: string) => void }): Promise<void> {
  if (staleIn(root).length === 0) return
  const lock = await waitForLock(join(root, 'node_modules/.dashboards.lock'), say)
  try {
    const stale = staleIn(root)
    if (stale.length === 0) return
    say(`building ${stale.map(({ name }) => name).join(' and ')}: the first time and after changes, up to a minute`)
    await Promise.all(stale.map(({ name, print }) => build(root, name, print)))
  } finally {
    lock.close()
  }
}

function staleIn(root: string): { name: string; print: string }[] {
  const shared = sharedRooms.map((room) => fingerprint(join(root, room))).join()
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'))
  return dashboards
    .map((name) => ({
      name,
      print: createHash('sha256')
        .update(shared)
        .update(lockfile)
        .update(fingerprint(join(root, 'apps', name)))
        .digest('hex'),
    }))
    .filter(({ name, print }) => builtFrom(root, name) !== print)
}

async function waitForLock(file: string, say: (line: string) => void) {
  for (let told = false; ; told = true) {
    const lock = lockFile(file)
    if (lock) return lock
    if (!told) say('waiting for another start, which builds the dashboards')
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

async function build(root: string, name: string, print: string): Promise<void> {
  const cwd = join(root, 'apps', name)
  await runStep(name, cwd, [join(cwd, 'node_modules/next/dist/bin/next'), 'build'], { BUILD_ID: print.slice(0, 16) })
  await runStep(name, cwd, ['--disable-warning=ExperimentalWarning', join(root, finishSite), join(cwd, 'out')])
  writeFileSync(markOf(root, name), print)
}

async function runStep(name: string, cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const child = spawn(process.execPath, ['--import', endWithLauncher, ...args], {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const output: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`${name} could not be built:\n${Buffer.concat(output).toString()}`)
}

function builtFrom(root: string, name: string): string | null {
  const mark = markOf(root, name)
  return existsSync(mark) ? readFileSync(mark, 'utf8') : null
}

/** Beside the pages, not among them: it is never served. */
function markOf(root: string, name: string): string {
  return join(root, 'apps', name, '.next', 'built-from')
}

/** Names, sizes and times of every source below: reading the contents would cost more than it tells. */
function fingerprint(room: string): string {
  const hash = createHash('sha256')
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name === 'node_modules' || entry.name === '.next' || entry.name === 'out' || entry.name === 'next-env.d.ts') continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) {
        const { size, mtimeMs } = statSync(path)
        hash.update(`${path}\0${size}\0${mtimeMs}\n`)
      }
    }
  }
  walk(room)
  return hash.digest('hex')
}
