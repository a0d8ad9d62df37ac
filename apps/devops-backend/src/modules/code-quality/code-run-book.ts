import type { CodeRun, CodeTrend } from '@console/contracts/code-quality/schemas'
import type { Collection } from '@console/store/port'
import { changeDoc } from '../../change-doc.ts'
import type { CodeRunDoc } from '../../documents.ts'
import { sumOf } from './follow-checks.ts'

type Filter = {
  readonly project?: string | undefined
  readonly state?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}
/** Checks of code in the store. */
export type CodeRunBook = {
  get(id: string): Promise<CodeRunDoc | null>
  insert(doc: CodeRunDoc): Promise<void>
  /** Applies a pure step to the newest version; what stays as it is, is not written. */
  change(id: string, step: (doc: CodeRunDoc) => CodeRunDoc): Promise<CodeRunDoc | null>
  forget(id: string): Promise<void>
  open(): Promise<CodeRunDoc[]>
  list(filter: Filter): Promise<{ items: CodeRunDoc[]; nextCursor: string | null }>
  /** The last thirty of each project, oldest first. */
  trends(projects: readonly string[]): Promise<CodeTrend[]>
  /** Removes those that ended before a time. Answers how many went. */
  removeBefore(ms: number): Promise<number>
}

const host = 'local'
const trendRuns = 30
const sweepRuns = 100

export function createCodeRunBook(runs: Collection<CodeRunDoc>, changed: (id: string) => void): CodeRunBook {
  const newestFirst = (where: { f: string; op: 'eq'; v: string | boolean }[], limit: number, after?: string) =>
    runs.find(host, { where, order: { f: 'queuedAt', dir: 'desc' }, limit, ...(after && { after }) })
  return {
    get: async (id) => (await runs.get(host, id))?.doc ?? null,
    async insert(doc) {
      await runs.insert(host, doc.id, doc)
      changed(doc.id)
    },
    change: (id, step) => changeDoc({ collection: runs, partition: host, changed: () => changed(id) }, id, step),
    async forget(id) {
      const stored = await runs.get(host, id)
      if (stored) await runs.remove(host, id, stored.etag)
      changed(id)
    },
    open: async () => (await newestFirst([{ f: 'open', op: 'eq', v: true }], 100)).items.map(({ doc }) => doc),
    async list({ project, state, limit, cursor }) {
      const where = [
        ...(project === undefined ? [] : [{ f: 'projectPath', op: 'eq' as const, v: project }]),
        ...(state === undefined ? [] : [{ f: 'state', op: 'eq' as const, v: state }]),
      ]
      const page = await newestFirst(where, limit, cursor)
      return { items: page.items.map(({ doc }) => doc), nextCursor: page.cursor ?? null }
    },
    trends: (projects) =>
      Promise.all(
        projects.map(async (projectPath) => {
          const { items } = await newestFirst([{ f: 'projectPath', op: 'eq', v: projectPath }], trendRuns)
          return { projectPath, runs: items.map(({ doc }) => briefOf(doc)).reverse() }
        }),
      ),
    async removeBefore(ms) {
      const before = new Date(ms).toISOString()
      let removed = 0
      for (;;) {
        const { items } = await runs.find(host, {
          where: [{ f: 'open', op: 'eq', v: false }],
          order: { f: 'queuedAt', dir: 'asc' },
          limit: sweepRuns,
        })
        const old = items.filter(({ doc }) => doc.queuedAt < before)
        for (const { id, etag } of old) await runs.remove(host, id, etag)
        removed += old.length
        if (old.length < sweepRuns) return removed
      }
    },
  }
}

export function viewOf({ v: _, open: __, admitted: ___, ...run }: CodeRunDoc): CodeRun {
  return run
}

function briefOf({ id, state, checks, startedAt, endedAt, queuedAt }: CodeRunDoc): CodeTrend['runs'][number] {
  const tookMs = startedAt !== null && endedAt !== null ? Date.parse(endedAt) - Date.parse(startedAt) : null
  return { id, state, warnings: sumOf(checks, 'warnings'), checks: checks.map(({ name }) => name), tookMs, at: endedAt ?? queuedAt }
}
