import { spawn } from 'node:child_process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { listParts } from '@console/contracts/console/actions'
import { streamContainerLines } from '@console/contracts/docker/actions'
import { LogBatch } from '@console/contracts/docker/schemas'
import type { DeployedConsole } from '@console/testkit/deployed-console'
import type { Person } from '@console/testkit/people'
import { pageClient } from './page-client.ts'

/** Writes a line a second: its number, and when it was written. */
export const tellTime = 'exec 3<> <(:); n=0; while :; do n=$((n+1)); echo "$n $EPOCHREALTIME"; read -t 1 -u 3 || :; done'
/** One line on its way, in milliseconds after it was written: until the engine had it, and until the page had it. */
type Line = { readonly no: number; readonly engineMs: number; readonly pageMs: number }
export type Watched = { readonly lines: Line[]; readonly states: string[]; skipped: number }

/** Follows a log of such lines on one page, which asks for the parts now and then as every page does. */
export async function watchLog(deployed: DeployedConsole, person: Person, container: string, signal: AbortSignal): Promise<Watched> {
  const { client, close } = pageClient(deployed, person)
  const watched: Watched = { lines: [], states: [], skipped: 0 }
  const asking = setInterval(() => void client.call(listParts, { signal }).catch(() => undefined), 5_000)
  let openedAt = Number.POSITIVE_INFINITY
  const input = { params: { name: container }, query: { tail: '1' }, signal }
  await client.follow(streamContainerLines, input, {
    onEvent: (event, data) => {
      if (event !== 'lines') return
      const now = Date.now()
      const batch = LogBatch.parse(data)
      watched.skipped += batch.skipped
      for (const { at, text } of batch.items) {
        const { no, written } = read(text)
        // The page could not have shown earlier what was written before it looked.
        if (written > openedAt) watched.lines.push({ no, engineMs: Date.parse(at) - written, pageMs: now - written })
      }
    },
    onState: (state) => {
      if (state === 'open') openedAt = Math.min(openedAt, Date.now())
      watched.states.push(state)
    },
  })
  clearInterval(asking)
  close()
  return watched
}

/** The same lines as the engine's own client gets them, and how long this process did not look at anything: what the console cannot help. */
export function watchEngine(container: string): { readonly arrivedMs: ReadonlyMap<number, number>; stalledMs(): number; end(): void } {
  const arrivedMs = new Map<number, number>()
  const logs = spawn('docker', ['logs', '--follow', container], { stdio: ['ignore', 'pipe', 'ignore'] })
  createInterface({ input: logs.stdout }).on('line', (text) => {
    const { no, written } = read(text)
    arrivedMs.set(no, Date.now() - written)
  })
  const loop = monitorEventLoopDelay()
  loop.enable()
  return { arrivedMs, stalledMs: () => Math.round(loop.max / 1e6), end: () => void logs.kill() }
}

function read(text: string): { no: number; written: number } {
  const [no, seconds] = text.split(' ').map(Number)
  return { no: no ?? 0, written: (seconds ?? 0) * 1_000 }
}
