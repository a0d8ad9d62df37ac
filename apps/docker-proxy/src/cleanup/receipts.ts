import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'
import type { Kind } from './judge-objects.ts'
import type { CleanupPlan, PlanItem } from './make-plan.ts'
import { notReached, type Outcome } from './remove-object.ts'

type Begun = {
  readonly digest: string
  readonly plan: CleanupPlan
  readonly by: string
  readonly reason: string | null
  readonly requestId: string
  readonly startedAt: string
}
type Ended = { readonly state: 'done' | 'stopped' | 'interrupted'; readonly code: string | null; readonly endedAt: string }
type Line =
  | { readonly begin: Begun }
  | { readonly tries: number }
  | { readonly at: number; readonly outcome: Outcome }
  | { readonly end: Ended }

/** One run of a plan as it goes. Each step is written as it happens, so that a daemon that ends in the middle leaves what is true. */
export type OpenReceipt = {
  tries(at: number): void
  took(at: number, outcome: Outcome): void
  end(end: Omit<Ended, 'endedAt'>): void
}
export type Receipts = {
  begin(begun: Omit<Begun, 'startedAt'>): OpenReceipt
  /** Newest first. */
  list(limit: number): Receipt[]
  find(digest: string): Receipt | null
  /** Those that the last start found open, and closed as interrupted. */
  readonly interrupted: readonly Receipt[]
}

const mostReceipts = 200
/** Of all receipts together, as they are answered. */
const mostReceiptBytes = 8 * 1_024 * 1_024
/** So many times that size may the files have. */
const filesPerAnswer = 16
const mostExceptions = 200
/** What could not be written is tried again as a whole, which can be megabytes. */
const againMs = 1_000

/** One that ended is kept as what is told of it: the plan of ten thousand objects stays in its file. */
type Kept = { readonly file: string; readonly digest: string; bytes: number; receipt: () => Receipt }

/**
 * What a full disk does not take is kept here, and written as soon as there is room: a cleanup is what makes it.
 * @param log told once for each run whose steps cannot be written
 */
export function openReceipts(
  dir: string,
  { log, now, mostBytes = mostReceiptBytes }: { log: (msg: string, error: unknown) => void; now: () => Date; mostBytes?: number },
): Receipts {
  const folder = join(dir, 'receipts')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const interrupted: Receipt[] = []
  const unwritten = new Map<Kept, () => void>()
  const kept = readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .flatMap((name) => {
      const run = readRun(join(folder, name))
      if (!run) return []
      const open = run.end === null
      run.end ??= { state: 'interrupted', code: null, endedAt: now().toISOString() }
      if (open) recordEnd(run.file, run.end, log)
      const one = closed({ file: run.file, digest: run.begun.digest, bytes: 0, receipt: () => receiptOf(run) })
      if (open) interrupted.push(one.receipt())
      return [one]
    })
  const trim = (): void => {
    let bytes = kept.reduce((sum, one) => sum + one.bytes, 0)
    while (kept.length > mostReceipts || (kept.length > 1 && bytes > mostBytes)) {
      const old = kept.shift()
      bytes -= old?.bytes ?? 0
      if (!old) return
      rmSync(old.file, { force: true })
      unwritten.delete(old)
    }
  }
  const catchUp = (): void => {
    for (const write of unwritten.values()) write()
  }
  trim()
  return {
    interrupted,
    list(limit) {
      catchUp()
      return kept
        .slice(-limit)
        .reverse()
        .map(({ receipt }) => receipt())
    },
    find: (digest) => kept.find((one) => one.digest === digest)?.receipt() ?? null,
    begin(given) {
      const begun = { ...given, startedAt: now().toISOString() }
      const file = join(folder, `${begun.startedAt.replace(/[^0-9]/g, '')}-${begun.digest.slice(0, 16)}.ndjson`)
      const run: Run = { file, begun, outcomes: new Map(), trying: null, end: null }
      let told = false
      // The first lines are written whole too, so that they are there whatever happens.
      let behind = true
      let triedAt = Number.NEGATIVE_INFINITY
      const write = (line: Line): void => {
        if (behind && ('at' in line || 'tries' in line) && now().getTime() - triedAt < againMs) return
        triedAt = now().getTime()
        try {
          if (behind) writeDurably(file, linesOf(run).map(textOf).join(''), 0o600)
          else append(file, line)
          behind = false
        } catch (error) {
          behind = true
          if (!told) log(stepUnwritten, error)
          told = true
        }
      }
      const own: Kept = { file, digest: begun.digest, bytes: 0, receipt: () => receiptOf(run) }
      kept.push(own)
      trim()
      write({ begin: begun })
      return {
        tries(at) {
          run.trying = at
          write({ tries: at })
        },
        took(at, outcome) {
          run.trying = null
          run.outcomes.set(at, outcome)
          write({ at, outcome })
        },
        end(how) {
          const end = { ...how, endedAt: now().toISOString() }
          run.end = end
          const finish = (): void => {
            write({ end })
            if (behind) return
            unwritten.delete(own)
            closed(own)
          }
          own.bytes = Buffer.byteLength(JSON.stringify(begun))
          unwritten.set(own, finish)
          finish()
          trim()
        },
      }
    },
  }
}

function closed(one: Kept): Kept {
  const told = one.receipt()
  const inFile = statSync(one.file, { throwIfNoEntry: false })?.size ?? 0
  one.bytes = Math.max(Buffer.byteLength(JSON.stringify(told)), Math.ceil(inFile / filesPerAnswer))
  one.receipt = () => told
  return one
}

type Run = {
  readonly file: string
  readonly begun: Begun
  readonly outcomes: Map<number, Outcome>
  trying: number | null
  end: Ended | null
}

/** What is not whole is passed over: a line that was cut is the last one of a run that was interrupted. */
function readRun(file: string): Run | null {
  let run: Run | null = null
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    const line = parse(text)
    if (!line) continue
    if ('begin' in line) run = { file, begun: line.begin, outcomes: new Map(), trying: null, end: null }
    else if (!run) continue
    else if ('tries' in line) run.trying = line.tries
    else if ('at' in line) {
      run.outcomes.set(line.at, line.outcome)
      run.trying = null
    } else run.end = line.end
  }
  return run
}

function parse(text: string): Line | null {
  try {
    return text === '' ? null : (JSON.parse(text) as Line)
  } catch {
    return null
  }
}

const stepUnwritten = 'a step of a cleanup could not be written to its receipt'
const textOf = (line: Line): string => `${JSON.stringify(line)}\n`

/** All that is known of a run, as its file has it. */
function linesOf({ begun, outcomes, trying, end }: Run): Line[] {
  return [
    { begin: begun },
    ...[...outcomes].map(([at, outcome]) => ({ at, outcome })),
    ...(trying === null ? [] : [{ tries: trying }]),
    ...(end === null ? [] : [{ end }]),
  ]
}

/** @throws the system's error; a part of the line may be there then */
function append(file: string, line: Line): void {
  const whole = Buffer.from(textOf(line))
  const fd = openSync(file, 'a', 0o600)
  try {
    for (let at = 0; at < whole.length; ) at += writeSync(fd, whole, at)
    if ('end' in line) fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function recordEnd(file: string, end: Ended, log: (msg: string, error: unknown) => void): void {
  try {
    append(file, { end })
  } catch (error) {
    log(stepUnwritten, error)
  }
}

export type Receipt = ReturnType<typeof receiptOf>

/** The plan beside what came of it: the figures of each kind, and every object that did not simply go. */
function receiptOf({ begun, outcomes, trying, end }: Run) {
  const { plan, digest, by, reason, requestId, startedAt } = begun
  const outcomeOf = (at: number): Outcome | null => {
    const known = outcomes.get(at)
    if (known || !end) return known ?? null
    return at === trying ? { ...notReached, result: 'unknown' } : notReached
  }
  const all = plan.items.map((item, at) => ({ item, outcome: outcomeOf(at) }))
  const exceptions = all.flatMap(({ item, outcome }) => (outcome && outcome.result !== 'removed' ? [exceptionOf(item, outcome)] : []))
  return {
    planId: plan.planId,
    digest,
    state: end?.state ?? ('running' as const),
    code: end?.code ?? null,
    by,
    plannedBy: plan.plannedBy,
    reason,
    requestId,
    startedAt,
    endedAt: end?.endedAt ?? null,
    choice: plan.choice,
    planned: plan.items.length,
    plannedBytes: plan.totalBytes,
    reached: outcomes.size,
    kinds: plan.choice.kinds.map((kind) => sumOf(kind, all)),
    exceptions: exceptions.slice(0, mostExceptions),
    exceptionCount: exceptions.length,
  }
}

function sumOf(kind: Kind, all: readonly { item: PlanItem; outcome: Outcome | null }[]) {
  const own = all.filter(({ item }) => item.kind === kind)
  const removed = own.filter(({ outcome }) => outcome?.result === 'removed')
  return {
    kind,
    planned: own.length,
    plannedBytes: own.reduce((bytes, { item }) => bytes + item.sizeBytes, 0),
    removed: removed.length,
    freedBytes: own.reduce((bytes, { outcome }) => bytes + (outcome?.freedBytes ?? 0), 0),
  }
}

const exceptionOf = ({ kind, id, names }: PlanItem, { result, why, note }: Outcome) => ({ kind, id, names, result, why, note })
