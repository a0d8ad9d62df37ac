import { type ChildProcess, spawn } from 'node:child_process'

export type Order = {
  /** Absolute: nothing is looked for. */
  readonly program: `/${string}`
  /** Fixed by the row, but for names after `--`. */
  readonly args: readonly string[]
  /** All that the program gets, from scratch. */
  readonly env: Readonly<Record<string, string>>
  /** The account that it runs as; null for the agent's own. */
  readonly account: { readonly uid: number; readonly gid: number } | null
  readonly timeoutMs: number
  readonly mostBytes: number
}
export type Ran = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string }

/** Runs a program of the host in a session of its own, which is ended whole when it takes too long or prints too much. Never throws. */
export function runProgram({ program, args, env, account, timeoutMs, mostBytes }: Order): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: '/', env, stdio: ['ignore', 'pipe', 'ignore'], detached: true, ...account })
    const chunks: Buffer[] = []
    let size = 0
    const end = (ran: Ran): void => {
      clearTimeout(deadline)
      child.stdout?.destroy()
      endGroup(child)
      resolve(ran)
    }
    const deadline = setTimeout(() => end({ ok: false, why: `${program} took longer than ${timeoutMs / 1_000} s` }), timeoutMs)
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > mostBytes) end({ ok: false, why: `${program} printed more than ${Math.round(mostBytes / 1_024)} KiB` })
      else chunks.push(chunk)
    })
    child.once('error', (error) =>
      end({ ok: false, why: `${program} could not be started: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}` }),
    )
    child.once('close', (status) =>
      end(
        status === 0 ? { ok: true, text: Buffer.concat(chunks).toString('utf8') } : { ok: false, why: `${program} ended with ${status}` },
      ),
    )
  })
}

/** What it started goes with it; the group is its own, and bears its number as long as one of them lives. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing is left of it.
  }
}
