import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import { DaemonError } from '@console/verb-kit/problem'
import { nonsense, type Ollama } from './ask-ollama.ts'
import { createPullProgress, type Progress } from './pull-progress.ts'
import { findModel } from './read-models.ts'

export type Pull = Progress & {
  readonly pullId: string
  readonly name: string
  readonly by: string
  readonly requestId: string
  readonly reason: string | null
  readonly startedAt: string
  readonly endedAt: string | null
  readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted'
  readonly code: string | null
  readonly cancelledBy: string | null
  /** Of the model that came of it. */
  readonly digest: string | null
}
type Wish = Pick<Pull, 'name' | 'by' | 'requestId' | 'reason'>
/** Pulls belong to the agent: they go on whoever watches, one at a time. */
export type Pulls = {
  /** @throws the system's error where it cannot be written down; nothing is pulled then */
  start(wish: Wish): Pull
  cancel(pullId: string, by: string): Pull
  /** Newest first. */
  list(): Pull[]
  isPulling(name: string): boolean
  /** Ends the one under way, which is then interrupted. */
  stop(): Promise<void>
}
type Options = {
  readonly dir: string
  readonly ollama: Ollama
  readonly now: () => Date
  readonly monotonic: () => number
  /** Told of each end, those found at the start among them. */
  readonly ended: (pull: Pull) => void
  readonly log: (msg: string, error: unknown) => void
  readonly mostMs?: number
}
type Running = {
  readonly pull: Pull
  readonly progress: ReturnType<typeof createPullProgress>
  readonly stopping: AbortController
  why: 'cancelled' | 'interrupted' | 'late' | null
  cancelledBy: string | null
  over: Promise<void>
}

const mostKept = 50
const longestMs = 12 * 3_600_000

export function openPulls({ dir, ollama, now, monotonic, ended, log, mostMs = longestMs }: Options): Pulls {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, 'pulls.json')
  let kept = readPulls(file)
  let running: Running | null = null
  const write = (): void => {
    try {
      writeDurably(file, JSON.stringify(kept), 0o600)
    } catch (error) {
      log('the record of pulls could not be written', error)
    }
  }
  const close = (pull: Pull): void => {
    kept = kept.map((one) => (one.pullId === pull.pullId ? pull : one))
    write()
    ended(pull)
  }
  for (const pull of kept.filter(({ state }) => state === 'running'))
    close({ ...pull, state: 'interrupted', endedAt: now().toISOString(), bytesPerSec: null })

  /** Until it has ended, however it ends. */
  const follow = async (own: Running): Promise<void> => {
    const timer = setTimeout(() => {
      own.why ??= 'late'
      own.stopping.abort()
    }, mostMs)
    let end: Pick<Pull, 'state' | 'code' | 'digest'>
    try {
      end = { state: 'succeeded', code: null, digest: await carryOut(ollama, own) }
    } catch (error) {
      end = endOf(own.why, error)
    } finally {
      clearTimeout(timer)
    }
    running = null
    close({ ...shown(own), ...end, cancelledBy: own.cancelledBy, endedAt: now().toISOString(), bytesPerSec: null })
  }

  return {
    list: () => kept.map((pull) => (running?.pull.pullId === pull.pullId ? shown(running) : pull)),
    isPulling: (name) => running?.pull.name === name,
    start(wish) {
      if (running)
        throw new DaemonError('OLLAMA_PULL_BUSY', 409, `${running.pull.name} is being pulled. Wait for it, or cancel it.`, {
          untouched: true,
        })
      const progress = createPullProgress(monotonic)
      const begun = { pullId: randomUUID(), startedAt: now().toISOString(), endedAt: null, code: null, cancelledBy: null, digest: null }
      const pull: Pull = { ...wish, ...begun, state: 'running', ...progress.now() }
      const next = [pull, ...kept].slice(0, mostKept)
      writeDurably(file, JSON.stringify(next), 0o600)
      kept = next
      const own: Running = { pull, progress, stopping: new AbortController(), why: null, cancelledBy: null, over: Promise.resolve() }
      running = own
      own.over = follow(own)
      return pull
    },
    cancel(pullId, by) {
      const pull = kept.find((one) => one.pullId === pullId)
      if (!pull) throw new DaemonError('OLLAMA_PULL_NOT_FOUND', 404, 'There is no such pull.', { untouched: true })
      if (running?.pull.pullId !== pullId)
        throw new DaemonError('OLLAMA_PULL_ENDED', 409, 'The pull has ended already.', { untouched: true })
      running.why ??= 'cancelled'
      running.cancelledBy ??= by
      running.stopping.abort()
      return shown(running)
    },
    async stop() {
      if (!running) return
      running.why ??= 'interrupted'
      running.stopping.abort()
      await running.over
    },
  }
}

function shown({ pull, progress }: Running): Pull {
  return { ...pull, ...progress.now() }
}

/** @returns the digest of the model that is there now: success is what the list shows, not what the last line says */
async function carryOut(ollama: Ollama, { pull: { name }, progress, stopping }: Running): Promise<string> {
  for await (const line of ollama.lines({ method: 'POST', path: '/api/pull', body: { model: name, stream: true } }, stopping.signal))
    progress.take(line)
  if (progress.phase !== 'done') throw nonsense('the pull ended without success')
  return (await findModel(ollama, name)).model.digest
}

function endOf(why: Running['why'], error: unknown): Pick<Pull, 'state' | 'code' | 'digest'> {
  if (why === 'cancelled' || why === 'interrupted') return { state: why, code: null, digest: null }
  const code = why === 'late' ? 'OLLAMA_PULL_LATE' : error instanceof DaemonError ? error.code : 'INTERNAL'
  return { state: 'failed', code, digest: null }
}

/** Written by this program alone; what cannot be read is begun anew. */
function readPulls(file: string): Pull[] {
  try {
    const pulls = JSON.parse(readFileSync(file, 'utf8')) as Pull[]
    return Array.isArray(pulls) ? pulls.filter((pull) => typeof pull?.pullId === 'string') : []
  } catch {
    return []
  }
}
