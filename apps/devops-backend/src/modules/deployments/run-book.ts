import { isFinal } from '@console/contracts/deployments/run-states'
import type { Run } from '@console/contracts/deployments/schemas'
import type { Collection, Stored } from '@console/store/port'
import { changeDoc } from '../../change-doc.ts'
import type { RunDoc } from '../../documents.ts'

/** The runs in the store, and who waits for news of one. The only writer of `do_runs`. */
export type RunBook = {
  get(id: string): Promise<Stored<RunDoc> | null>
  /** Runs that the host-agent is being asked to take at this moment. */
  readonly asking: Set<string>
  insert(doc: Omit<RunDoc, 'number'>): Promise<RunDoc>
  /** Applies a pure step to the newest version, again where somebody else was faster; unchanged documents are not written. */
  change(id: string, step: (doc: RunDoc) => RunDoc): Promise<RunDoc | null>
  forget(id: string): Promise<void>
  open(): Promise<RunDoc[]>
  /** Removes runs that were queued and ended before a time, oldest first; the newest of all stays, so that numbers go on. Answers how many went. */
  removeBefore(ms: number): Promise<number>
  list(filter: {
    serviceId?: string | undefined
    state?: string | undefined
    limit: number
    cursor?: string | undefined
  }): Promise<{ items: RunDoc[]; nextCursor: string | null }>
  lastOf(serviceId: string): Promise<{ last: RunDoc | null; open: RunDoc | null }>
  viewOf(doc: RunDoc): Run
  setPosition(id: string, position: number | null): void
  /** Yields the run now and after each change, until it has ended or the signal aborts. */
  watch(id: string, signal: AbortSignal): AsyncIterable<RunDoc>
}

const runPartition = 'local'

export function createRunBook(runs: Collection<RunDoc>, changed: (id: string) => void): RunBook {
  const positions = new Map<string, number>()
  const waiting = new Map<string, Set<() => void>>()
  let numbering: Promise<unknown> = Promise.resolve()

  const tell = (id: string): void => {
    for (const wake of waiting.get(id) ?? []) wake()
    changed(id)
  }
  const nextNumber = async (): Promise<number> => {
    const newest = await runs.find(runPartition, { order: { f: 'number', dir: 'desc' }, limit: 1 })
    return (newest.items[0]?.doc.number ?? 0) + 1
  }
  const newestFirst = (where: { f: string; op: 'eq'; v: string | boolean }[], limit: number, after?: string) =>
    runs.find(runPartition, { where, order: { f: 'number', dir: 'desc' }, limit, ...(after && { after }) })

  const book: RunBook = {
    get: (id) => runs.get(runPartition, id),
    asking: new Set(),
    insert(doc) {
      const step = numbering.then(async () => {
        const numbered: RunDoc = { ...doc, number: await nextNumber() }
        await runs.insert(runPartition, doc.id, numbered)
        tell(doc.id)
        return numbered
      })
      numbering = step.catch(() => undefined)
      return step
    },
    change(id, step) {
      const changed = ({ state }: RunDoc): void => {
        if (isFinal(state)) positions.delete(id)
        tell(id)
      }
      return changeDoc({ collection: runs, partition: runPartition, changed }, id, step)
    },
    async forget(id) {
      const stored = await runs.get(runPartition, id)
      if (stored) await runs.remove(runPartition, id, stored.etag)
      tell(id)
    },
    async open() {
      return (await newestFirst([{ f: 'open', op: 'eq', v: true }], 200)).items.map(({ doc }) => doc)
    },
    async removeBefore(ms) {
      const before = new Date(ms).toISOString()
      const newest = (await newestFirst([], 1)).items[0]?.id
      let removed = 0
      for (;;) {
        const { items } = await runs.find(runPartition, {
          where: [{ f: 'open', op: 'eq', v: false }],
          order: { f: 'number', dir: 'asc' },
          limit: 100,
        })
        const old = items.filter(({ id, doc }) => id !== newest && doc.queuedAt < before && (doc.endedAt ?? '') < before)
        for (const { id, etag } of old) await runs.remove(runPartition, id, etag)
        removed += old.length
        if (old.length < 100) return removed
      }
    },
    async list({ serviceId, state, limit, cursor }) {
      const where = [
        ...(serviceId ? [{ f: 'serviceId', op: 'eq' as const, v: serviceId }] : []),
        ...(state === 'open' ? [{ f: 'open', op: 'eq' as const, v: true }] : state ? [{ f: 'state', op: 'eq' as const, v: state }] : []),
      ]
      const page = await newestFirst(where, limit, cursor)
      return { items: page.items.map(({ doc }) => doc), nextCursor: page.cursor ?? null }
    },
    async lastOf(serviceId) {
      const mine = { f: 'serviceId', op: 'eq' as const, v: serviceId }
      const [open, all] = await Promise.all([newestFirst([mine, { f: 'open', op: 'eq', v: true }], 1), newestFirst([mine], 1)])
      return { last: all.items[0]?.doc ?? null, open: open.items[0]?.doc ?? null }
    },
    viewOf({ v: _, admitted: __, open: ___, chk, ...run }) {
      return { ...run, lines: run.lines + chk.length, position: positions.get(run.id) ?? null }
    },
    setPosition(id, position) {
      if (position === null ? !positions.delete(id) : positions.get(id) === position) return
      if (position !== null) positions.set(id, position)
      tell(id)
    },
    watch: (id, signal) => watchRun(book, waiting, id, signal),
  }
  return book
}

async function* watchRun(book: RunBook, waiting: Map<string, Set<() => void>>, id: string, signal: AbortSignal): AsyncIterable<RunDoc> {
  let news = true
  let wake: () => void = () => undefined
  const onNews = (): void => {
    news = true
    wake()
  }
  const mine = waiting.get(id) ?? new Set()
  waiting.set(id, mine.add(onNews))
  signal.addEventListener('abort', onNews, { once: true })
  try {
    while (!signal.aborted) {
      if (!news) await new Promise<void>((resolve) => (wake = resolve))
      news = false
      const stored = await book.get(id)
      if (!stored) return
      yield stored.doc
      if (isFinal(stored.doc.state)) return
    }
  } finally {
    signal.removeEventListener('abort', onNews)
    mine.delete(onNews)
    if (mine.size === 0) waiting.delete(id)
  }
}

/** As other lists show a run beside what it is of. */
export function briefOf({ id, number, state, verified, endedAt, queuedAt, actor }: RunDoc) {
  return { id, number, state, verified, at: endedAt ?? queuedAt, by: actor.name ?? actor.id }
}
