import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import { MODEL } from '@console/verbs/patterns'
import { type Loaded, type Model, object } from './read-models.ts'

/** When each model was last seen in memory: Ollama itself keeps no record of use. */
export type SeenLoaded = {
  /** Since when somebody looks: what was used before that is not known. */
  readonly since: string
  note(loaded: readonly Loaded[]): void
  lastSeen(model: Pick<Model, 'name' | 'digest'>): string | null
  forget(name: string): void
}
type Seen = { readonly digest: string; readonly at: string }

const mostNames = 1_000
/** A model that stays loaded is not written down with every look. */
const writeEveryMs = 60_000

/** @param log told when the record cannot be written; it is kept in memory then */
export function openSeenLoaded(dir: string, { now, log }: { now: () => Date; log: (msg: string, error: unknown) => void }): SeenLoaded {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, 'seen-loaded.json')
  const known = readRecord(file)
  const since = known.since ?? now().toISOString()
  const names = new Map<string, Seen>(known.names)
  const write = (): void => {
    try {
      writeDurably(file, JSON.stringify({ since, names: Object.fromEntries(names) }), 0o600)
    } catch (error) {
      log('when models were seen loaded could not be written', error)
    }
  }
  if (known.since === null) write()
  return {
    since,
    note(loaded) {
      const at = now()
      let news = false
      for (const { name, digest } of loaded) {
        const before = names.get(name)
        if (before?.digest === digest && at.getTime() - Date.parse(before.at) < writeEveryMs) continue
        names.delete(name)
        names.set(name, { digest, at: at.toISOString() })
        news = true
      }
      for (const old of [...names.keys()].slice(0, Math.max(0, names.size - mostNames))) names.delete(old)
      if (news) write()
    },
    lastSeen({ name, digest }) {
      const seen = names.get(name)
      return seen?.digest === digest ? seen.at : null
    },
    forget(name) {
      if (names.delete(name)) write()
    },
  }
}

/** A record that cannot be read is begun anew: nothing is said that is not known. */
function readRecord(file: string): { since: string | null; names: [string, Seen][] } {
  try {
    const { since, names } = object(JSON.parse(readFileSync(file, 'utf8')))
    if (!isInstant(since)) return { since: null, names: [] }
    const entries = Object.entries(object(names)).map(([name, seen]) => [name, object(seen)] as const)
    const whole = entries.filter(([name, { digest, at }]) => MODEL.test(name) && typeof digest === 'string' && isInstant(at))
    return { since, names: whole as unknown as [string, Seen][] }
  } catch {
    return { since: null, names: [] }
  }
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value
}
