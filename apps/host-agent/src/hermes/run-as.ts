import { spawn } from 'node:child_process'
import type { Owner } from './owner.ts'

type Ran = { readonly status: number | null; readonly text: string }

/** Runs a program of the system as an owner, with a fixed argument vector and an environment from scratch. It may take 3 s and print 64 KiB. */
export function runAs(
  { uid, gid, ownUid }: Pick<Owner, 'uid' | 'gid' | 'ownUid'>,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LANG: 'C', HOME: '/nonexistent', XDG_RUNTIME_DIR: `/run/user/${ownUid}`, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      ...(uid !== null && gid !== null && { uid, gid }),
    })
    const chunks: Buffer[] = []
    let size = 0
    const end = (status: number | null): void => {
      clearTimeout(deadline)
      child.kill('SIGKILL')
      child.stdout.destroy()
      resolve({ status, text: Buffer.concat(chunks).toString('utf8') })
    }
    const deadline = setTimeout(() => end(null), 3_000)
    child.once('error', () => end(null))
    child.once('close', end)
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > 65_536) end(null)
      else chunks.push(chunk)
    })
  })
}
