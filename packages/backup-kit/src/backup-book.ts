import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { headOf } from '@console/backups/read-backup'
import { type KeptFor, keptFor } from '@console/backups/retention'
import type {
  Backup,
  BackupCheck,
  BackupLock,
  BackupRules,
  BackupRulesChange,
  BackupRun,
  RestoreReceipt,
} from '@console/contracts/backups/schemas'
import { type ActorRef, Instant } from '@console/contracts/shapes'
import type { Declaration, DocStore } from '@console/store/port'
import { ended, interruptedWords } from './backup-runs.ts'

/** What is remembered of a backup beside its file. */
export type BackupDoc = {
  readonly v: 1
  readonly kind: 'backup'
  readonly state: 'making' | 'made' | 'failed'
  readonly madeAt: string
  readonly by: ActorRef
  readonly why: string | null
  readonly version: string
  readonly sizeBytes: number | null
  readonly documents: number | null
  readonly lock: BackupLock | null
  /** Left out where all of it is of one moment. */
  readonly hosted?: NonNullable<Backup['hosted']>
  readonly check: BackupCheck | null
  readonly problem: string | null
}
/** Those of before there were nights, weeks and months keep none of them. */
type RulesDoc = { readonly v: 1; readonly kind: 'rules' } & BackupRulesChange
type KeyDoc = { readonly v: 1; readonly kind: 'key'; readonly at: string; readonly by: ActorRef }
type ReceiptDoc = { readonly v: 1; readonly kind: 'receipt' } & RestoreReceipt
type RunDoc = { readonly v: 1; readonly kind: 'run'; readonly run: BackupRun }
type BookDoc = BackupDoc | RulesDoc | KeyDoc | ReceiptDoc | RunDoc

/** No restore into a living store touches it: it tells what was done, and not what is. */
export const bookDeclaration = (owner: 'pf' | 'do'): Declaration => ({ name: `${owner}_backups`, fields: {} })
const pk = 'backups'
const runsPk = 'runs'
export const defaultRules: BackupRules = { keep: 14, nights: 14, weeks: 8, months: 12, drillDays: 30 }
const idForm = /^([a-z][a-z-]{0,39}-[0-9]{8}T[0-9]{6}Z)\.backup$/
const pageSize = 1_000
/** How many that failed are remembered. */
const failedKept = 10
/** How many files that somebody put into the folder are taken in, the newest by their names. */
const foundMost = 100
/** How many runs are remembered: those of more than half a year, where one is made and tried each day. */
const runsKept = 500

export type BackupBook = ReturnType<typeof openBackupBook>

/** The backups of a folder and what is known of each, kept in the store. */
export function openBackupBook({
  store,
  owner,
  folder,
}: {
  readonly store: DocStore
  readonly owner: 'pf' | 'do'
  readonly folder: string
}) {
  const docs = store.collection<BookDoc>(bookDeclaration(owner))
  const fileOf = (id: string): string => join(folder, `${id}.backup`)
  const put = async (id: string, doc: BookDoc, at = pk): Promise<void> => {
    const stored = await docs.get(at, id)
    await (stored ? docs.replace(at, id, doc, stored.etag) : docs.insert(at, id, doc))
  }
  const drop = async (id: string, at = pk): Promise<void> => {
    const stored = await docs.get(at, id)
    if (stored) await docs.remove(at, id, stored.etag)
  }
  const every = async (at: string) => {
    const items: { readonly id: string; readonly doc: BookDoc }[] = []
    for (let after: string | undefined; ; ) {
      const page = await docs.find(at, { limit: pageSize, ...(after && { after }) })
      items.push(...page.items)
      if (!page.cursor) return items
      after = page.cursor
    }
  }
  const runs = async (): Promise<BackupRun[]> =>
    (await every(runsPk))
      .flatMap(({ doc }) => (doc.kind === 'run' ? [doc.run] : []))
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : a.id < b.id ? 1 : -1))
  const putRun = (run: BackupRun) => put(run.id, { v: 1, kind: 'run', run }, runsPk)
  const one = async <K extends BookDoc['kind']>(id: string, kind: K): Promise<Extract<BookDoc, { kind: K }> | null> => {
    const doc = (await docs.get(pk, id))?.doc
    return doc?.kind === kind ? (doc as Extract<BookDoc, { kind: K }>) : null
  }
  const all = async (): Promise<{ readonly id: string; readonly doc: BackupDoc }[]> => {
    const items = await every(pk)
    return items.flatMap(({ id, doc }) => (doc.kind === 'backup' ? [{ id, doc }] : [])).sort(newestFirst)
  }
  const keptOf = (
    known: readonly { readonly id: string; readonly doc: BackupDoc }[],
    { keep, nights, weeks, months }: BackupRules,
    { nowMs, spare }: { readonly nowMs: number; readonly spare?: string | undefined },
  ): ReadonlyMap<string, KeptFor | null> => {
    const made = known.filter(({ id, doc }) => doc.state === 'made' && id !== spare && existsSync(fileOf(id)))
    const own = made.filter(({ doc }) => !wasFound(doc))
    const why = keptFor(
      own.map(({ doc }) => Date.parse(doc.madeAt)),
      { newest: keep, nights, weeks, months },
      nowMs,
    )
    // What was put into the folder says itself how new it is: it never takes the place of one that was made here.
    const found = made.filter(({ doc }) => wasFound(doc)).map(({ id }, index) => [id, index < keep ? 'newest' : null] as const)
    return new Map([...own.map(({ id }, index) => [id, why[index] ?? null] as const), ...found])
  }
  return {
    fileOf,
    all,
    one: async (id: string): Promise<BackupDoc | null> => one(id, 'backup'),
    put: (id: string, doc: BackupDoc) => put(id, doc),
    sizeOf: (id: string): number | null => (existsSync(fileOf(id)) ? statSync(fileOf(id)).size : null),
    rules: async (): Promise<BackupRules> => {
      const found = await one('rules', 'rules')
      if (!found) return defaultRules
      const { keep, nights = 0, weeks = 0, months = 0, drillDays } = found
      return { keep, nights, weeks, months, drillDays }
    },
    setRules: (rules: BackupRules) => put('rules', { v: 1, kind: 'rules', ...rules }),
    confirmedKey: (keyId: string) => one(`key-${keyId}`, 'key'),
    confirmKey: (keyId: string, at: string, by: ActorRef) => put(`key-${keyId}`, { v: 1, kind: 'key', at, by }),
    receipt: async (): Promise<RestoreReceipt | null> => {
      const found = await one('restored', 'receipt')
      if (!found) return null
      const { v: _, kind: __, ...receipt } = found
      return receipt
    },
    setReceipt: (receipt: RestoreReceipt) => put('restored', { v: 1, kind: 'receipt', ...receipt }),
    /** Newest first. */
    runs,
    putRun,
    dropRun: (id: string) => drop(id, runsPk),
    async pruneRuns(): Promise<void> {
      for (const { id } of (await runs()).filter(({ state }) => state !== 'running').slice(runsKept)) await drop(id, runsPk)
    },
    /** What each backup with a file is kept for, by its id, given all that are known, newest first; `spare` is left out. */
    keptOf,
    /** Removes the files of what is not kept, and what is remembered of them. @returns their ids */
    async prune(rules: BackupRules, at: Parameters<typeof keptOf>[2]): Promise<string[]> {
      const known = await all()
      const keeps = keptOf(known, rules, at)
      const old = [
        ...known.filter(({ id }) => keeps.get(id) === null),
        ...known.filter(({ doc }) => doc.state === 'failed').slice(failedKept),
      ]
      for (const { id } of old) {
        rmSync(fileOf(id), { force: true })
        await drop(id)
      }
      return old.map(({ id }) => id)
    },
    /**
     * At the start: what was under way has failed but for the run that is carried on, and files that somebody put into the folder are taken in by
     * what they say of themselves.
     */
    async takeStock(nowMs: number, carriedOn: string | null): Promise<void> {
      for (const run of await runs())
        if (run.state === 'running' && run.id !== carriedOn)
          await putRun(ended(run, 'interrupted', interruptedWords[run.kind], new Date(nowMs).toISOString()))
      const known = new Map((await all()).map(({ id, doc }) => [id, doc]))
      for (const [id, doc] of known)
        if (doc.state === 'making') await put(id, { ...doc, state: 'failed', problem: 'The service ended while it was made.' })
      const names = existsSync(folder) ? readdirSync(folder) : []
      for (const name of names)
        if (name.endsWith('.part') || name.startsWith('.work-')) rmSync(join(folder, name), { recursive: true, force: true })
      const unknown = names.flatMap((name) => idForm.exec(name)?.[1] ?? []).filter((id) => !known.has(id))
      const mostMore = foundMost - [...known.values()].filter(wasFound).length
      for (const id of unknown.sort(latestFirst).slice(0, Math.max(0, mostMore))) {
        const doc = await adopted(fileOf(id), nowMs)
        if (doc) await put(id, doc)
      }
    },
  }
}

const wasFound = ({ by }: BackupDoc): boolean => by.kind === 'anonymous' && by.id === 'file'
const timeIn = (id: string): string => id.slice(-16)
const latestFirst = (a: string, b: string): number => (timeIn(a) < timeIn(b) ? 1 : -1)

/** Null for what is no backup: it is left alone. */
async function adopted(file: string, nowMs: number): Promise<BackupDoc | null> {
  const head = await headOf(file).catch(() => null)
  if (!head || !Instant.safeParse(head.made.at).success) return null
  const by: ActorRef = { kind: 'anonymous', id: 'file', name: head.made.by }
  return {
    v: 1,
    kind: 'backup',
    state: 'made',
    // None is of a time that is still to come.
    madeAt: Date.parse(head.made.at) > nowMs ? new Date(nowMs).toISOString() : head.made.at,
    by,
    why: 'found in the folder',
    version: head.made.version,
    sizeBytes: statSync(file).size,
    documents: null,
    lock: { by: head.key.by, keyId: head.key.id },
    check: null,
    problem: null,
  }
}

function newestFirst(a: { readonly doc: BackupDoc }, b: { readonly doc: BackupDoc }): number {
  return a.doc.madeAt < b.doc.madeAt ? 1 : -1
}

/** As the API tells it. */
export function viewOf(
  id: string,
  doc: BackupDoc,
  { present, opens, current, keptFor }: Record<'present' | 'opens' | 'current', boolean> & { readonly keptFor: KeptFor | null },
): Backup {
  const { v: _, kind: __, ...told } = doc
  return {
    id,
    ...told,
    hosted: doc.hosted ?? null,
    keptFor,
    state: doc.state === 'made' && !present ? 'gone' : doc.state,
    opens: opens && present,
    current,
  }
}
