import { spawn } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { checkBodies, checkDocument } from './check-document.ts'
import type { Owner } from './owner.ts'
import type { ProbeDocument } from './probe/document.ts'
import type { Bodies } from './probe/read-bodies.ts'
import { type Reason, reasonOf } from './probe/section.ts'
import { probeProgram } from './probe-program.ts'

const timeoutMs = 5_000
const mostBytes = 1_048_576
const mostPages = (96 * 1_048_576) / 4_096
const watchMs = 20

type Options = { readonly node?: string; readonly withinMs?: number }

/** Looks at one home as its owner; it may read below the home and nothing else. */
export const startProbe = (home: string, owner: Owner, options: Options = {}): Promise<ProbeDocument | Reason> =>
  run(home, owner, { program: probeProgram(), check: checkDocument, ...options })

/** Reads what an agent remembers as its owner; it may read the folder of memories and nothing else, so that the home itself is looked at here. */
export async function startMemoryProbe(home: string, owner: Owner, options: Options = {}): Promise<Bodies | Reason> {
  const program = probeProgram('probe-memory.ts')
  return whyNoHome(home) ?? run(`${home}/memories`, owner, { program, check: checkBodies, ...options })
}

function whyNoHome(home: string): Reason | null {
  try {
    const info = lstatSync(home)
    if (info.isSymbolicLink()) return 'link'
    return info.isDirectory() ? null : 'not_a_file'
  } catch (error) {
    const reason = reasonOf(error)
    return reason === 'not_initialised' ? 'not_installed' : reason
  }
}

type Probing<T> = Options & { readonly program: string; readonly check: (text: string, missing: Reason) => T | Reason }

/**
 * With the Node that runs this agent: an environment from scratch, at most 96 MiB of memory, and Node's own permissions that leave it reading
 * below one folder and nothing else. What it prints is checked before anything of it is believed. Where it takes too long or too much, what it
 * has told by then counts, and the rest is unknown for that reason.
 */
function run<T>(
  folder: string,
  { uid, gid }: Owner,
  { program, check, node = process.execPath, withinMs = timeoutMs }: Probing<T>,
): Promise<T | Reason> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--max-old-space-size=48',
    '--max-semi-space-size=1',
    '--permission',
    ...[folder, `${folder}/*`, '/proc/self/fd/*'].map((path) => `--allow-fs-read=${path}`),
    '-',
    folder,
  ]
  return new Promise((resolve) => {
    const child = spawn(node, args, {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
      ...(uid !== null && gid !== null && { uid, gid }),
    })
    const chunks: Buffer[] = []
    let size = 0
    const end = (answer: T | Reason): void => {
      clearTimeout(deadline)
      clearInterval(watch)
      child.kill('SIGKILL')
      child.stdout.destroy()
      resolve(answer)
    }
    const told = (missing: Reason) => check(Buffer.concat(chunks).toString('utf8'), missing)
    const deadline = setTimeout(() => end(told('timeout')), withinMs)
    // Its heap is bounded; what SQLite makes of a stranger's database is not.
    const watch = setInterval(() => residentPages(child.pid) > mostPages && end(told('too_big')), watchMs)
    child.once('error', () => end('cannot_start'))
    child.stdin.on('error', () => undefined)
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > mostBytes) end('bad_output')
      else chunks.push(chunk)
    })
    child.once('close', () => end(told('bad_output')))
    child.stdin.end(program)
  })
}

/** 0 for a process that has ended. */
function residentPages(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
  } catch {
    return 0
  }
}
