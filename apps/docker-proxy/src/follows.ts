import { randomBytes } from 'node:crypto'
import { createFanOut, type FanOut } from '@console/fan-out/fan-out'
import { createRecentBlocks, type RecentBlocks } from '@console/fan-out/recent-blocks'
import { written } from '@console/verb-kit/send-lines'
import { textsOf, type WrittenLines, withMark, writtenLines } from '@console/verb-kit/written-lines'
import { createSplitter, type RawLine } from './demultiplex.ts'
import { blockOf, type LogBlock } from './log-lines.ts'
import type { Model } from './model.ts'

/**
 * A block of a shared reader, and where it ends there: the reader's name and how many blocks it has given.
 * `stamps`: the engine's of each line, while somebody is ahead of the reader and must find out which of them are known.
 */
type Placed = LogBlock & { readonly mark: string; readonly stamps?: readonly string[] }
export type FollowEvent = WrittenLines | Placed | { skipped: number } | { ended: string } | { mark: string }
type From = { readonly tail: number; readonly since: number | null }
type LogPart = {
  readonly tail: number
  readonly since?: number | null | undefined
  readonly until?: number | undefined
  readonly follow?: true
}
type Engine = Pick<Model, 'prefix' | 'engine'>
type Reader = {
  readonly name: string
  readonly fan: FanOut<Placed>
  readonly stop: AbortController
  readonly from: From
  readonly started: Promise<unknown>
  readonly recent: RecentBlocks<Placed>
  count: number
  /** How many came before its first block, and are not behind it yet. */
  ahead: number
  over: string
}
/** One upstream reader a container, however many look at it; none when nobody does. */
export type Follows = {
  /** Resolves when the engine has begun to answer. Begins with a mark, so that whoever reads twice knows where both meet. */
  follow(id: string, tty: boolean, from: From, signal: AbortSignal): Promise<AsyncIterable<FollowEvent>>
  readonly readers: number
}

export function createFollows(model: Engine): Follows {
  const readers = new Map<string, Reader>()
  const forget = (id: string, reader: Reader): void => {
    if (readers.get(id) === reader) readers.delete(id)
  }

  const open = (id: string, tty: boolean, from: From): Reader => {
    const stop = new AbortController()
    const opened = askLog(model, id, { ...from, follow: true }, stop.signal)
    const fan = createFanOut<Placed>(() => {
      stop.abort()
      forget(id, reader)
    })
    const name = randomBytes(8).toString('hex')
    const reader: Reader = { name, fan, stop, from, started: opened, recent: createRecentBlocks(), count: 0, ahead: 0, over: '' }
    readers.set(id, reader)
    const finish = (why: string): void => {
      forget(id, reader)
      reader.over = why
      fan.close()
    }
    opened
      .then((body) => readAll(reader, body, tty))
      .then(
        () => finish('ended'),
        () => finish('lost'),
      )
    return reader
  }

  return {
    get readers() {
      return readers.size
    },
    async follow(id, tty, from, signal) {
      const shared = readers.get(id)
      const reader = shared ?? open(id, tty, from)
      const left = new AbortController()
      const until = AbortSignal.any([signal, left.signal])
      const source = reader.fan.join(until)
      const recent = reader.recent.all()
      const mark = markOf(reader)
      const isAhead = shared !== undefined && recent.length === 0
      if (isAhead) reader.ahead += 1
      try {
        await reader.started
        if (!shared) return eventsOf(reader, { mark }, source)
        const { lines, told } = await headOf({ reader, recent, from, older: () => snapshot(model, id, tty, from, until) })
        if (isAhead)
          return eventsOf(
            reader,
            lines ?? (from.since === null ? { mark } : null),
            after({ reader, known: told, since: from.since }, source),
          )
        return eventsOf(reader, lines ? { ...lines, mark } : { mark }, source)
      } catch (error) {
        left.abort()
        if (isAhead) reader.ahead -= 1
        throw error
      }
    },
  }
}

const markOf = ({ name, count }: Reader): string => `${name}.${count}`

async function readAll(reader: Reader, body: AsyncIterable<Buffer>, tty: boolean): Promise<void> {
  const splitter = createSplitter(tty)
  for await (const chunk of body) {
    give(reader, splitter.push(chunk))
    // Only where all are behind the engine waits: reading on would throw lines away.
    for (let wait = reader.fan.room(); wait; wait = reader.fan.room()) await wait
  }
  give(reader, splitter.end())
}

function give(reader: Reader, raws: readonly RawLine[]): void {
  const block = blockOf(raws)
  if (!block) return
  reader.count += 1
  const placed: Placed = { ...block, mark: markOf(reader), ...(reader.ahead > 0 && { stamps: raws.map(stampOf) }) }
  reader.recent.add(placed)
  reader.fan.give(placed)
}

type Head = { readonly reader: Reader; readonly recent: readonly Placed[]; readonly from: From; readonly older: () => Promise<RawLine[]> }

/** What one who joins later gets first: its own tail, from what the reader has, or the engine too. `told`: stamps of the engine's part. */
async function headOf({ reader, recent, from, older }: Head): Promise<{ lines: WrittenLines | null; told: readonly string[] }> {
  const { tail, since } = from
  const held = recent.reduce((sum, { lines }) => sum + lines, 0)
  const first = recent[0]
  // Of what a reader has yet to give nobody knows how much is too old, unless it was asked for the very same.
  const reach = first
    ? reader.from.tail >= tail && (reader.from.since === null || (since !== null && since >= reader.from.since))
    : reader.from.tail === tail && reader.from.since === since
  const enough = held >= tail || (reader.recent.whole && reach)
  const told = enough ? [] : (await older()).filter((raw) => !first || stampOf(raw) < first.stamp)
  const before = blockOf(told)
  const texts = textsOf([...(before ? [before] : []), ...recent]).slice(-tail)
  const kept = since === null ? texts : texts.filter((text) => Date.parse((JSON.parse(text) as { at: string }).at) >= since * 1_000)
  const last = recent.at(-1) ?? before
  return { lines: kept.length === 0 || !last ? null : writtenLines(kept, last.at), told: told.map(stampOf) }
}

type Ahead = { readonly reader: Reader; readonly known: readonly string[]; readonly since: number | null }

/**
 * A reader's blocks without what is known already, and without what is older: the reader may reach further back than was asked for.
 * Both come from one log, in its order, and end at one line; where they begin differs.
 */
async function* after({ reader, known, since }: Ahead, source: AsyncIterable<FollowEvent>): AsyncIterable<FollowEvent> {
  const first = known[0] ?? (since === null ? '' : new Date(since * 1_000).toISOString().slice(0, 19))
  let next = 0
  const isKnown = (stamp: string): boolean => {
    const at = known.indexOf(stamp, next)
    if (at >= 0) next = at + 1
    return at >= 0 || (next === 0 && stamp < first)
  }
  let met = false
  const meet = (): void => {
    if (!met) reader.ahead -= 1
    met = true
  }
  try {
    for await (const event of source) {
      const stamps = met || !('stamp' in event) ? [] : (event.stamps ?? [])
      const fresh = stamps.findIndex((stamp) => !isKnown(stamp))
      const twice = fresh < 0 ? stamps.length : fresh
      if ('stamp' in event && twice < event.lines) meet()
      if (twice === 0 || !('stamp' in event)) yield event
      else if (met) yield { ...event, ...writtenLines(textsOf([event]).slice(twice), event.at) }
    }
  } finally {
    meet()
  }
}

function stampOf({ bytes }: RawLine): string {
  const end = bytes.indexOf(32)
  return bytes.toString('latin1', 0, end < 0 ? 0 : Math.min(end, 40))
}

async function snapshot(model: Engine, id: string, tty: boolean, from: From, signal: AbortSignal) {
  const splitter = createSplitter(tty)
  const found: RawLine[] = []
  for await (const chunk of (await askLog(model, id, from, signal)) as AsyncIterable<Buffer>) found.push(...splitter.push(chunk))
  return [...found, ...splitter.end()]
}

/** Asks the engine for a log, in the one form in which it is ever asked. */
export function askLog({ prefix, engine }: Engine, id: string, { tail, since, until, follow }: LogPart, signal: AbortSignal) {
  const bounds = `${since == null ? '' : `&since=${since}`}${until === undefined ? '' : `&until=${until}`}${follow ? '&follow=1' : ''}`
  const path = `${prefix()}/containers/${id}/logs?stdout=1&stderr=1&timestamps=1&tail=${tail}${bounds}`
  return engine.stream({ method: 'GET', path, timeoutMs: 5_000 }, signal)
}

async function* eventsOf(reader: Reader, head: FollowEvent | null, source: AsyncIterable<FollowEvent>): AsyncIterable<FollowEvent> {
  if (head) yield head
  yield* source
  if (reader.over !== '') yield { ended: reader.over }
}

/** The same without marks, for a reader that asked for none; with them each block says after itself where it ends. */
export async function* markedOrNot(source: AsyncIterable<FollowEvent>, marks: boolean): AsyncIterable<FollowEvent> {
  for await (const event of source)
    if (marks && 'mark' in event && written in event) yield withMark(event)
    else if (marks || !('mark' in event) || written in event) yield event
}
