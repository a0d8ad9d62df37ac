import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { checkDocument } from './check-document.ts'
import type { Owner } from './owner.ts'
import type { ProbeDocument } from './probe/document.ts'
import type { Reason } from './probe/section.ts'
import { probeProgram } from './probe-program.ts'

const timeoutMs = 5_000
const mostBytes = 1_048_576
const mostPages = (96 * 1_048_576) / 4_096
const watchMs = 20

/**
 * Looks at one home as its owner, with the Node that runs this agent: an environment from scratch, at most 96 MiB of memory, and Node's own
 * permissions that leave it reading below the home and nothing else. What it prints is checked before anything of it is believed. Where it takes
 * too long or too much, what it has told by then counts, and the rest is unknown for that reason.
 */
export async function startProbe(
  home: string,
  { uid, gid }: Owner,
  { node = process.execPath, withinMs = timeoutMs } = {},
): Promise<ProbeDocument | Reason> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--max-old-space-size=48',
    '--max-semi-space-size=1',
    '--permission',
    ...[home, `${home}/*`, '/proc/self/fd/*'].map((path) => `--allow-fs-read=${path}`),
    '-',
    home,
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
    const end = (answer: ProbeDocument | Reason): void => {
      clearTimeout(deadline)
      clearInterval(watch)
      child.kill('SIGKILL')
      child.stdout.destroy()
      resolve(answer)
    }
    const told = (missing: Reason) => checkDocument(Buffer.concat(chunks).toString('utf8'), missing)
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
    child.stdin.end(probeProgram())
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
