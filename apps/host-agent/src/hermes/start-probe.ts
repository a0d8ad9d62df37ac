import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { checkDocument } from './check-document.ts'
import type { Owner } from './owner.ts'
import type { ProbeDocument } from './probe/document.ts'
import type { Reason } from './probe/section.ts'

const program = join(import.meta.dirname, 'probe/probe-home.ts')
const timeoutMs = 5_000
const mostBytes = 1_048_576

/**
 * Looks at one home as its owner, with the Node that runs this agent: an environment from scratch, a bounded heap, and Node's own permissions
 * that leave it reading below the home. What it prints is checked before anything of it is believed.
 */
export async function startProbe(
  home: string,
  { uid, gid }: Owner,
  { node = process.execPath, withinMs = timeoutMs } = {},
): Promise<ProbeDocument | Reason> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--max-old-space-size=48',
    '--permission',
    ...[home, `${home}/*`, `${dirname(program)}/*`, '/proc/self/fd/*'].map((path) => `--allow-fs-read=${path}`),
    program,
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
      child.kill('SIGKILL')
      child.stdout.destroy()
      resolve(answer)
    }
    const deadline = setTimeout(() => end('timeout'), withinMs)
    child.once('error', () => end('cannot_start'))
    child.stdin.once('error', () => undefined)
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > mostBytes) end('bad_output')
      else chunks.push(chunk)
    })
    child.once('close', (status) => {
      if (status === 0) end(checkDocument(Buffer.concat(chunks).toString('utf8')))
      else end(size === 0 && status === notLoaded ? 'cannot_start' : 'bad_output')
    })
    child.stdin.end(JSON.stringify({ home }))
  })
}

/** Node's status where a program cannot be loaded, such as one that this account may not read. */
const notLoaded = 1
