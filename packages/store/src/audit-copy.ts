import { setTimeout as wait } from 'node:timers/promises'
import { type Collection, type Declaration, type Doc, type DocStore, StoreError } from './port.ts'

type Row = { readonly seq: number; readonly at: string; readonly hash: string }
/** What is needed of an audit log: it is the origin, and the store holds a copy. */
export type CopiedLog = {
  readonly name: string
  readonly head: { readonly seq: number }
  readonly read: (options: {
    after: number
    limit: number
  }) => Promise<{ readonly rows: readonly Row[]; readonly next: number | undefined }>
}
export type AuditCopy = {
  /** One round: what is not in the copy yet is put there. Never rejects. */
  tick(): Promise<void>
  stop(): Promise<void>
  /** The last row that is known to be in the copy. */
  readonly copied: number
}
type Options = {
  readonly log: CopiedLog
  readonly store: DocStore
  readonly owner: string
  readonly alarm: (what: string, error: unknown) => void
}
const everyMs = 5_000
const atOnce = 99
/** A store that is away is told of once, and again when it has come back and gone. */
const stateAt = { pk: 'audit' } as const

export const copyDeclaration = (owner: string): Declaration => ({ name: `${owner}_audit`, fields: {}, log: true })
type StateDoc = { readonly seq: number }

/**
 * Ships rows of a local audit log to the store, and nothing waits for it. Rows have fixed ids, so that one that is shipped again is met where it lies: none
 * is lost or doubled, whatever happens in between. A row of the copy that is another than ours is an alarm.
 */
export function startAuditCopy({ log, store, owner, alarm }: Options): AuditCopy {
  const copy = store.collection<Row>(copyDeclaration(owner))
  const states = store.collection<StateDoc>({ name: `${owner}_meta`, fields: {} })
  let copied: number | undefined
  let stopped = false
  let away = false
  const round = async (): Promise<void> => {
    const state = await states.get(stateAt.pk, log.name)
    let after = copied ?? state?.doc.seq ?? 0
    while (!stopped && log.head.seq > after) {
      const { rows, next } = await log.read({ after, limit: atOnce })
      for (const part of byPartition(log.name, rows)) await put(copy, part, alarm)
      // Rows that were removed by age are no more: the log goes on behind them.
      after = rows.at(-1)?.seq ?? next ?? log.head.seq
      copied = after
    }
    copied = after
    if (state === null) await states.insert(stateAt.pk, log.name, { seq: after })
    else if (state.doc.seq !== after) await states.replace(stateAt.pk, log.name, { seq: after }, state.etag)
    away = false
  }
  let running = Promise.resolve()
  const tick = (): Promise<void> => {
    running = running.then(round).catch((error: unknown) => {
      if (!away) alarm('rows of the audit log are not copied to the store; they are kept here and follow later', error)
      away = true
    })
    return running
  }
  const timer = setInterval(() => void tick(), everyMs)
  timer.unref()
  return {
    tick,
    get copied() {
      return copied ?? 0
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await Promise.race([running, wait(2_000, undefined, { ref: false })])
    },
  }
}

type Part = { readonly pk: string; readonly rows: readonly (readonly [id: string, row: Row])[] }

/** One partition a log and day. */
function byPartition(log: string, rows: readonly Row[]): Part[] {
  const parts = new Map<string, [string, Row][]>()
  for (const row of rows) {
    const { pk, id } = placeOf(log, row)
    const part = parts.get(pk) ?? []
    part.push([id, row])
    parts.set(pk, part)
  }
  return [...parts].map(([pk, list]) => ({ pk, rows: list }))
}

function placeOf(log: string, { at, seq }: Row): { pk: string; id: string } {
  return { pk: `${log}:${at.slice(0, 10)}`, id: `${log}:${String(seq).padStart(12, '0')}` }
}

async function put(copy: Collection<Row>, { pk, rows }: Part, alarm: Options['alarm']): Promise<void> {
  try {
    await copy.batch(
      pk,
      rows.map(([id, doc]) => ({ op: 'insert', id, doc })),
    )
    return
  } catch (error) {
    if (!(error instanceof StoreError) || !['Conflict', 'OutcomeUnknown'].includes(error.code)) throw error
  }
  for (const [id, row] of rows) {
    const there = await copy.get(pk, id)
    if (!there) await copy.insert(pk, id, row)
    else if (there.doc.hash !== row.hash)
      alarm(`the copy of the audit log differs at row ${row.seq}`, new Error(`${there.doc.hash} is not ${row.hash}`))
  }
}

export type Difference = { readonly seq: number; readonly what: 'missing' | 'another' | 'too many' }

/** Holds a log against its copy, up to the row that was shipped last. @returns what differs, none where both say the same */
export async function compareCopy({ log, store, owner }: Omit<Options, 'alarm'>): Promise<{ compared: number; differences: Difference[] }> {
  const shipped = (await store.collection<StateDoc>({ name: `${owner}_meta`, fields: {} }).get(stateAt.pk, log.name))?.doc.seq ?? 0
  const there = new Map<number, string>()
  for await (const { doc } of store.everything(copyDeclaration(owner))) {
    const row = doc as Row & { readonly log?: string }
    if (row.log === log.name) there.set(row.seq, textOf(row))
  }
  const differences: Difference[] = []
  let compared = 0
  let firstSeq: number | undefined
  for (let after = 0; after < shipped; ) {
    const { rows, next } = await log.read({ after, limit: 1_000 })
    for (const row of rows.filter(({ seq }) => seq <= shipped)) {
      firstSeq ??= row.seq
      compared += 1
      const copied = there.get(row.seq)
      if (copied === undefined) differences.push({ seq: row.seq, what: 'missing' })
      else if (copied !== textOf(row)) differences.push({ seq: row.seq, what: 'another' })
    }
    after = rows.at(-1)?.seq ?? next ?? shipped
  }
  // Older rows may have been removed here by age; newer ones nobody shipped.
  for (const seq of there.keys()) if (seq > log.head.seq && seq > (firstSeq ?? 0)) differences.push({ seq, what: 'too many' })
  return { compared, differences }
}

function textOf(row: Doc): string {
  return JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))
}
